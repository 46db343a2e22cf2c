import { createCipheriv, createDecipheriv, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { z } from 'zod'
import { Secret } from '../../util/secret.ts'
import { keystoreError } from './errors.ts'
import { checkKdfCost, deriveKey, type KdfInput } from './kdf.ts'

const hex = (bytes?: number) => z.string().regex(bytes === undefined ? /^([0-9a-fA-F]{2})+$/ : hexOf(bytes))
const hexOf = (bytes: number) => new RegExp(`^[0-9a-fA-F]{${bytes * 2}}$`)
const count = z.int().min(1)

const sealed = z.object({
  cipher: z.literal('aes-128-ctr'),
  cipherparams: z.object({ iv: hex(16) }),
  ciphertext: hex(32),
  mac: hex(32),
})
const scryptKdf = {
  kdf: z.literal('scrypt'),
  kdfparams: z.object({ dklen: count, n: count, r: count, p: count, salt: hex() }),
}
const pbkdf2Kdf = {
  kdf: z.literal('pbkdf2'),
  kdfparams: z.object({ dklen: count, c: count, prf: z.literal('hmac-sha256'), salt: hex() }),
}

/** Web3 Secret Storage, version 3; fields that wallets add are left alone. */
const v3Schema = z.object({
  version: z.literal(3),
  address: z
    .string()
    .regex(/^(0x)?[0-9a-fA-F]{40}$/)
    .optional(),
  crypto: z.discriminatedUnion('kdf', [sealed.extend(scryptKdf), sealed.extend(pbkdf2Kdf)]),
})
export type V3Keystore = z.infer<typeof v3Schema>

/** Cost of scrypt. */
export interface ScryptCost {
  /** A power of two. */
  readonly n: number
  readonly r: number
  readonly p: number
}

/** A keystore from parsed JSON; `Crypto`, as some wallets write it, is taken too. @throws LariatError `keystore.invalid` */
export function parseV3(file: string, json: unknown): V3Keystore {
  const renamed =
    typeof json === 'object' && json !== null && 'Crypto' in json ? { ...json, crypto: json.Crypto } : json
  const parsed = v3Schema.safeParse(renamed)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const path = issue?.path.join('.') || 'the file'
    throw keystoreError(
      'keystore.invalid',
      file,
      `it is not a v3 keystore (${path} is wrong); name the one of the ECDSA key`,
    )
  }
  checkKdfCost(file, costOf(parsed.data.crypto).cost)
  return parsed.data
}

/** The secret inside, 32 bytes; undefined when the password is wrong. */
export async function decryptV3(
  keystore: V3Keystore,
  password: Secret<string>,
): Promise<Secret<Uint8Array> | undefined> {
  const { crypto } = keystore
  const key = await deriveKey(costOf(crypto), password.reveal())
  const ciphertext = Buffer.from(crypto.ciphertext, 'hex')
  if (!timingSafeEqual(macOf(key, ciphertext), Buffer.from(crypto.mac, 'hex'))) return undefined
  const decipher = createDecipheriv('aes-128-ctr', key.subarray(0, 16), Buffer.from(crypto.cipherparams.iv, 'hex'))
  return new Secret(Uint8Array.from(Buffer.concat([decipher.update(ciphertext), decipher.final()])))
}

/** Encrypts `secret` (32 bytes). @param address 20 bytes of hexadecimal, without 0x */
export async function encryptV3(
  secret: Secret<Uint8Array>,
  password: Secret<string>,
  address: string,
  cost: ScryptCost,
): Promise<V3Keystore & { readonly id: string }> {
  const salt = randomBytes(32).toString('hex')
  const iv = randomBytes(16)
  const kdf = { kdf: 'scrypt', kdfparams: { dklen: 32, ...cost, salt } } as const
  const key = await deriveKey(costOf(kdf), password.reveal())
  const cipher = createCipheriv('aes-128-ctr', key.subarray(0, 16), iv)
  const ciphertext = Buffer.concat([cipher.update(secret.reveal()), cipher.final()])
  return {
    version: 3,
    id: randomUUID(),
    address,
    crypto: {
      cipher: 'aes-128-ctr',
      cipherparams: { iv: iv.toString('hex') },
      ciphertext: ciphertext.toString('hex'),
      ...kdf,
      mac: Buffer.from(macOf(key, ciphertext)).toString('hex'),
    },
  }
}

type Part<C> = C extends { kdf: string; kdfparams: object } ? Pick<C, 'kdf' | 'kdfparams'> : never

function costOf(crypto: Part<V3Keystore['crypto']>): KdfInput {
  const salt = Buffer.from(crypto.kdfparams.salt, 'hex')
  return crypto.kdf === 'scrypt'
    ? { cost: { kdf: 'scrypt', ...crypto.kdfparams }, salt }
    : { cost: { kdf: 'pbkdf2', ...crypto.kdfparams }, salt }
}

function macOf(key: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  return keccak_256(concatBytes(key.subarray(16, 32), ciphertext))
}
