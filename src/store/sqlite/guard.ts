import { bytesToHex } from '../../util/hex.ts'
import { grouped } from '../group.ts'
import { type CheckedEntry, type CheckedStream, checkEntry, streamChecker } from '../guardkey.ts'
import { checkInteger } from '../limits.ts'
import type { GuardOutcome, GuardRecord, GuardStore } from '../store.ts'
import { openGuardFile } from './guardFile.ts'
import type { SignedRow } from './guardTables.ts'

/** Outcome of an entry that came alone and was new. */
const ALONE: readonly GuardOutcome[] = ['recorded']

/**
 * Opens the guard's record: a file of its own, on disk before a promise resolves (WAL, synchronous=FULL), with beside it a
 * memory of how new it is.
 * @param options `create` makes one that is missing, unless there is a memory of one
 * @throws LariatError `store.missing`, `store.older`, `store.retired`, `store.damaged`, `store.foreign`, `store.version`, `store.failed`
 */
export function openGuardStore(path: string, options: { readonly create?: boolean } = {}): GuardStore {
  const { file, tables, saw, close } = openGuardFile(path, options)
  const db = file.database
  const checkStream = streamChecker()
  /** Of streams that are on disk: a stream made by a commit that failed would not be there. */
  const ids = new WeakMap<CheckedStream, bigint>()

  const commit = db.transaction((entries: readonly CheckedEntry[]) =>
    entries.map((entry) => tables.insert(entry, ids.get(entry.stream))),
  )
  const prune = db.transaction((key: CheckedStream, slot: bigint) => {
    const row = tables.stream(key, true)
    if (row !== undefined) tables.prune(row, slot)
  })
  const probe = db.transaction(tables.probe)

  const group = grouped((entries: readonly CheckedEntry[]): readonly GuardOutcome[] => {
    const outcomes = file.run(() => (insertAlone(entries) ? ALONE : commit.immediate(entries)))
    const last = outcomes.lastIndexOf('recorded')
    if (last >= 0) saw(entries[last])
    for (const { stream } of entries) if (!ids.has(stream)) remember(stream)
    return outcomes
  })

  /** One new entry needs no transaction around its statement, which is one: it checks and inserts. */
  function insertAlone([entry, second]: readonly CheckedEntry[]): boolean {
    if (entry === undefined || second !== undefined) return false
    const id = ids.get(entry.stream)
    return id !== undefined && tables.insertNew(id, entry)
  }

  function remember(stream: CheckedStream): void {
    const row = file.run(() => tables.stream(stream, false))
    if (row !== undefined) ids.set(stream, row.id)
  }

  return {
    // async, so that what cannot be recorded rejects, and fails nobody else's commit
    async checkAndInsert(key, epoch, payload, digest) {
      return group.add(checkEntry(key, epoch, payload, digest, checkStream(key)))
    },
    find(key) {
      const checked = checkStream(key)
      const slot = checkInteger('slot', key.slot)
      return file.run(() => {
        const row = tables.stream(checked, false)
        const found = row && tables.find(row, slot, key.attempt)
        return found && toRecord(found)
      })
    },
    watermark(key) {
      const checked = checkStream(key)
      return file.run(() => tables.stream(checked, false)?.watermark ?? 0n)
    },
    prune(key, slot) {
      const checked = checkStream(key)
      checkInteger('watermark', slot)
      file.run(() => prune.immediate(checked, slot))
    },
    floor: () => file.run(() => Number(tables.record().floor_ms)),
    probe: () => file.run(() => probe.immediate()),
    close,
  }
}

export function toRecord({ epoch, payload, digest }: SignedRow): GuardRecord {
  const barred = payload.length === 0
  return { epoch, payload: barred ? null : bytesToHex(payload), digest: barred ? null : bytesToHex(digest) }
}
