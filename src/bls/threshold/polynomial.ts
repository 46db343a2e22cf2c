import { LariatError } from '../../util/errors.ts'
import { decodeG2, encodeG2, G2_BYTES } from './points.ts'
import { type G2, library } from './start.ts'

/** A polynomial in the exponent: A_0..A_{t-1}. Its value at index + 1 is the public key of that share. */
export interface PublicPolynomial {
  readonly coefficients: readonly G2[]
  /** Share public keys that were asked for, by index; at most MAX_SHARES. */
  readonly keys: Map<number, G2>
}

/** Polynomials by the bytes they came from, as long as those live: the table of a sharing is asked for in every round. */
const opened = new WeakMap<Uint8Array, PublicPolynomial>()

/** A validated polynomial from 192 bytes a coefficient. @throws LariatError `bls.invalid-point` */
export function openPolynomial(bytes: Uint8Array): PublicPolynomial {
  const known = opened.get(bytes)
  if (known !== undefined) return known
  if (bytes.length === 0 || bytes.length % G2_BYTES !== 0) {
    throw new LariatError('bls.invalid-point', `polynomial refused: ${bytes.length} bytes are not 192 a coefficient`)
  }
  const coefficients: G2[] = []
  for (let at = 0; at < bytes.length; at += G2_BYTES) {
    coefficients.push(decodeG2(bytes.subarray(at, at + G2_BYTES), `coefficient ${at / G2_BYTES}`))
  }
  const polynomial = { coefficients, keys: new Map<number, G2>() }
  opened.set(bytes, polynomial)
  return polynomial
}

/** Bytes of a polynomial's coefficients, 192 each. @throws LariatError `bls.invalid-point` when one is infinity */
export function encodePolynomial(coefficients: readonly G2[]): Uint8Array {
  const bytes = new Uint8Array(coefficients.length * G2_BYTES)
  for (const [k, point] of coefficients.entries()) bytes.set(encodeG2(point, `coefficient ${k}`), k * G2_BYTES)
  return bytes
}

/** Public key of the share with 0-based `index`: Σ A_k·(index + 1)^k. */
export function sharePublicKey(polynomial: PublicPolynomial, index: number): G2 {
  const known = polynomial.keys.get(index)
  if (known !== undefined) return known
  const key = evaluateInExponent(polynomial.coefficients, index + 1)
  polynomial.keys.set(index, key)
  return key
}

/** Σ C_k·x^k by Horner's rule: for a small x some nine additions a coefficient, a tenth of a multiplication by a scalar. */
export function evaluateInExponent(coefficients: readonly G2[], x: number): G2 {
  const { add } = library()
  let sum: G2 | undefined
  for (let k = coefficients.length - 1; k >= 0; k--) {
    const coefficient = coefficients[k] as G2
    sum = sum === undefined ? coefficient : add(times(sum, x), coefficient)
  }
  if (sum === undefined) throw new RangeError('a polynomial has a coefficient')
  return sum
}

/** x·point for a small positive integer, by doubling and adding. */
function times(point: G2, x: number): G2 {
  const { add, dbl } = library()
  let result: G2 | undefined
  let power = point
  for (let rest = x; ; power = dbl(power)) {
    if ((rest & 1) === 1) result = result === undefined ? power : add(result, power)
    rest >>= 1
    if (rest === 0) break
  }
  if (result === undefined) throw new RangeError(`${x} is no evaluation point`)
  return result
}
