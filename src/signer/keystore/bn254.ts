import { deriveBn254Key } from '../../bls/secret/bn254.ts'
import { registrarKeyHash } from '../../chain/keyRegistration.ts'
import { bytesToHex, equalBytes, hexToBytes } from '../../util/hex.ts'
import type { Log } from '../../util/log.ts'
import type { Secret } from '../../util/secret.ts'
import { createEip2335, openEip2335 } from './eip2335.ts'
import type { KdfStrength, KeystoreLocation } from './files.ts'

/**
 * EIP-2335 wants 48 bytes of public key, those of BLS12-381. A BN254 key puts these 16 before the 32 of its hash; no point of
 * BLS12-381 begins like that, so that neither kind of key passes for the other.
 */
const LABEL = new TextEncoder().encode('lariat-bn254-key')

/**
 * Decrypts the keystore of a BN254 key: EIP-2335 with a `pubkey` of its own.
 * @returns the secret key, 32 bytes
 * @throws LariatError `keystore.missing-file`, `keystore.missing-password`, `keystore.wrong-password`, `keystore.invalid`, `keystore.mismatch`
 */
export function openBn254Keystore(location: KeystoreLocation, log: Log): Promise<Secret<Uint8Array>> {
  return openEip2335(location, 'BN254 key', matches, log)
}

/** Encrypts `secret` into a new keystore (mode 0600). @throws LariatError `file.exists`, `bn254.invalid-secret` */
export async function createBn254Keystore(options: {
  readonly file: string
  readonly password: Secret<string>
  /** BN254 secret key, 32 bytes. */
  readonly secret: Secret<Uint8Array>
  readonly strength: KdfStrength
}): Promise<void> {
  const publicKey = labelOf(options.secret.reveal())
  await createEip2335({ ...options, publicKey, description: 'lariat BN254 key for an AVS' })
}

/** What the keystore of `secret` states as `pubkey`, 48 bytes. @throws LariatError `bn254.invalid-secret` */
export function bn254Label(secret: Secret<Uint8Array>): Uint8Array {
  return labelOf(secret.reveal())
}

/** Whether a keystore's `pubkey` is that of a BN254 key. */
export function isBn254Label(pubkey: Uint8Array): boolean {
  return equalBytes(pubkey.subarray(0, LABEL.length), LABEL)
}

function matches(secret: Uint8Array, pubkey: string | undefined): boolean {
  try {
    return pubkey !== undefined && equalBytes(labelOf(secret), Buffer.from(pubkey.replace(/^0x/, ''), 'hex'))
  } catch {
    return false
  }
}

function labelOf(secret: Uint8Array): Uint8Array {
  return Buffer.concat([LABEL, hexToBytes(registrarKeyHash('bn254', bytesToHex(deriveBn254Key(secret))))])
}
