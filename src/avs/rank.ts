import { keccak_256 } from '@noble/hashes/sha3.js'
import { concatBytes } from '@noble/hashes/utils.js'
import type { EpochTable } from '../types/epoch.ts'
import { bigToBytes, bytesToBig, type Hex, hexToBytes } from '../util/hex.ts'

/**
 * The order of an epoch's rows for one slot: drawn without replacement, each with a chance in proportion to its weight,
 * from keccak256(service ‖ slot ‖ draw). Whoever knows the table computes the same order. The row at `attempt` leads that
 * attempt; the order of submission is the same. Revoked rows are left out.
 * @param length how many ranks are wanted; all when left out
 */
export function ranking(table: EpochTable, service: Hex, slot: bigint, length = table.members.length): number[] {
  const rest = table.members
    .filter((member) => !table.revoked.has(member.index))
    .map((member) => ({ row: member.index, weight: member.weight }))
  let total = rest.reduce((sum, { weight }) => sum + weight, 0n)
  const seed = concatBytes(hexToBytes(service), bigToBytes(slot, 8))
  const order: number[] = []
  for (let draw = 0n; order.length < length && total > 0n; draw++) {
    // 256 random bits over a sum of at most 64: the bias is below 2^-190
    let point = bytesToBig(keccak_256(concatBytes(seed, bigToBytes(draw, 8)))) % total
    const at = rest.findIndex(({ weight }) => {
      if (point < weight) return true
      point -= weight
      return false
    })
    const [picked] = rest.splice(at, 1)
    if (picked === undefined) break
    order.push(picked.row)
    total -= picked.weight
  }
  return order
}

/** How many nodes are asked directly to add up the partials of one attempt: the leader, and one more in case it is down. */
export const AGGREGATORS = 2

/** Rows that add up the partials of `attempt`. */
export function aggregatorsOf(order: readonly number[], attempt: number): number[] {
  const rows: number[] = []
  for (let i = 0; i < Math.min(AGGREGATORS, order.length); i++) {
    const row = order[(attempt + i) % order.length]
    if (row !== undefined) rows.push(row)
  }
  return rows
}

/** Row that leads `attempt`; undefined for an empty order. */
export function leaderOf(order: readonly number[], attempt: number): number | undefined {
  return order.length === 0 ? undefined : order[attempt % order.length]
}
