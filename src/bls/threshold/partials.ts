import { randomBytes } from 'node:crypto'
import { bytesToBig } from '../../util/hex.ts'
import { type Blame, findInvalidInPieces } from '../blame.ts'
import { combineManyG1 } from './generators.ts'
import { pairsWithOnce, signatureOf } from './group.ts'
import { hashRound } from './hash.ts'
import { decodeG1Unchecked } from './points.ts'
import { type PublicPolynomial, sharePublicKey } from './polynomial.ts'
import { dualFactors, evaluate, modOrder, scalar } from './scalars.ts'
import { type G1, type G2, inPieces, library } from './start.ts'
import type { PartialRound } from './types.ts'

/** Bytes of a random coefficient: a set with a bad share passes with a chance of 2^-64. */
export const COEFFICIENT_BYTES = 8

/** True when `partial` is the part of its share index in the signature of `round`. 9 ms; combine first, and ask only when that fails. */
export function verifyPartial(polynomial: PublicPolynomial, round: bigint, partial: PartialRound): boolean {
  const point = signatureOf(partial.signature)
  return point !== undefined && pairsWithOnce(point, hashRound(round), sharePublicKey(polynomial, partial.index))
}

/**
 * Which partials are bad: all together with random coefficients, then by halving. In pieces, as 64 partials and as many
 * checks take half a second.
 * @param maxChecks most pairing checks, 9 ms each; 2·k·log2(n / k) find k bad ones of n
 * @returns indices into `partials`, not share indices
 */
export async function findBadPartials(
  polynomial: PublicPolynomial,
  round: bigint,
  partials: readonly PartialRound[],
  maxChecks: number,
): Promise<Blame> {
  const rest = inPieces()
  const malformed: number[] = []
  const terms: Term[] = []
  for (const [i, { index, signature }] of partials.entries()) {
    const point = signatureOf(signature)
    if (point === undefined) malformed.push(i)
    else terms.push(termOf(point, sharePublicKey(polynomial, index), i))
    await rest()
  }
  const message = hashRound(round)
  const blame = await findInvalidInPieces(terms, (subset) => hold(message, subset), maxChecks, rest)
  const invalid = [...malformed, ...blame.invalid.flatMap((at) => terms[at]?.i ?? [])].sort((a, b) => a - b)
  return { invalid, exhausted: blame.exhausted }
}

/** A partial and its key, both times the same random coefficient. */
interface Term {
  readonly signature: G1
  readonly key: G2
  /** Its place among the partials. */
  readonly i: number
}

/** One coefficient serves all sets that the partial is looked at in: it was drawn after the partials were there. */
function termOf(point: G1, key: G2, i: number): Term {
  const coefficient = scalar(randomCoefficient())
  const { mul } = library()
  return { signature: mul(point, coefficient), key: mul(key, coefficient), i }
}

/** True when e(Σ ρ_i·s_i, generator) = e(H, Σ ρ_i·key_i). */
function hold(message: G1, subset: readonly Term[]): boolean {
  const { add } = library()
  const signatures = subset.map(({ signature }) => signature).reduce((sum, one) => add(sum, one))
  const keys = subset.map(({ key }) => key).reduce((sum, one) => add(sum, one))
  return pairsWithOnce(signatures, message, keys)
}

/**
 * In pieces: true when the partials of a round and its signature lie on one polynomial of degree `threshold` − 1. With threshold − 1 true
 * ones among them all others are true then too; it takes no pairing, a third of what `findBadPartials` does. False also when there
 * are too few to tell.
 *
 * A random word of the dual code of Reed and Solomon's (as in SCRAPE, https://eprint.iacr.org/2017/216): with v_j = Π_{i≠j} 1/(x_j − x_i)
 * and q of degree n − threshold − 1 for n points, Σ v_j·q(x_j)·f(x_j) is 0 for every f of lower degree than threshold.
 * @param signature the round's, verified: the value at 0
 * @param partials with distinct indices; those with `used` are known to have come to the signature, so that what is outside the
 * subgroup in them is not looked for
 */
export async function lieTogether(
  signature: Uint8Array,
  partials: readonly (PartialRound & { readonly used: boolean })[],
  threshold: number,
): Promise<boolean> {
  const rest = inPieces()
  const excess = partials.length + 1 - threshold
  const whole = signatureOf(signature)
  if (excess < 1 || whole === undefined) return false
  const points: G1[] = [whole]
  for (const { signature: bytes, used } of partials) {
    const point = used ? pointOf(bytes) : signatureOf(bytes)
    if (point === undefined) return false
    points.push(point)
    await rest()
  }
  const xs = [0n, ...partials.map(({ index }) => BigInt(index + 1))]
  const q = Array.from({ length: excess }, () => bytesToBig(randomBytes(2 * COEFFICIENT_BYTES)))
  const scalars = dualFactors(xs).map((factor, j) => modOrder(factor * evaluate(q, xs[j] as bigint)))
  await rest()
  return (await combineManyG1(points, scalars)).isZero()
}

/** A point of the curve; undefined for bytes that are none. */
function pointOf(bytes: Uint8Array): G1 | undefined {
  try {
    return decodeG1Unchecked(bytes)
  } catch {
    return undefined
  }
}

/** Not 0. */
export function randomCoefficient(): bigint {
  return bytesToBig(randomBytes(COEFFICIENT_BYTES)) | 1n
}
