import { secp256k1 } from '@noble/curves/secp256k1.js'
import type { LocalAccount } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { createFile } from '../util/create.ts'
import { type Address, bytesToHex } from '../util/hex.ts'
import type { Log } from '../util/log.ts'
import { Secret } from '../util/secret.ts'
import { keystoreError } from './keystore/errors.ts'
import { type KdfStrength, type KeystoreLocation, parseJson, readKeyFile } from './keystore/files.ts'
import { placeOf, readPassword, warnOfMode } from './keystore/password.ts'
import { decryptV3, encryptV3, parseV3, type ScryptCost } from './keystore/v3.ts'

/** `strong` is what ethers writes; viem's own default cannot be opened by ethers. */
const SCRYPT_COST: Readonly<Record<KdfStrength, ScryptCost>> = {
  strong: { n: 131_072, r: 8, p: 1 },
  devnet: { n: 1_024, r: 8, p: 1 },
}

/**
 * The account whose key lies in a v3 keystore; its key never leaves the account's closure.
 * @throws LariatError `keystore.missing-file`, `keystore.missing-password`, `keystore.wrong-password`, `keystore.invalid`, `keystore.mismatch`
 */
export async function openEcdsaAccount(location: KeystoreLocation, log: Log): Promise<LocalAccount> {
  return toAccount(location.keystore, await openEcdsaSecret(location, log))
}

/** The secret key in a v3 keystore, 32 bytes. @throws LariatError as `openEcdsaAccount` */
export async function openEcdsaSecret(location: KeystoreLocation, log: Log): Promise<Secret<Uint8Array>> {
  const file = location.keystore
  const { text, mode } = await readKeyFile(
    file,
    'keystore.missing-file',
    'name the v3 keystore of the operator’s account as keystore',
  )
  warnOfMode(file, mode, 'keystore', log)
  const keystore = parseV3(file, parseJson(file, text))
  const secret = await decryptV3(keystore, await readPassword(location, file, log))
  if (secret === undefined) {
    throw keystoreError('keystore.wrong-password', file, `${placeOf(location)} does not open it`)
  }
  const { address } = toAccount(file, secret)
  const stated = keystore.address?.replace(/^0x/, '').toLowerCase()
  if (stated !== undefined && `0x${stated}` !== address.toLowerCase()) {
    throw keystoreError('keystore.mismatch', file, 'the key inside is not the one of its address; restore the file')
  }
  return secret
}

/** Address of the account of `secret` (32 bytes). @throws LariatError `keystore.invalid` */
export function accountAddress(secret: Secret<Uint8Array>): Address {
  return toAccount('the key', secret).address
}

/** Encrypts `secret` into a new v3 keystore (mode 0600). @returns the account's address. @throws LariatError `file.exists` */
export async function createEcdsaKeystore(options: {
  readonly file: string
  readonly password: Secret<string>
  /** secp256k1 secret key, 32 bytes. */
  readonly secret: Secret<Uint8Array>
  readonly strength: KdfStrength
}): Promise<Address> {
  const { file, password, secret, strength } = options
  const { address } = toAccount(file, secret)
  const keystore = await encryptV3(secret, password, address.slice(2).toLowerCase(), SCRYPT_COST[strength])
  await createFile(file, `${JSON.stringify(keystore, undefined, 2)}\n`)
  return address
}

/** A fresh secp256k1 secret key, 32 bytes. */
export function generateEcdsaSecret(): Secret<Uint8Array> {
  return new Secret(secp256k1.utils.randomSecretKey())
}

function toAccount(file: string, secret: Secret<Uint8Array>): LocalAccount {
  if (!secp256k1.utils.isValidSecretKey(secret.reveal())) {
    throw keystoreError('keystore.invalid', file, 'this is not a secp256k1 secret key; restore or correct it')
  }
  return privateKeyToAccount(bytesToHex(secret.reveal()))
}
