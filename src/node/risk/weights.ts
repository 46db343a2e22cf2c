import type { EpochTable } from '../../types/epoch.ts'
import type { Address } from '../../util/hex.ts'
import { ratio } from './ratio.ts'

export interface OperatorShare {
  readonly operator: Address
  /** Part of the epoch's whole weight, 0 to 1. A revoked weight is 0, and the whole stays. */
  readonly share: number
}

export interface Concentration {
  readonly epoch: bigint
  /** The greatest first. */
  readonly shares: readonly OperatorShare[]
  /** Fewest operators that together hold more than a third: they can keep every certificate from its quorum. */
  readonly toStop: number | undefined
  /** Fewest operators that together hold more than two thirds: they can certify what they like. */
  readonly toForge: number | undefined
}

/** How the weight of an epoch lies with its operators: accounts, not people; one person may have several. */
export function concentrationOf({ number, members, revokedNow, totalWeight }: EpochTable): Concentration {
  const rows = members
    .map(({ index, operator, weight }) => ({ operator, weight: revokedNow.has(index) ? 0n : weight }))
    .sort((a, b) => (a.weight === b.weight ? 0 : a.weight > b.weight ? -1 : 1))
  const weights = rows.map(({ weight }) => weight)
  return {
    epoch: number,
    shares: rows.map(({ operator, weight }) => ({ operator, share: ratio(weight, totalWeight) ?? 0 })),
    toStop: nakamoto(weights, totalWeight, 1n, 3n),
    toForge: nakamoto(weights, totalWeight, 2n, 3n),
  }
}

/**
 * Nakamoto coefficient: the fewest of `weights` whose sum is more than numerator / denominator of `total`; undefined if
 * all of them are not.
 * @param weights in falling order
 */
export function nakamoto(
  weights: readonly bigint[],
  total: bigint,
  numerator: bigint,
  denominator: bigint,
): number | undefined {
  let sum = 0n
  for (const [i, weight] of weights.entries()) {
    sum += weight
    if (sum * denominator > total * numerator) return i + 1
  }
  return undefined
}
