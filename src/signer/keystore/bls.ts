import { publicKeyFromBytes } from '../../bls/keys.ts'
import { derivePublicKey } from '../../bls/secret/key.ts'
import { equalBytes } from '../../util/hex.ts'
import type { Log } from '../../util/log.ts'
import type { Secret } from '../../util/secret.ts'
import { createEip2335, openEip2335 } from './eip2335.ts'
import type { KdfStrength, KeystoreLocation } from './files.ts'

/**
 * Decrypts the EIP-2335 keystore of a BLS key, for up to a second, in a thread of its own.
 * @returns the BLS secret key, 32 bytes
 * @throws LariatError `keystore.missing-file`, `keystore.missing-password`, `keystore.wrong-password`, `keystore.invalid`, `keystore.mismatch`
 */
export function openBlsKeystore(location: KeystoreLocation, log: Log): Promise<Secret<Uint8Array>> {
  return openEip2335(location, 'BLS key', matches, log)
}

/**
 * Encrypts `secret` into a new EIP-2335 keystore (mode 0600).
 * @throws LariatError `file.exists`, `bls.invalid-secret`
 */
export async function createBlsKeystore(options: {
  readonly file: string
  readonly password: Secret<string>
  /** BLS secret key, 32 bytes. */
  readonly secret: Secret<Uint8Array>
  readonly strength: KdfStrength
  readonly description?: string
  /** EIP-2334 path that it was derived along. */
  readonly path?: string | undefined
}): Promise<void> {
  const { description = 'lariat BLS key', ...rest } = options
  const publicKey = derivePublicKey(options.secret.reveal()).toBytes(true)
  await createEip2335({ ...rest, publicKey, description })
}

function matches(secret: Uint8Array, pubkey: string | undefined): boolean {
  try {
    const derived = derivePublicKey(secret).toBytes(true)
    const stated = pubkey === undefined ? derived : publicKeyFromBytes(Buffer.from(pubkey, 'hex')).toBytes(true)
    return equalBytes(derived, stated)
  } catch {
    return false
  }
}
