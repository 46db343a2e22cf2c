import { keccak256 } from 'viem'
import { type Hex, hexToBytes } from '../../util/hex.ts'

/** Bytes of a block's bloom filter. */
const BLOOM_BYTES = 256

/**
 * Whether a block with this bloom may hold a log with `value` as its address or one of its topics. A no is certain: the
 * header commits to the bloom, and every log sets three bits for each of them (yellow paper, 4.3.1).
 */
export function mayContain(bloom: Uint8Array, value: Hex): boolean {
  const hash = hexToBytes(keccak256(value))
  for (const at of [0, 2, 4]) {
    const bit = (((hash[at] ?? 0) << 8) | (hash[at + 1] ?? 0)) & 2047
    const byte = bloom[BLOOM_BYTES - 1 - (bit >> 3)] ?? 0
    if ((byte & (1 << (bit & 7))) === 0) return false
  }
  return true
}

/** The bloom of one receipt or block: the bits of these addresses and topics. */
export function bloomOf(values: readonly Hex[]): Uint8Array {
  const bloom = new Uint8Array(BLOOM_BYTES)
  for (const value of values) {
    const hash = hexToBytes(keccak256(value))
    for (const at of [0, 2, 4]) {
      const bit = (((hash[at] ?? 0) << 8) | (hash[at + 1] ?? 0)) & 2047
      const byte = BLOOM_BYTES - 1 - (bit >> 3)
      bloom[byte] = (bloom[byte] ?? 0) | (1 << (bit & 7))
    }
  }
  return bloom
}
