import { hkdfSync, randomBytes } from 'node:crypto'
import { bigToBytes, bytesToBig, type Hex, hexToBytes } from '../../util/hex.ts'
import { modOrder, ORDER, SCALAR_BYTES, scalar } from '../threshold/scalars.ts'
import { type G1, type G2, library } from '../threshold/start.ts'

/**
 * Secrets are numbers mod r here. JavaScript's big integers and mcl take times that depend on them: what is multiplied with a
 * long-lived secret is therefore split at random, and the rest is used once. Who measures inside this machine is not kept out.
 */

/** Bytes that a scalar is reduced from: 16 beyond the order's 32, so that the remainder is not biased. */
const WIDE = 48

/** A scalar that follows from `key` (at least 32 bytes) and nothing else but what it is for, by HKDF-SHA256. */
export function deriveScalar(key: Uint8Array, salt: Hex, ...purpose: readonly (string | Uint8Array)[]): bigint {
  const info = Buffer.concat(purpose.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
  return modOrder(bytesToBig(new Uint8Array(hkdfSync('sha256', key, hexToBytes(salt), info, WIDE))))
}

/** A fresh scalar in [0, r). */
export function randomScalar(): bigint {
  return modOrder(bytesToBig(randomBytes(WIDE)))
}

/** One of the two random parts that a secret is split in, times the point: it says nothing of the secret. For one use. */
export interface Blind {
  readonly part: bigint
  readonly product: G1
}

export function blindOf(point: G1): Blind {
  const part = randomScalar()
  return { part, product: library().mul(point, scalar(part)) }
}

/**
 * secret·point, as the sum of two multiplications whose scalars are random each by itself: their times tell nothing.
 * @param blind one of them, of this point and never used before, where it was made ahead
 */
export function timesG1(point: G1, secret: bigint, blind = blindOf(point)): G1 {
  const { add, mul } = library()
  return add(blind.product, mul(point, scalar(secret - blind.part)))
}

/** The same in G2. */
export function timesG2(point: G2, secret: bigint): G2 {
  const { add, mul } = library()
  const part = randomScalar()
  return add(mul(point, scalar(part)), mul(point, scalar(secret - part)))
}

/** 32 bytes, big-endian. */
export function scalarBytes(value: bigint): Uint8Array {
  return bigToBytes(value, SCALAR_BYTES)
}

/** The scalar of 32 bytes; undefined when it is not below r. */
export function scalarOf(bytes: Uint8Array): bigint | undefined {
  const value = bytesToBig(bytes)
  return bytes.length === SCALAR_BYTES && value < ORDER ? value : undefined
}
