import { expand_message_xmd } from '@noble/curves/abstract/hash-to-curve.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { roundMessage } from './rounds.ts'
import { type G1, library } from './start.ts'

/** drand's scheme bls-unchained-g1-rfc9380. */
export const ROUND_TAG = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_'
const TAG = utf8ToBytes(ROUND_TAG)
/** Bytes of randomness for one field element, RFC 9380 section 5.1: ⌈(381 + 128) / 8⌉. */
const WIDE = 64
/** Rounds whose point is kept: the current one is hashed for signing, for the check of the result, and for that of partials. */
const MAX_KEPT = 8

const kept = new Map<bigint, G1>()

/** RFC 9380 hash_to_curve of BLS12381G1_XMD:SHA-256_SSWU_RO_ under drand's tag, which mcl itself cannot be given. */
export function hashToG1(message: Uint8Array): G1 {
  const { Fp, add } = library()
  const wide = expand_message_xmd(message, TAG, 2 * WIDE, sha256)
  const [u0, u1] = [new Fp(), new Fp()]
  u0.setBigEndianMod(wide.subarray(0, WIDE))
  u1.setBigEndianMod(wide.subarray(WIDE))
  return add(u0.mapToG1(), u1.mapToG1())
}

/** The point that a round's signature is a multiple of. */
export function hashRound(round: bigint): G1 {
  const known = kept.get(round)
  if (known !== undefined) return known
  const point = hashToG1(roundMessage(round))
  for (const oldest of kept.keys()) {
    if (kept.size < MAX_KEPT) break
    kept.delete(oldest)
  }
  kept.set(round, point)
  return point
}

/** Computes the point of a round ahead of its time, 1 ms: its message is known to everybody, so this gives nothing away. */
export function prepareRound(round: bigint): void {
  hashRound(round)
}
