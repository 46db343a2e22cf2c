import { bn254 } from '@noble/curves/bn254.js'
import { LariatError } from '../../util/errors.ts'
import { bigToBytes, bytesToBig } from '../../util/hex.ts'
import { BN254_ORDER, encodeBn254G1, encodeBn254Key, hashToBn254G1 } from '../bn254.ts'

/** Entropy of a fresh key: 16 bytes beyond the order's 32, so that the remainder is not biased. */
export const BN254_ENTROPY_BYTES = 48

/** A secret key, 32 bytes, from `BN254_ENTROPY_BYTES` random ones. */
export function bn254SecretFromEntropy(entropy: Uint8Array): Uint8Array {
  if (entropy.length < BN254_ENTROPY_BYTES) throw new RangeError(`${entropy.length} bytes of entropy are too few`)
  return bigToBytes((bytesToBig(entropy) % (BN254_ORDER - 1n)) + 1n, 32)
}

/** Key data of `secret` (32 bytes), 192 bytes. @throws LariatError `bn254.invalid-secret` */
export function deriveBn254Key(secret: Uint8Array): Uint8Array {
  const scalar = load(secret)
  return encodeBn254Key(bn254.G1.Point.BASE.multiply(scalar), bn254.G2.Point.BASE.multiply(scalar))
}

/** Signature of `digest` (32 bytes): its hash to G1 times the secret, 64 bytes. @throws LariatError `bn254.invalid-secret` */
export function signBn254(secret: Uint8Array, digest: Uint8Array): Uint8Array {
  return encodeBn254G1(hashToBn254G1(digest).multiply(load(secret)))
}

/** The error never carries the secret. */
function load(secret: Uint8Array): bigint {
  const scalar = bytesToBig(secret)
  if (secret.length === 32 && scalar > 0n && scalar < BN254_ORDER) return scalar
  throw new LariatError('bn254.invalid-secret', 'BN254 secret key refused: it is not 32 bytes of a number in [1, r)')
}
