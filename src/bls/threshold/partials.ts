import { randomBytes } from 'node:crypto'
import { bytesToBig } from '../../util/hex.ts'
import { type Blame, findInvalid } from '../blame.ts'
import { combineG1, combineG2 } from './generators.ts'
import { pairsWithOnce, signatureOf } from './group.ts'
import { hashRound } from './hash.ts'
import { type PublicPolynomial, sharePublicKey } from './polynomial.ts'
import type { G1 } from './start.ts'
import type { PartialRound } from './types.ts'

/** Bytes of a random coefficient: a set with a bad share passes with a chance of 2^-64. */
export const COEFFICIENT_BYTES = 8

/** True when `partial` is the part of its share index in the signature of `round`. 9 ms; combine first, and ask only when that fails. */
export function verifyPartial(polynomial: PublicPolynomial, round: bigint, partial: PartialRound): boolean {
  const point = signatureOf(partial.signature)
  return point !== undefined && pairsWithOnce(point, hashRound(round), sharePublicKey(polynomial, partial.index))
}

/**
 * Which partials are bad: all together with random coefficients, then by halving.
 * @param maxChecks most pairing checks, 9 ms each; 2·k·log2(n / k) find k bad ones of n
 * @returns indices into `partials`, not share indices
 */
export function findBadPartials(
  polynomial: PublicPolynomial,
  round: bigint,
  partials: readonly PartialRound[],
  maxChecks: number,
): Blame {
  const points = partials.map(({ signature }) => signatureOf(signature))
  const malformed = points.flatMap((point, i) => (point === undefined ? [i] : []))
  const candidates = points.flatMap((point, i) => (point === undefined ? [] : [{ point, i }]))
  const blame = findInvalid(candidates, (subset) => hold(polynomial, round, partials, subset), maxChecks)
  const invalid = [...malformed, ...blame.invalid.flatMap((at) => candidates[at]?.i ?? [])].sort((a, b) => a - b)
  return { invalid, exhausted: blame.exhausted }
}

/** True when e(Σ ρ_i·s_i, generator) = e(H, Σ ρ_i·key_i). */
function hold(
  polynomial: PublicPolynomial,
  round: bigint,
  partials: readonly PartialRound[],
  subset: readonly { readonly point: G1; readonly i: number }[],
): boolean {
  const coefficients = subset.map(() => randomCoefficient())
  const keys = subset.map(({ i }) => sharePublicKey(polynomial, partials[i]?.index ?? 0))
  const signatures = combineG1(
    subset.map(({ point }) => point),
    coefficients,
  )
  return pairsWithOnce(signatures, hashRound(round), combineG2(keys, coefficients))
}

/** Not 0. */
export function randomCoefficient(): bigint {
  return bytesToBig(randomBytes(COEFFICIENT_BYTES)) | 1n
}
