import { sha256 } from '@noble/hashes/sha2.js'
import { bigToBytes } from '../../util/hex.ts'
import type { Schedule } from './types.ts'

/** Rounds are uint64 on the wire and in the message. */
export const MAX_ROUND = 0xffff_ffff_ffff_ffffn

/** When `round` (≥ 1) is, ms since the epoch. */
export function roundTime({ genesis, period }: Schedule, round: bigint): number {
  return Number(genesis + (round - 1n) * BigInt(period)) * 1_000
}

/** The newest round at `time` (ms since the epoch); 0 before genesis. */
export function roundAt({ genesis, period }: Schedule, time: number): bigint {
  const since = BigInt(Math.floor(time / 1_000)) - genesis
  return since < 0n ? 0n : since / BigInt(period) + 1n
}

/** What is signed: SHA-256 of the round as u64, big-endian. @throws RangeError unless 1 ≤ round < 2^64 */
export function roundMessage(round: bigint): Uint8Array {
  if (round < 1n || round > MAX_ROUND) throw new RangeError(`${round} is no round`)
  return sha256(bigToBytes(round, 8))
}

/** The randomness of a round: SHA-256 of its signature (48 bytes, compressed). */
export function randomness(signature: Uint8Array): Uint8Array {
  return sha256(signature)
}
