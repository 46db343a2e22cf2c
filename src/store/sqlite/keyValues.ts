import {
  checkEntrySize,
  checkSpec,
  type KeyValueEntry,
  type KeyValueStore,
  type KeyValueStores,
  refuseNewer,
  type StoreSpec,
} from '../keyValue.ts'
import { listLimit } from '../limits.ts'
import type { SqliteFile } from './database.ts'

interface Row {
  readonly key: Buffer
  readonly value: Buffer
}

/** Bounds of `list` where none are given: no key is empty, and none is as long as this. */
const LOWEST = Buffer.alloc(0)
const HIGHEST = Buffer.alloc(65, 0xff)

/** Services' stores in the tables `service_store` and `service_entry`. */
export function sqliteKeyValues(file: SqliteFile): KeyValueStores {
  const { database } = file
  const find = database.prepare<[string, string], { id: bigint; version: bigint }>(
    'SELECT id, version FROM service_store WHERE service = ? AND name = ?',
  )
  const add = database.prepare('INSERT INTO service_store (service, name, version) VALUES (?, ?, ?)')
  const mark = database.prepare('UPDATE service_store SET version = ? WHERE id = ?')
  const empty = database.prepare('DELETE FROM service_entry WHERE store = ?')
  const opening = database.transaction((service: string, name: string, { version }: StoreSpec): bigint => {
    const found = find.get(service, name)
    if (found === undefined) return BigInt(add.run(service, name, version).lastInsertRowid)
    refuseNewer(name, Number(found.version), version)
    if (found.version < version) {
      empty.run(found.id)
      mark.run(version, found.id)
    }
    return found.id
  })
  return {
    open(service, name, spec) {
      checkSpec(name, spec)
      const id = file.run(() => opening.immediate(service, name, spec))
      return storeOf(file, id, name, spec)
    },
  }
}

function storeOf(file: SqliteFile, id: bigint, name: string, spec: StoreSpec): KeyValueStore {
  const { database } = file
  const select = database.prepare<[bigint, Uint8Array], Row>(
    'SELECT key, value FROM service_entry WHERE store = ? AND key = ?',
  )
  const insert = database.prepare('INSERT OR IGNORE INTO service_entry (store, key, value) VALUES (?, ?, ?)')
  const update = database.prepare('UPDATE service_entry SET value = ? WHERE store = ? AND key = ?')
  const remove = database.prepare('DELETE FROM service_entry WHERE store = ? AND key = ?')
  const dropLowest = database.prepare(
    `DELETE FROM service_entry WHERE store = ?
       AND key IN (SELECT key FROM service_entry WHERE store = ? ORDER BY key LIMIT ?)`,
  )
  const range = (order: 'ASC' | 'DESC') =>
    database.prepare<[bigint, Uint8Array, Uint8Array, number], Row>(
      `SELECT key, value FROM service_entry WHERE store = ? AND key BETWEEN ? AND ? ORDER BY key ${order} LIMIT ?`,
    )
  const [ascending, descending] = [range('ASC'), range('DESC')]
  const count = database.prepare<[bigint], bigint>('SELECT count(*) FROM service_entry WHERE store = ?').pluck()
  /** Counting rows is a scan, so it is done once; undefined after a failure. */
  let size: number | undefined
  const counted = () => {
    size ??= Number(file.run(() => count.get(id)) ?? 0n)
    return size
  }
  const putting = database.transaction((key: Uint8Array, value: Uint8Array, before: number): number => {
    const added = insert.run(id, key, value).changes
    if (added === 0) update.run(value, id, key)
    const now = before + added
    if (now <= spec.maxEntries) return now
    dropLowest.run(id, id, now - spec.maxEntries)
    return spec.maxEntries
  })

  return {
    get(key) {
      const row = file.run(() => select.get(id, key))
      return row === undefined ? undefined : Uint8Array.from(row.value)
    },
    put(key, value) {
      checkEntrySize(name, spec, key, value)
      const before = counted()
      try {
        size = file.run(() => putting.immediate(key, value, before))
      } catch (error) {
        size = undefined
        throw error
      }
    },
    delete(key) {
      const before = counted()
      const removed = file.run(() => remove.run(id, key)).changes
      size = before - removed
      return removed > 0
    },
    list({ from = LOWEST, to = HIGHEST, limit, reverse = false }) {
      const rows = file.run(() => (reverse ? descending : ascending).all(id, from, to, listLimit(limit)))
      return rows.map(({ key, value }): KeyValueEntry => ({ key: Uint8Array.from(key), value: Uint8Array.from(value) }))
    },
    get size() {
      return counted()
    },
  }
}
