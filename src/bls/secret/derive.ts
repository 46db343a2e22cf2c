import { SecretKey } from '@chainsafe/blst'

/** Children that a key can have, EIP-2333. */
const MAX_CHILD = 2 ** 32 - 1
/** Bytes of seed that EIP-2333 demands. */
const MIN_SEED_BYTES = 32

/**
 * The secret key at `path` of the tree over `seed`, EIP-2333.
 * @param seed at least 32 bytes
 * @param path child numbers from the master key down; none for the master key itself
 * @returns 32 bytes
 */
export function deriveFromSeed(seed: Uint8Array, path: readonly number[]): Uint8Array {
  if (seed.length < MIN_SEED_BYTES) throw new RangeError(`${seed.length} bytes of seed are too few`)
  let key = SecretKey.deriveMasterEip2333(seed)
  for (const child of path) {
    if (!Number.isInteger(child) || child < 0 || child > MAX_CHILD) throw new RangeError(`there is no child ${child}`)
    key = key.deriveChildEip2333(child)
  }
  return key.toBytes()
}
