import { existsSync } from 'node:fs'
import { LariatError } from '../../util/errors.ts'
import { equalBytes } from '../../util/hex.ts'
import type { CheckedEntry } from '../guardkey.ts'
import { openSeen, readSeen, type Seen, seenPathOf } from '../seen.ts'
import { openDatabase, type SqliteFile } from './database.ts'
import { GUARD_SCHEMA, type GuardTables, guardTables } from './guardTables.ts'

/** An open guard's record that is the one which was here last. */
export interface GuardFile {
  readonly file: SqliteFile
  readonly tables: GuardTables
  /** Remembers that the record is now as new as this entry, or as its generation; call it after the commit. */
  saw(last?: CheckedEntry): void
  close(): void
}

/**
 * Opens the guard's record at `path`: every commit is on disk before it returns (WAL, synchronous=FULL).
 * @param create makes one that is missing, unless the memory beside it says that there was one
 * @throws LariatError `store.missing`, `store.older`, `store.retired`, `store.damaged`, `store.foreign`, `store.version`, `store.failed`
 */
export function openGuardFile(path: string, { create = false }: { readonly create?: boolean } = {}): GuardFile {
  refuseMissing(path, create)
  const opened = openUnchecked(path)
  try {
    const fault = whyNot(opened, path)
    if (fault !== undefined) throw fault
    return opened
  } catch (error) {
    opened.close()
    throw error
  }
}

/** As `openGuardFile`, of a record that is there, whatever is remembered of it and whether or not it is retired. */
export function openUnchecked(path: string): GuardFile & { readonly seen: Seen | undefined } {
  const file = openDatabase(path, GUARD_SCHEMA)
  try {
    const tables = guardTables(file)
    const memory = openSeen(seenPathOf(path))
    let { id: recordId, generation } = file.run(() => tables.record())
    return {
      file,
      tables,
      seen: memory.before,
      saw(last) {
        if (last === undefined) ({ id: recordId, generation } = file.run(() => tables.record()))
        memory.write({ recordId, generation, last: last && { ...last.stream, ...last } })
      },
      close() {
        file.close()
        memory.close()
      },
    }
  } catch (error) {
    file.close()
    throw error
  }
}

/** Why a record that is whole may not be signed with; undefined when it may. */
export function whyNot(opened: GuardFile & { readonly seen: Seen | undefined }, path: string): LariatError | undefined {
  return whyOlder(opened, path) ?? whyRetired(opened, path)
}

function whyRetired({ file, tables }: GuardFile, path: string): LariatError | undefined {
  const { retired_ms } = file.run(() => tables.record())
  if (retired_ms === null) return undefined
  const at = new Date(Number(retired_ms)).toISOString()
  return new LariatError(
    'store.retired',
    `${path} was retired at ${at}, when it was exported for another machine: that one signs now. To come back here, export there with --retire and import that, or see \`lariat guard accept --help\``,
    { path, at },
  )
}

/** Whether the record is not the one that was here last. Begins to remember it when nothing was remembered. */
export function whyOlder(
  { file, tables, seen, saw }: GuardFile & { readonly seen: Seen | undefined },
  path: string,
): LariatError | undefined {
  if (seen === undefined) {
    saw() // the first start with a memory, or one whose memory was lost
    return undefined
  }
  const why = olderThan(seen, { file, tables })
  if (why === undefined) return undefined
  return new LariatError(
    'store.older',
    `${path} is not the record that was here last (${why}): it does not know what was signed since. Put back the newer file, or see \`lariat guard accept --help\``,
    { path, why },
  )
}

/** What shows that the record is older than what is remembered, or another; undefined when nothing does. */
function olderThan(seen: Seen, { file, tables }: Pick<GuardFile, 'file' | 'tables'>): string | undefined {
  return file.run(() => {
    const { id, generation } = tables.record()
    if (!equalBytes(id, seen.recordId)) return 'it is another one'
    if (generation < seen.generation) return `it has seen ${generation} of ${seen.generation} imports`
    const { last } = seen
    if (last === undefined) return undefined
    const row = tables.peek(last)
    if (row !== undefined && last.slot < row.watermark) return undefined
    const found = row && tables.find(row, last.slot, last.attempt)
    // one that a merge has barred is stricter, not older
    if (found !== undefined && (found.payload.length === 0 || equalBytes(found.payload, last.payload))) return undefined
    return `slot ${last.slot}, recorded last, is not in it`
  })
}

function refuseMissing(path: string, create: boolean): void {
  if (existsSync(path) || existsSync(`${path}-wal`)) return // a lone -wal is damage, which openDatabase names
  const known = readSeen(seenPathOf(path)) !== undefined
  if (create && !known) return
  throw new LariatError(
    'store.missing',
    known
      ? `${path} is missing, and ${seenPathOf(path)} remembers it: an empty record forgets what was signed. Put the file back, import what was exported (lariat guard import), or see \`lariat guard accept --help\``
      : `${path} is missing: make the guard's record with \`lariat guard create\` before its key is registered; if there was one, put it back`,
    { path },
  )
}
