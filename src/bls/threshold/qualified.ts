import { LariatError } from '../../util/errors.ts'
import type { Address } from '../../util/hex.ts'
import { commitmentAt } from './dealing.ts'
import { combineManyG2 } from './generators.ts'
import { decodeG2 } from './points.ts'
import { encodePolynomial } from './polynomial.ts'
import { lagrangeAtZero } from './scalars.ts'
import { dealerIndices } from './session.ts'
import { type G2, inPieces, library } from './start.ts'
import type { Dealt, Session } from './types.ts'

/** A polynomial that goes into the result, and with what factor. */
export interface Counted {
  readonly dealer: Address
  /** Place within the dealer's dealing. */
  readonly polynomial: number
  readonly dealerIndex: number
  /** 1 in a fresh session; the Lagrange coefficient at 0 in a resharing. */
  readonly factor: bigint
}

/**
 * Which polynomials of the qualified dealers make the result: all in a fresh session; in a resharing those of the first t_old old
 * share indices, ascending.
 * @param qualified dealers in QUAL, in any order
 * @throws LariatError `bls.too-few-dealers` when they do not hold enough shares
 */
export function countPolynomials(session: Session, qualified: readonly Address[]): Counted[] {
  const all = qualified
    .flatMap((dealer) =>
      dealerIndices(session, dealer).map((dealerIndex, polynomial) => ({ dealer, polynomial, dealerIndex })),
    )
    .sort((a, b) => a.dealerIndex - b.dealerIndex)
  const { previous, members, threshold } = session
  if (previous === undefined) {
    const held = all.reduce((sum, { dealerIndex }) => sum + (members[dealerIndex]?.shares ?? 0), 0)
    if (held < threshold) throw tooFew(held, threshold)
    return all.map((one) => ({ ...one, factor: 1n }))
  }
  const used = all.slice(0, previous.threshold)
  if (used.length < previous.threshold) throw tooFew(used.length, previous.threshold)
  const factors = lagrangeAtZero(used.map(({ dealerIndex }) => BigInt(dealerIndex + 1)))
  return used.map((one, i) => ({ ...one, factor: factors[i] as bigint }))
}

/**
 * The public polynomial that a session ends in: Σ factor·C_k for each k, t·192 bytes.
 * @param qualified the dealings of QUAL
 * @throws LariatError `bls.too-few-dealers`, `bls.invalid-point`
 */
export async function foldPolynomials(session: Session, qualified: readonly Dealt[]): Promise<Uint8Array> {
  const counted = countPolynomials(
    session,
    qualified.map(({ dealer }) => dealer),
  )
  const dealings = new Map(qualified.map(({ dealer, dealing }) => [dealer, dealing]))
  const rest = inPieces()
  const sums: G2[] = []
  for (let k = 0; k < session.threshold; k++) {
    const points: G2[] = []
    for (const { dealer, polynomial } of counted) {
      const dealing = dealings.get(dealer)
      if (dealing === undefined) throw new RangeError(`no dealing of ${dealer}`)
      points.push(decodeG2(commitmentAt(dealing, session.threshold, polynomial, k), `C_${k} of ${dealer}`))
      await rest()
    }
    const factors = counted.map(({ factor }) => factor)
    sums.push(session.previous === undefined ? sum(points) : await combineManyG2(points, factors))
    await rest()
  }
  return encodePolynomial(sums)
}

function sum(points: readonly G2[]): G2 {
  const { add } = library()
  return points.reduce((all, point) => add(all, point))
}

function tooFew(held: number, wanted: number): LariatError<'bls.too-few-dealers'> {
  return new LariatError('bls.too-few-dealers', `the qualified dealers hold ${held} shares, ${wanted} are needed`, {
    held,
    wanted,
  })
}
