import { bls12_381 } from '@noble/curves/bls12-381.js'
import type { PublicKey, Signature } from './keys.ts'
import { POSSESSION_TAG } from './tags.ts'

/**
 * True when `proof` is the signature of `publicKey`'s owner over `digest` (32 bytes, `registrationDigest`) under the
 * proof-of-possession tag. With @noble/curves, as blst signs and verifies under one fixed tag: 50 ms.
 */
export function verifyPossession(digest: Uint8Array, publicKey: PublicKey, proof: Signature): boolean {
  const { longSignatures, G1, G2 } = bls12_381
  return longSignatures.verify(
    G2.Point.fromBytes(proof.toBytes(true)),
    longSignatures.hash(digest, POSSESSION_TAG),
    G1.Point.fromBytes(publicKey.toBytes(true)),
  )
}
