import { type Address, bytesToBig } from '../../util/hex.ts'
import type { ReadDealing } from '../threshold/check.ts'
import { sealedShareAt, sealingMask, xorBytes } from '../threshold/dealing.ts'
import { combineManyG2, generatorG2 } from '../threshold/generators.ts'
import { randomCoefficient } from '../threshold/partials.ts'
import { evaluateInExponent } from '../threshold/polynomial.ts'
import { modOrder, ORDER, scalar } from '../threshold/scalars.ts'
import { breathe, type G2, library } from '../threshold/start.ts'
import type { Session, ShareFault } from '../threshold/types.ts'
import { timesG2 } from './scalars.ts'

/** Shares of a dealing that are faster checked one by one than by one equation: 10 ms each, and 40 ms. */
const FEW_SHARES = 3

/** A dealing with the shares in it that are for one receiver. */
export interface OpenedDealing {
  readonly read: ReadDealing
  /** By polynomial, then by place in the receiver's share indices. */
  readonly shares: readonly (readonly bigint[])[]
}

/**
 * The shares for one receiver, unsealed; or the first that is no scalar, which is a fault of its own.
 * @param sharedPoint S = sk·R, 96 bytes
 * @param indices the receiver's share indices
 */
export function openDealing(
  session: Session,
  read: ReadDealing,
  sharedPoint: Uint8Array,
  indices: readonly number[],
): OpenedDealing | { readonly fault: ShareFault } {
  const shares: bigint[][] = []
  for (const [polynomial, dealerIndex] of read.indices.entries()) {
    const row: bigint[] = []
    for (const shareIndex of indices) {
      const share = unseal(session, read, { polynomial, dealerIndex, shareIndex }, sharedPoint)
      if (share >= ORDER) return { fault: { kind: 'share', polynomial, shareIndex } }
      row.push(share)
    }
    shares.push(row)
  }
  return { read, shares }
}

/** One share as the mask gives it: not below r when the dealer sealed no scalar. */
export function unseal(
  session: Session,
  { dealer, dealing }: { readonly dealer: Address; readonly dealing: ReadDealing['dealing'] },
  place: { readonly polynomial: number; readonly dealerIndex: number; readonly shareIndex: number },
  sharedPoint: Uint8Array,
): bigint {
  const { polynomial, dealerIndex, shareIndex } = place
  const sealed = sealedShareAt(dealing, session.shares, polynomial, shareIndex)
  return bytesToBig(xorBytes(sealed, sealingMask(sharedPoint, session.id, dealer, dealerIndex, shareIndex)))
}

/** True when share·G2 = Σ C_k·(index + 1)^k. */
export function shareLiesOn(share: bigint, commitments: readonly G2[], shareIndex: number): boolean {
  return timesG2(generatorG2(), share).isEqual(evaluateInExponent(commitments, shareIndex + 1))
}

/**
 * The first wrong share of each dealing, in their order; undefined where all lie on their polynomials. All together are checked by
 * one equation with random coefficients of 64 bits. When it fails each is checked by itself, which for as many dealings as there can
 * be is faster than halving.
 * @param indices the share indices that the shares are for
 */
export async function findBadDealings(
  opened: readonly OpenedDealing[],
  indices: readonly number[],
): Promise<(ShareFault | undefined)[]> {
  const faults: (ShareFault | undefined)[] = opened.map(() => undefined)
  if (opened.length === 0 || indices.length === 0 || (await allLieOn(opened, indices))) return faults
  for (const [i, one] of opened.entries()) {
    const fine = opened.length > 1 && indices.length > FEW_SHARES && (await allLieOn([one], indices))
    if (!fine) faults[i] = await firstWrong(one, indices)
  }
  return faults
}

/** Σ_j Σ_d τ_j·ρ_d·s_dj·G2 = Σ_k (Σ_j τ_j·x_j^k)·(Σ_d ρ_d·C_dk), d over polynomials and j over share indices. */
async function allLieOn(opened: readonly OpenedDealing[], indices: readonly number[]): Promise<boolean> {
  const polynomials = opened.flatMap(({ read, shares }) =>
    read.commitments.map((commitments, p) => ({ commitments, shares: shares[p] ?? [], factor: randomCoefficient() })),
  )
  const weights = indices.map(() => randomCoefficient())
  const factors = polynomials.map(({ factor }) => factor)
  const degree = polynomials[0]?.commitments.length ?? 0
  const sums: G2[] = []
  for (let k = 0; k < degree; k++) {
    const points = polynomials.map(({ commitments }) => commitments[k] as G2)
    sums.push(await combineManyG2(points, factors))
    await breathe()
  }
  const powers = weights.slice()
  const scalars: bigint[] = []
  for (let k = 0; k < degree; k++) {
    scalars.push(modOrder(powers.reduce((sum, power) => sum + power, 0n)))
    for (const [j, index] of indices.entries()) powers[j] = modOrder((powers[j] ?? 0n) * BigInt(index + 1))
  }
  const right = await combineManyG2(sums, scalars)
  await breathe()
  const left = polynomials.reduce(
    (sum, { shares, factor }) =>
      shares.reduce((inner, share, j) => modOrder(inner + factor * (weights[j] ?? 0n) * share), sum),
    0n,
  )
  return library().mul(generatorG2(), scalar(left)).isEqual(right)
}

async function firstWrong(
  { read, shares }: OpenedDealing,
  indices: readonly number[],
): Promise<ShareFault | undefined> {
  for (const [polynomial, row] of shares.entries()) {
    for (const [place, shareIndex] of indices.entries()) {
      const commitments = read.commitments[polynomial] ?? []
      if (!shareLiesOn(row[place] as bigint, commitments, shareIndex)) return { kind: 'share', polynomial, shareIndex }
      await breathe()
    }
  }
  return undefined
}
