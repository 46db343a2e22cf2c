import { listLimit, MAX_STORED_INTEGER } from '../limits.ts'
import type { SqliteFile } from './database.ts'

/** Keeps the highest slots of each service of one table. */
export interface Bound {
  /** Runs `insert`, which tells whether it added a row, and drops the lowest slots beyond the limit, in one transaction. */
  add(service: string, insert: () => boolean): void
}

/** @param limit rows of one service, ≥ 1 */
export function bounded(file: SqliteFile, table: 'journal' | 'certificate', limit: number): Bound {
  const count = file.database.prepare<[string], bigint>(`SELECT count(*) FROM ${table} WHERE service = ?`).pluck()
  const drop = file.database.prepare(
    `DELETE FROM ${table} WHERE service = ? AND slot IN (SELECT slot FROM ${table} WHERE service = ? ORDER BY slot LIMIT ?)`,
  )
  /** Counting rows is a scan, so it is done once a service. */
  const sizes = new Map<string, number>()
  const transaction = file.database.transaction((service: string, insert: () => boolean) => {
    const before = sizes.get(service) ?? Number(count.get(service))
    const size = before + (insert() ? 1 : 0)
    if (size > limit) drop.run(service, service, size - limit)
    sizes.set(service, Math.min(size, limit))
  })
  return {
    add(service, insert) {
      file.run(() => {
        try {
          transaction.immediate(service, insert)
        } catch (error) {
          sizes.delete(service) // what was rolled back is not to be counted
          throw error
        }
      })
    },
  }
}

/** Arguments of `… WHERE service = ? AND slot BETWEEN ? AND ? ORDER BY slot DESC LIMIT ?`. */
export function listArguments(query: {
  service: string
  fromSlot?: bigint
  toSlot?: bigint
  limit: number
}): [string, bigint, bigint, number] {
  const { service, fromSlot = 0n, limit } = query
  let { toSlot = MAX_STORED_INTEGER } = query
  if (fromSlot > MAX_STORED_INTEGER || toSlot < 0n) return [service, 1n, 0n, 0]
  if (toSlot > MAX_STORED_INTEGER) toSlot = MAX_STORED_INTEGER // SQLite takes no larger integer
  return [service, fromSlot < 0n ? 0n : fromSlot, toSlot, listLimit(limit)]
}
