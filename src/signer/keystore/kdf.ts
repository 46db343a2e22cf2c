import { pbkdf2, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { scryptAsync as nobleScrypt } from '@noble/hashes/scrypt.js'
import { keystoreError } from './errors.ts'

/** Memory that opening a keystore may take, bytes: four times what geth's strongest default needs. */
const MAX_SCRYPT_BYTES = 1 << 30
/** Rounds of scrypt's mixing, n·r·p: sixteen times geth's strongest default, some ten seconds. */
const MAX_SCRYPT_WORK = 1 << 25
/** Rounds of PBKDF2: forty times the usual 262,144, some ten seconds. */
const MAX_PBKDF2_ROUNDS = 10_000_000
const DERIVED_BYTES = 32

/** Cost of deriving a key from a password, as keystores state it. */
export type KdfCost =
  | { readonly kdf: 'scrypt'; readonly dklen: number; readonly n: number; readonly r: number; readonly p: number }
  | { readonly kdf: 'pbkdf2'; readonly dklen: number; readonly c: number }

/** Bytes of memory that scrypt needs. */
export function scryptMemory(n: number, r: number, p: number): number {
  return 128 * r * (n + p + 2)
}

/** Refuses costs that would hang or exhaust the process, and lengths that are no key. @throws LariatError `keystore.invalid` */
export function checkKdfCost(file: string, cost: KdfCost): void {
  if (cost.dklen !== DERIVED_BYTES)
    throw keystoreError('keystore.invalid', file, 'its derived key is not 32 bytes long')
  const numbers = cost.kdf === 'scrypt' ? [cost.n, cost.r, cost.p] : [cost.c]
  const valid = numbers.every((value) => Number.isSafeInteger(value) && value >= 1)
  if (!valid || (cost.kdf === 'scrypt' && (cost.n < 2 || !Number.isInteger(Math.log2(cost.n))))) {
    throw keystoreError('keystore.invalid', file, 'its key derivation has impossible parameters; restore the file')
  }
  const tooCostly =
    cost.kdf === 'scrypt'
      ? scryptMemory(cost.n, cost.r, cost.p) > MAX_SCRYPT_BYTES || cost.n * cost.r * cost.p > MAX_SCRYPT_WORK
      : cost.c > MAX_PBKDF2_ROUNDS
  if (tooCostly) {
    throw keystoreError(
      'keystore.invalid',
      file,
      'its key derivation would cost too much; encrypt the key anew with usual parameters',
    )
  }
}

/** What a key is derived with, beside the password. */
export interface KdfInput {
  readonly cost: KdfCost
  readonly salt: Uint8Array
}

const scryptAsync = promisify<string, Uint8Array, number, object, Buffer>(scrypt)
const pbkdf2Async = promisify(pbkdf2)

/**
 * The key of 32 bytes that a password (UTF-8) gives, in a thread of its own. Check the cost first.
 * @param password as the format wants it normalised
 */
export function deriveKey({ cost, salt }: KdfInput, password: string): Promise<Uint8Array> {
  if (cost.kdf === 'pbkdf2') return pbkdf2Async(password, salt, cost.c, cost.dklen, 'sha256')
  const { n, r, p, dklen } = cost
  const maxmem = scryptMemory(n, r, p)
  // OpenSSL holds to RFC 7914's n < 2^(16·r); files with r = 1, as the v3 format's own example, break it.
  if (n >= 2 ** (16 * r)) return nobleScrypt(password, salt, { N: n, r, p, dkLen: dklen, maxmem })
  return scryptAsync(password, salt, dklen, { N: n, r, p, maxmem })
}
