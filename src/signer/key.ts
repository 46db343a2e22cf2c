import { publicKeyToBytes } from '../bls/keys.ts'
import { derivePublicKey, signerOf } from '../bls/secret/key.ts'
import type { Secret } from '../util/secret.ts'
import type { Guard, GuardReceipt } from './guard.ts'

/** A BLS key that signs only what its guard has recorded. */
export interface GuardedKey {
  /** G1, uncompressed, 96 bytes. */
  readonly publicKey: Uint8Array
  /** G2, compressed, 96 bytes. @throws LariatError `guard.forged-receipt` */
  sign(receipt: GuardReceipt): Uint8Array
}

/** @param secret 32 bytes. @throws LariatError `bls.invalid-secret` */
export function guardedKey(secret: Secret<Uint8Array>, guard: Guard): GuardedKey {
  const sign = signerOf(secret.reveal())
  return {
    publicKey: publicKeyToBytes(derivePublicKey(secret.reveal())),
    sign: (receipt) => sign(guard.redeem(receipt)),
  }
}
