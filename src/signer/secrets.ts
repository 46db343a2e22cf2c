import { randomBytes } from 'node:crypto'
import { publicKeyToBytes } from '../bls/keys.ts'
import { derivePublicKey, secretFromEntropy } from '../bls/secret/key.ts'
import { Secret } from '../util/secret.ts'

/** A fresh BLS secret key, 32 bytes. */
export function generateBlsSecret(): Secret<Uint8Array> {
  return new Secret(secretFromEntropy(randomBytes(32)))
}

/** The BLS secret key that belongs to `seed` (at least 32 bytes) by EIP-2333's HKDF: for tests, benches and simulations. */
export function blsSecretFromSeed(seed: Uint8Array): Secret<Uint8Array> {
  return new Secret(secretFromEntropy(seed))
}

/** Public key of `secret`: G1, uncompressed, 96 bytes. @throws LariatError `bls.invalid-secret` */
export function blsPublicKey(secret: Secret<Uint8Array>): Uint8Array {
  return publicKeyToBytes(derivePublicKey(secret.reveal()))
}
