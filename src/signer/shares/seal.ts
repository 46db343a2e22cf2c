import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Secret } from '../../util/secret.ts'
import type { KdfStrength } from '../keystore/files.ts'
import { checkKdfCost, deriveKey } from '../keystore/kdf.ts'

/** Cost of a guess of the password: some 0.4 s and 128 MB; a devnet's, milliseconds. */
const SCRYPT_N: Readonly<Record<KdfStrength, number>> = { strong: 131_072, devnet: 1_024 }
const NONCE_BYTES = 12
const KEY_BYTES = 32

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`))

/** How the key follows from the password. */
export const kdfSchema = z.strictObject({
  function: z.literal('scrypt'),
  n: z.int(),
  r: z.int(),
  p: z.int(),
  salt: hex(32),
})
export type KdfJson = z.infer<typeof kdfSchema>

/** AES-256-GCM with a fresh random nonce. */
export const sealedSchema = z.strictObject({
  nonce: hex(NONCE_BYTES),
  tag: hex(16),
  ciphertext: z.base64(),
})
export type SealedJson = z.infer<typeof sealedSchema>

export function newKdf(strength: KdfStrength): KdfJson {
  return { function: 'scrypt', n: SCRYPT_N[strength], r: 8, p: 1, salt: randomBytes(32).toString('hex') }
}

/** The key of 32 bytes, derived in a thread of its own. @throws LariatError `keystore.invalid` for a cost that would hang the process */
export async function keyFrom(file: string, { n, r, p, salt }: KdfJson, password: Secret<string>): Promise<Uint8Array> {
  const cost = { kdf: 'scrypt', dklen: KEY_BYTES, n, r, p } as const
  checkKdfCost(file, cost)
  return deriveKey({ cost, salt: Buffer.from(salt, 'hex') }, password.reveal().normalize('NFKC'))
}

/** @param label what the ciphertext is bound to: it opens as nothing else */
export function seal(key: Uint8Array, label: string, plaintext: Uint8Array): SealedJson {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(label))
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]).toString('base64')
  return { nonce: nonce.toString('hex'), tag: cipher.getAuthTag().toString('hex'), ciphertext }
}

/** Undefined when key, label or ciphertext are not those that it was sealed with. */
export function unseal(key: Uint8Array, label: string, sealed: SealedJson): Uint8Array | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(sealed.nonce, 'hex'), { authTagLength: 16 })
    .setAAD(Buffer.from(label))
    .setAuthTag(Buffer.from(sealed.tag, 'hex'))
  try {
    return Buffer.concat([decipher.update(Buffer.from(sealed.ciphertext, 'base64')), decipher.final()])
  } catch {
    return undefined
  }
}
