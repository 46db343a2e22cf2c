import type { OperatorSet } from '../../chain/core.ts'
import type { Address } from '../../util/hex.ts'

/** Shares and magnitudes are counted in 1e18 parts. */
const ONE = 10n ** 18n

/** What an operator's delegators have in one strategy. */
export interface StrategyStake {
  readonly strategy: Address
  /** Shares that a full slash takes: those delegated, and those in withdrawals that can still be slashed. */
  readonly shares: bigint
  /** What is left of 1e18 after slashes: allocations are parts of it. */
  readonly maxMagnitude: bigint
  /** Wei of ETH that 1e18 shares are worth; undefined if nobody says. */
  readonly worth: bigint | undefined
}

/** What one operator set can take of one strategy. */
export interface SetAllocation {
  readonly set: OperatorSet
  readonly strategy: Address
  /** Allocated now, or soon: the larger of the two. A deallocation on its way can be slashed until it is done. */
  readonly magnitude: bigint
}

export interface AvsLoss {
  readonly avs: Address
  /** Wei of ETH that the AVS takes if all of its sets slash all that they can. */
  readonly loss: bigint
}

export interface StakeAtRisk {
  /** Wei of ETH of all stake, slashable or not. */
  readonly stake: bigint
  /** Wei of ETH lost if all sets slash all that they can, at once. */
  readonly loss: bigint
  /** By AVS, the greatest first. */
  readonly byAvs: readonly AvsLoss[]
  /** Strategies with stake that has no known worth: they are in no figure. */
  readonly unvalued: readonly Address[]
}

/**
 * Worst joint loss of an operator's stake. A set with magnitude m takes m / maxMagnitude of the shares there are, and a
 * slash by one set leaves what the others have allocated as it was, so that losses add up, to all of the stake at most
 * (EigenLayer v1.12, unique stake).
 * @param allocations of the sets that can slash the operator
 */
export function stakeAtRisk(stakes: readonly StrategyStake[], allocations: readonly SetAllocation[]): StakeAtRisk {
  const byStrategy = new Map(stakes.map((stake) => [key(stake.strategy), stake]))
  const byAvs = new Map<string, AvsLoss>()
  const taken = new Map<string, bigint>()
  for (const { set, strategy, magnitude } of allocations) {
    const stake = byStrategy.get(key(strategy))
    if (stake?.worth === undefined || stake.maxMagnitude === 0n) continue
    const before = taken.get(key(strategy)) ?? 0n
    // What is allocated soon may wait for what another set gives back: together they never have more than there is.
    const part = min(magnitude, stake.maxMagnitude - before)
    taken.set(key(strategy), before + part)
    const loss = (stake.shares * magnitude * stake.worth) / stake.maxMagnitude / ONE
    const sum = byAvs.get(key(set.avs))?.loss ?? 0n
    byAvs.set(key(set.avs), { avs: set.avs, loss: sum + loss })
  }
  return {
    stake: sumOf(stakes.map(ethOf)),
    loss: sumOf(
      stakes.map((stake) =>
        stake.maxMagnitude === 0n ? 0n : (ethOf(stake) * (taken.get(key(stake.strategy)) ?? 0n)) / stake.maxMagnitude,
      ),
    ),
    byAvs: [...byAvs.values()].sort((a, b) => (a.loss === b.loss ? 0 : a.loss > b.loss ? -1 : 1)),
    unvalued: stakes.filter(({ shares, worth }) => shares > 0n && worth === undefined).map(({ strategy }) => strategy),
  }
}

/** Wei of ETH, rounded down; 0 if nobody says. */
export function ethOf({ shares, worth }: Pick<StrategyStake, 'shares' | 'worth'>): bigint {
  return worth === undefined ? 0n : (shares * worth) / ONE
}

const key = (address: Address) => address.toLowerCase()
const min = (a: bigint, b: bigint) => (a < b ? a : b)
const sumOf = (list: readonly bigint[]) => list.reduce((sum, each) => sum + each, 0n)
