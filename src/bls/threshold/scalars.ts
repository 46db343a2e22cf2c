import { bigToBytes } from '../../util/hex.ts'
import { type Fr, library } from './start.ts'

/** r: the order of G1 and G2, and of the field that shares lie in. */
export const ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n
/** Bytes of a scalar, big-endian. */
export const SCALAR_BYTES = 32

/** `value` mod r, in [0, r). */
export function modOrder(value: bigint): bigint {
  const rest = value % ORDER
  return rest < 0n ? rest + ORDER : rest
}

/** 1 / `value` mod r by Euclid's algorithm. Takes a time that depends on the value: for public ones. @throws RangeError for 0 */
export function inverse(value: bigint): bigint {
  let [a, b, x, y] = [modOrder(value), ORDER, 1n, 0n]
  if (a === 0n) throw new RangeError('0 has no inverse')
  while (a > 1n) {
    const quotient = b / a
    ;[a, b, x, y] = [b - quotient * a, a, y - quotient * x, x]
  }
  return modOrder(x)
}

/**
 * Lagrange coefficients at 0: Σ λ_i·f(x_i) = f(0) for every polynomial of a degree below the number of points.
 * @param xs evaluation points, distinct and not 0
 * @throws RangeError otherwise
 */
export function lagrangeAtZero(xs: readonly bigint[]): bigint[] {
  if (new Set(xs).size !== xs.length || xs.includes(0n)) throw new RangeError('points must be distinct and not 0')
  const product = xs.reduce((all, x) => modOrder(all * x), 1n)
  // λ_i = (Π x_j) / (x_i · Π_{j≠i} (x_j − x_i))
  const denominators = xs.map((x) => xs.reduce((all, other) => (other === x ? all : modOrder(all * (other - x))), x))
  const inverses = invertAll(denominators)
  return inverses.map((inverted) => modOrder(product * inverted))
}

/**
 * v_j = Π_{i≠j} 1/(x_j − x_i): the words (v_j·q(x_j)) are orthogonal to all (f(x_j)) when deg f + deg q < number of points − 1.
 * @throws RangeError when they are not distinct
 */
export function dualFactors(xs: readonly bigint[]): bigint[] {
  if (new Set(xs).size !== xs.length) throw new RangeError('points must be distinct')
  return invertAll(xs.map((x) => xs.reduce((all, other) => (other === x ? all : modOrder(all * (x - other))), 1n)))
}

/** Σ coefficients[k]·x^k mod r. */
export function evaluate(coefficients: readonly bigint[], x: bigint): bigint {
  return coefficients.reduceRight((sum, coefficient) => (sum * x + coefficient) % ORDER, 0n)
}

/** The library's form of `value` mod r. */
export function scalar(value: bigint): Fr {
  const { Fr } = library()
  const result = new Fr()
  result.deserialize(bigToBytes(modOrder(value), SCALAR_BYTES))
  return result
}

/** One inversion for all (Montgomery's trick). */
function invertAll(values: readonly bigint[]): bigint[] {
  const prefixes: bigint[] = []
  let product = 1n
  for (const value of values) {
    prefixes.push(product)
    product = modOrder(product * value)
  }
  let rest = inverse(product)
  const inverses: bigint[] = []
  for (let i = values.length - 1; i >= 0; i--) {
    inverses[i] = modOrder(rest * (prefixes[i] ?? 1n))
    rest = modOrder(rest * (values[i] ?? 1n))
  }
  return inverses
}
