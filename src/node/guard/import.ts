import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { MAX_FILE_BYTES } from '../../signer/interchange/format.ts'
import { type Interchange, parseInterchange } from '../../signer/interchange/parse.ts'
import { type MergedStream, mergeGuard, readGuard } from '../../store/sqlite/guardArchive.ts'
import { LariatError } from '../../util/errors.ts'
import { makeGuard } from './open.ts'
import { type GuardPlace, guardPath, withStoppedNode } from './place.ts'

export interface ImportOptions extends GuardPlace {
  readonly file: string
  /** Says what would be done, and does nothing. */
  readonly dryRun?: boolean
}

export interface Imported {
  readonly path: string
  readonly file: Pick<Interchange, 'exportedAt' | 'recordId' | 'retired'>
  readonly streams: readonly MergedStream[]
  /** Whether this record may be signed with: it may not when it was retired, and the file does not hand over to it. */
  readonly retired: boolean
}

/**
 * Merges an interchange file into the record, made if there is none, and keeps the stricter everywhere.
 * @throws LariatError `interchange.…`, `guard.foreign-domain`, `store.locked`, `store.older`, `store.missing`, `store.…`
 */
export async function importGuard(options: ImportOptions): Promise<Imported> {
  const { dryRun = false } = options
  const path = await guardPath(options)
  const interchange = await readInterchange(options.file)
  const { exportedAt, recordId, retired, notBeforeMs, streams } = interchange
  return withStoppedNode(path, () => {
    if (!existsSync(path)) {
      if (dryRun)
        throw new LariatError(
          'store.missing',
          `${path} is missing: a file can be imported, it makes the record; a dry run cannot`,
        )
      makeGuard(path)
    }
    const before = factsOf(path)
    // a record does not take over from itself: another machine may have done so by the same file
    const takeOver = retired && recordId !== before.id
    const merged = mergeGuard(path, { streams, floorMs: notBeforeMs, takeOver, dryRun })
    return {
      path,
      file: { exportedAt, recordId, retired },
      streams: merged,
      retired: before.retiredMs !== undefined && !takeOver,
    }
  })
}

/** @throws LariatError `interchange.…` */
export async function readInterchange(file: string): Promise<Interchange> {
  const size = await stat(file).then(
    (found) => found.size,
    (error: unknown) => {
      throw new LariatError('interchange.invalid', `${file} cannot be read: name an existing file`, { file }, error)
    },
  )
  // before it is read: what is larger is refused by parseInterchange, which says how to mend it
  const content = size > MAX_FILE_BYTES ? new Uint8Array(MAX_FILE_BYTES + 1) : await readFile(file)
  return parseInterchange(content, file)
}

function factsOf(path: string) {
  const reader = readGuard(path)
  try {
    return reader.record()
  } finally {
    reader.close()
  }
}
