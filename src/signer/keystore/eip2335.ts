import { createCipheriv, createDecipheriv, createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { createFile } from '../../util/create.ts'
import type { Log } from '../../util/log.ts'
import { Secret } from '../../util/secret.ts'
import { keystoreError } from './errors.ts'
import { type KdfStrength, type KeystoreLocation, parseJson, readKeyFile } from './files.ts'
import { checkKdfCost, deriveKey, type KdfInput } from './kdf.ts'
import { placeOf, readPassword, warnOfMode } from './password.ts'

/** Rounds of PBKDF2-HMAC-SHA256. EIP-2335's own choice, and a devnet's. */
const PBKDF2_ROUNDS: Readonly<Record<KdfStrength, number>> = { strong: 262_144, devnet: 1_024 }

/** Bytes of a secret in a keystore of this format; those of other lengths are no keys of ours. */
const SECRET_BYTES = 32

const hex = (bytes?: number) =>
  z.string().regex(bytes === undefined ? /^([0-9a-fA-F]{2})*$/ : new RegExp(`^[0-9a-fA-F]{${bytes * 2}}$`))
const count = z.int().min(1)

/** EIP-2335's JSON schema, with the only functions that it names; fields that others add are left alone. */
const keystoreSchema = z.object({
  version: z.literal(4),
  uuid: z.string().max(64),
  path: z.string().max(256),
  pubkey: hex(48).optional(),
  description: z.string().max(1_024).optional(),
  crypto: z.object({
    kdf: z.discriminatedUnion('function', [
      z.object({
        function: z.literal('scrypt'),
        params: z.object({ dklen: count, n: count, r: count, p: count, salt: hex() }),
        message: z.literal(''),
      }),
      z.object({
        function: z.literal('pbkdf2'),
        params: z.object({ dklen: count, c: count, prf: z.literal('hmac-sha256'), salt: hex() }),
        message: z.literal(''),
      }),
    ]),
    checksum: z.object({ function: z.literal('sha256'), params: z.object({}), message: hex(32) }),
    cipher: z.object({
      function: z.literal('aes-128-ctr'),
      params: z.object({ iv: hex(16) }),
      message: hex(SECRET_BYTES),
    }),
  }),
})
export type Eip2335Keystore = z.infer<typeof keystoreSchema>

/**
 * Decrypts an EIP-2335 keystore; the work is done in a thread of its own.
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
  const { text, mode } = await readKeyFile(
    file,
    'keystore.missing-file',
    `name the EIP-2335 keystore of the ${what} as keystore`,
  )
  warnOfMode(file, mode, 'keystore', log)
  const keystore = parseEip2335(file, parseJson(file, text), what)
  const secret = await decryptEip2335(keystore, await readPassword(location, file, log))
  if (secret === undefined) {
    throw keystoreError('keystore.wrong-password', file, `${placeOf(location)} does not open it`)
  }
  // The password was right, so what disagrees is the file.
  if (!matches(secret.reveal(), keystore.pubkey)) {
    throw keystoreError('keystore.mismatch', file, 'the key inside is not the one of its pubkey; restore the file')
  }
  return secret
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
  /** EIP-2334 path that it was derived along; empty, as the format wants it, for a key that comes from no seed. */
  readonly path?: string | undefined
}): Promise<void> {
  const { file, password, secret, publicKey, strength, description, path = '' } = options
  const params = {
    dklen: 32,
    c: PBKDF2_ROUNDS[strength],
    prf: 'hmac-sha256',
    salt: randomBytes(32).toString('hex'),
  } as const
  const kdf = { function: 'pbkdf2', params, message: '' } as const
  const key = await deriveKey(inputOf(kdf), normalise(password.reveal()))
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-128-ctr', key.subarray(0, 16), iv)
  const ciphertext = Buffer.concat([cipher.update(secret.reveal()), cipher.final()])
  const keystore: Eip2335Keystore = {
    crypto: {
      kdf,
      checksum: { function: 'sha256', params: {}, message: checksum(key, ciphertext).toString('hex') },
      cipher: { function: 'aes-128-ctr', params: { iv: iv.toString('hex') }, message: ciphertext.toString('hex') },
    },
    description,
    pubkey: Buffer.from(publicKey).toString('hex'),
    path,
    uuid: randomUUID(),
    version: 4,
  }
  await createFile(file, `${JSON.stringify(keystore, undefined, 2)}\n`)
}

/** A keystore from parsed JSON. @throws LariatError `keystore.invalid` */
export function parseEip2335(file: string, json: unknown, what: string): Eip2335Keystore {
  const parsed = keystoreSchema.safeParse(json)
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.join('.') || 'the file'
    throw keystoreError(
      'keystore.invalid',
      file,
      `it is not an EIP-2335 keystore of version 4 (${path} is wrong); name the one of the ${what}`,
    )
  }
  checkKdfCost(file, inputOf(parsed.data.crypto.kdf).cost)
  return parsed.data
}

/** The secret inside, 32 bytes; undefined when the password is wrong. */
export async function decryptEip2335(
  { crypto }: Eip2335Keystore,
  password: Secret<string>,
): Promise<Secret<Uint8Array> | undefined> {
  const key = await deriveKey(inputOf(crypto.kdf), normalise(password.reveal()))
  const ciphertext = Buffer.from(crypto.cipher.message, 'hex')
  if (!timingSafeEqual(checksum(key, ciphertext), Buffer.from(crypto.checksum.message, 'hex'))) return undefined
  const decipher = createDecipheriv('aes-128-ctr', key.subarray(0, 16), Buffer.from(crypto.cipher.params.iv, 'hex'))
  return new Secret(Uint8Array.from(Buffer.concat([decipher.update(ciphertext), decipher.final()])))
}

/** EIP-2335: NFKD, without the control codes C0, C1 and Delete. */
function normalise(password: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control codes are what the format strips
  return password.normalize('NFKD').replace(/[\u0000-\u001f\u007f-\u009f]/g, '')
}

function inputOf(kdf: Eip2335Keystore['crypto']['kdf']): KdfInput {
  const salt = Buffer.from(kdf.params.salt, 'hex')
  return kdf.function === 'scrypt'
    ? { cost: { kdf: 'scrypt', ...kdf.params }, salt }
    : { cost: { kdf: 'pbkdf2', ...kdf.params }, salt }
}

function checksum(key: Uint8Array, ciphertext: Uint8Array): Buffer {
  return createHash('sha256').update(key.subarray(16, 32)).update(ciphertext).digest()
}
