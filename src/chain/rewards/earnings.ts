import type { Address } from '../../util/hex.ts'
import type { Distribution } from './distribution.ts'

/** Basis points of the whole. */
const WHOLE = 10_000n

/** What somebody earns of one token, in its smallest unit. */
export interface Earning {
  readonly earner: Address
  readonly amount: bigint
}

/** An operator's reward, and who has a part in it. */
export interface OperatorReward {
  readonly operator: Address
  /** In the token's smallest unit. */
  readonly amount: bigint
  /** The operator's own part by its split with the AVS, basis points. */
  readonly splitBps: number
  /** Who is delegated to it, itself too, with the stake that counts: shares times multipliers, added up. */
  readonly stakers: readonly { readonly staker: Address; readonly stake: bigint }[]
}

/**
 * Divides a reward as the protocol does: the operator's split first, the rest among its stakers by their stake. Every part
 * is rounded down, and what is left over stays in the coordinator. Without any stake the operator has all.
 */
export function shareReward({ operator, amount, splitBps, stakers }: OperatorReward): Earning[] {
  const staked = stakers.reduce((sum, { stake }) => sum + stake, 0n)
  if (staked === 0n) return [{ earner: operator, amount }]
  const own = (amount * BigInt(splitBps)) / WHOLE
  const rest = amount - own
  return [
    { earner: operator, amount: own },
    ...stakers.map(({ staker, stake }) => ({ earner: staker, amount: (rest * stake) / staked })),
  ]
}

/** Earnings since the beginning, in all: what distributions are made of. */
export interface Earnings {
  add(token: Address, earnings: readonly Earning[]): void
  /** Everything so far; earners and tokens without any are left out. */
  distribution(): Distribution
}

export function createEarnings(): Earnings {
  const byEarner = new Map<Address, Map<Address, bigint>>()
  return {
    add(token, earnings) {
      const key = lower(token)
      for (const { earner, amount } of earnings) {
        if (amount === 0n) continue
        const tokens = byEarner.get(lower(earner)) ?? new Map<Address, bigint>()
        byEarner.set(lower(earner), tokens.set(key, (tokens.get(key) ?? 0n) + amount))
      }
    },
    distribution: () =>
      [...byEarner].sort(byAddress).map(([earner, tokens]) => ({
        earner,
        tokens: [...tokens].sort(byAddress).map(([token, cumulative]) => ({ token, cumulative })),
      })),
  }
}

function byAddress([a]: readonly [Address, unknown], [b]: readonly [Address, unknown]): number {
  return a < b ? -1 : 1
}

function lower(address: Address): Address {
  return address.toLowerCase() as Address
}
