import { randomBytes } from 'node:crypto'
import { BN254_ENTROPY_BYTES, bn254SecretFromEntropy, deriveBn254Key, signBn254 } from '../bls/secret/bn254.ts'
import { keyRegistrationDigest, type RegistrarKeyKind, type RegistrationSubject } from '../chain/keyRegistration.ts'
import { bytesToHex, type Hex, hexToBytes } from '../util/hex.ts'
import type { Log } from '../util/log.ts'
import { Secret } from '../util/secret.ts'
import { openEcdsaAccount } from './ecdsa.ts'
import { openBn254Keystore } from './keystore/bn254.ts'
import type { KeystoreLocation } from './keystore/files.ts'

/** A key for an AVS's own signatures, as far as registering it goes: it signs its registration and nothing else here. */
export interface RegistrarKey {
  readonly kind: RegistrarKeyKind
  /** As `KeyRegistrar.registerKey` takes it: 192 bytes of a BN254 key, or the 20 bytes of an ECDSA key's address. */
  readonly keyData: Hex
  /**
   * The proof that the operator of `subject` has this key. The digest is made here, from the subject, so that no provider
   * can have something else signed; it names operator, AVS, set and registrar, and is no statement, so it needs no guard.
   */
  prove(subject: RegistrationSubject): Promise<Hex>
}

/** A fresh BN254 secret key, 32 bytes. */
export function generateBn254Secret(): Secret<Uint8Array> {
  return new Secret(bn254SecretFromEntropy(randomBytes(BN254_ENTROPY_BYTES)))
}

/** Key data of `secret`, 192 bytes. @throws LariatError `bn254.invalid-secret` */
export function bn254KeyData(secret: Secret<Uint8Array>): Uint8Array {
  return deriveBn254Key(secret.reveal())
}

/** @throws LariatError `keystore.…` */
export async function openRegistrarKey(
  kind: RegistrarKeyKind,
  location: KeystoreLocation,
  log: Log,
): Promise<RegistrarKey> {
  if (kind === 'bn254') {
    const secret = await openBn254Keystore(location, log)
    const keyData = bytesToHex(bn254KeyData(secret))
    return {
      kind,
      keyData,
      prove: async (subject) =>
        bytesToHex(signBn254(secret.reveal(), hexToBytes(keyRegistrationDigest(kind, keyData, subject)))),
    }
  }
  const account = await openEcdsaAccount(location, log)
  const { address, sign } = account
  const keyData = address.toLowerCase() as Hex
  if (sign === undefined) throw new TypeError('a local account signs hashes')
  return { kind, keyData, prove: (subject) => sign({ hash: keyRegistrationDigest(kind, keyData, subject) }) }
}
