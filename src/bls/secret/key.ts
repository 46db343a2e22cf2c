import { SecretKey } from '@chainsafe/bls/blst-native'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { LariatError } from '../../util/errors.ts'
import { decodeSignature, type PublicKey, publicKeyFromBytes, type Signature } from '../keys.ts'
import { POSSESSION_TAG } from '../tags.ts'

/** Scalar of the BLS12-381 group order, big-endian, bytes. */
export const SECRET_KEY_BYTES = 32

/** Throws LariatError `bls.invalid-secret` unless `secret` is 32 bytes and in [1, r). The error never carries it. */
function load(secret: Uint8Array): SecretKey {
  if (secret.length === SECRET_KEY_BYTES) {
    try {
      return SecretKey.fromBytes(secret)
    } catch {
      // No cause: the library's message is not ours to vouch for.
    }
  }
  throw new LariatError('bls.invalid-secret', 'BLS secret key refused: it is not 32 bytes of a number in [1, r)')
}

/** The public key of `secret` (32 bytes, big-endian). @throws LariatError `bls.invalid-secret` */
export function derivePublicKey(secret: Uint8Array): PublicKey {
  return publicKeyFromBytes(load(secret).toPublicKey().toBytes())
}

/** A function that signs digests (32 bytes) under the signing tag: G2 compressed, 96 bytes. 0.5 ms a call. */
export function signerOf(secret: Uint8Array): (digest: Uint8Array) => Uint8Array {
  const key = load(secret)
  return (digest) => key.sign(digest).toBytes()
}

/**
 * Proof of possession: signs `digest` (32 bytes, `registrationDigest`) under the proof-of-possession tag, which blst
 * cannot be given. 30 ms, once in a key's life.
 * @throws LariatError `bls.invalid-secret`
 */
export function provePossession(secret: Uint8Array, digest: Uint8Array): Signature {
  load(secret)
  const { longSignatures } = bls12_381
  return decodeSignature(longSignatures.sign(longSignatures.hash(digest, POSSESSION_TAG), secret).toBytes(true))
}

/** A fresh secret key from at least 32 random bytes by EIP-2333's HKDF, 32 bytes. */
export function secretFromEntropy(entropy: Uint8Array): Uint8Array {
  return SecretKey.fromKeygen(entropy).toBytes()
}
