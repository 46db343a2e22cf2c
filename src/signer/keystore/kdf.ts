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
