import type { OperatorPosition, SetAllocation, SetPosition, StrategyPosition } from '../../chain/position.ts'
import { amount } from './words.ts'

const WAD = 10n ** 18n

/** Units of the token that so many shares of a strategy stand for, rounded down. */
export function tokensOf({ rate }: Pick<StrategyPosition, 'rate'>, shares: bigint): bigint {
  return (shares * rate) / WAD
}

/** Shares of the operator's stake in a strategy that a magnitude stands for, rounded down as the core does. */
export function sharesOf({ shares, maxMagnitude }: StrategyPosition, magnitude: bigint): bigint {
  return maxMagnitude === 0n ? 0n : (shares * ((magnitude * WAD) / maxMagnitude)) / WAD
}

/** `9.6 stETH`: what a magnitude stands for now. */
export function stakeText(strategy: StrategyPosition, magnitude: bigint): string {
  return tokenText(strategy, tokensOf(strategy, sharesOf(strategy, magnitude)))
}

/** `9.6 stETH` */
export function tokenText({ decimals, symbol }: Pick<StrategyPosition, 'decimals' | 'symbol'>, tokens: bigint): string {
  return `${amount(tokens, decimals)} ${symbol}`
}

/** Magnitude of a strategy that no set has yet. */
export function freeMagnitude({ maxMagnitude, encumbered }: StrategyPosition): bigint {
  return maxMagnitude > encumbered ? maxMagnitude - encumbered : 0n
}

/**
 * Last block in which anything of the operator's stake can be slashed by a set: `undefined` when nothing can be, now or
 * later; Infinity as long as neither the set is left nor the stake taken away.
 */
export function slashableUntil({ slashable, leavesAfter, strategies, allocations }: SetPosition): number | undefined {
  if (!slashable) return undefined
  const counted = new Set(strategies.map((address) => address.toLowerCase()))
  const ends = allocations
    .filter(({ strategy }) => counted.has(strategy.toLowerCase()))
    .flatMap((allocation) => endOf(allocation) ?? [])
  if (ends.length === 0) return undefined
  return Math.min(leavesAfter ?? Number.POSITIVE_INFINITY, Math.max(...ends))
}

function endOf({ magnitude, pending }: SetAllocation): number | undefined {
  if (pending === undefined) return magnitude === 0n ? undefined : Number.POSITIVE_INFINITY
  return pending.magnitude === 0n ? pending.effectBlock - 1 : Number.POSITIVE_INFINITY
}

/** Sets in which the operator has stake that can be slashed, with the last block of that (`slashableUntil`). */
export function atRisk({
  sets,
}: OperatorPosition): readonly { readonly position: SetPosition; readonly until: number }[] {
  return sets.flatMap((position) => {
    const until = slashableUntil(position)
    return until === undefined ? [] : [{ position, until }]
  })
}
