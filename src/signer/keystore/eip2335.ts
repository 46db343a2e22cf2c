import { randomBytes } from 'node:crypto'
import { type IPbkdf2KdfModule, Keystore } from '@chainsafe/bls-keystore'
import { createFile } from '../../util/create.ts'
import type { Log } from '../../util/log.ts'
import { Secret } from '../../util/secret.ts'
import { keystoreError } from './errors.ts'
import { type KdfStrength, type KeystoreLocation, parseJson, readKeyFile, readPassword } from './files.ts'
import { checkKdfCost } from './kdf.ts'

/** Rounds of PBKDF2-HMAC-SHA256. EIP-2335's own choice, and a devnet's. */
const PBKDF2_ROUNDS: Readonly<Record<KdfStrength, number>> = { strong: 262_144, devnet: 1_024 }

/**
 * Decrypts an EIP-2335 keystore; blocks the event loop for up to a second, so call it at boot.
 * @param what names the key in errors: `BLS key`
 * @param matches whether the secret is the one of the public key that the file states, hexadecimal, if it states one
 * @throws LariatError `keystore.missing-file`, `keystore.missing-password`, `keystore.wrong-password`, `keystore.invalid`, `keystore.mismatch`
 */
export async function openEip2335(
  location: KeystoreLocation,
  what: string,
  matches: (secret: Uint8Array, stated: string | undefined) => boolean,
  log: Log,
): Promise<Secret<Uint8Array>> {
  const file = location.keystore
  const { text } = await readKeyFile(
    file,
    'keystore.missing-file',
    `name the EIP-2335 keystore of the ${what} as keystore`,
  )
  const keystore = parse(file, text, what)
  const password = await readPassword(location.passwordFile, log)
  let secret: Uint8Array
  try {
    // A plain copy: what the library returns may share memory with a pool.
    secret = Uint8Array.from(await keystore.decrypt(password.reveal()))
  } catch {
    throw keystoreError('keystore.wrong-password', file, `the password in ${location.passwordFile} does not open it`)
  }
  // The password was right, so what disagrees is the file.
  if (!matches(secret, keystore.pubkey)) {
    throw keystoreError('keystore.mismatch', file, 'the key inside is not the one of its pubkey; restore the file')
  }
  return new Secret(secret)
}

/** Encrypts `secret` into a new EIP-2335 keystore (mode 0600). @throws LariatError `file.exists` */
export async function createEip2335(options: {
  readonly file: string
  readonly password: Secret<string>
  /** 32 bytes. */
  readonly secret: Secret<Uint8Array>
  /** As the file states it. */
  readonly publicKey: Uint8Array
  readonly strength: KdfStrength
  readonly description: string
}): Promise<void> {
  const { file, password, secret, publicKey, strength, description } = options
  const params = {
    dklen: 32,
    c: PBKDF2_ROUNDS[strength],
    prf: 'hmac-sha256',
    salt: randomBytes(32).toString('hex'),
  } as const
  const kdf: Pick<IPbkdf2KdfModule, 'function' | 'params'> = { function: 'pbkdf2', params }
  const path = '' // the key comes from no seed
  const keystore = await Keystore.create(password.reveal(), secret.reveal(), publicKey, path, description, kdf)
  await createFile(file, `${keystore.stringify()}\n`)
}

function parse(file: string, text: string, what: string): Keystore {
  const json = parseJson(file, text)
  let keystore: Keystore
  try {
    keystore = Keystore.fromObject(json)
  } catch {
    throw keystoreError(
      'keystore.invalid',
      file,
      `it is not an EIP-2335 keystore (version 4); name the one of the ${what}`,
    )
  }
  const { kdf } = keystore.crypto
  if (kdf.function === 'scrypt') checkKdfCost(file, { kdf: 'scrypt', ...kdf.params })
  else checkKdfCost(file, { kdf: 'pbkdf2', ...kdf.params })
  return keystore
}
