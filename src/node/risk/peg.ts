import { ratio } from './ratio.ts'

const ONE = 10n ** 18n

/** What an AggregatorV3 market feed answered. */
export interface MarketAnswer {
  /** ETH per token, in 10^-decimals. */
  readonly answer: bigint
  readonly decimals: number
  /** Unix seconds. */
  readonly updatedAt: bigint
}

/** When a market is an alarm. */
export interface PegLimits {
  /** Seconds after which this very feed is stale. */
  readonly heartbeat: number
  /** Basis points that the market may be below the token's own rate. */
  readonly depegBps: number
}

export const PEG_STATES = ['ok', 'depegged', 'stale', 'invalid'] as const
export type PegState = (typeof PEG_STATES)[number]

export interface Peg {
  /** Wei of ETH that 1e18 of the token are worth by its own rate, and at the market. */
  readonly rate: bigint
  readonly market: bigint
  /** market ÷ rate: 1 on the peg, below it at a discount. */
  readonly ratio: number | undefined
  /** Seconds since the feed's answer. */
  readonly age: number
  /** `invalid`: zero or negative, or from the future. `stale`: older than its heartbeat. */
  readonly state: PegState
}

/** Clocks of a feed's chain and ours may differ by a little, seconds. */
const MAX_LEAD = 60

/**
 * How a token's own rate stands to its market.
 * @param rate wei of ETH per 1e18 of the token
 * @param now Unix seconds
 */
export function pegOf(
  rate: bigint,
  { answer, decimals, updatedAt }: MarketAnswer,
  now: number,
  limits: PegLimits,
): Peg {
  const market = answer <= 0n ? 0n : (answer * ONE) / 10n ** BigInt(decimals)
  const age = now - Number(updatedAt)
  return { rate, market, ratio: ratio(market, rate), age, state: stateOf(rate, market, age, limits) }
}

function stateOf(rate: bigint, market: bigint, age: number, { heartbeat, depegBps }: PegLimits): PegState {
  if (market === 0n || age < -MAX_LEAD) return 'invalid'
  if (age > heartbeat) return 'stale'
  return market * 10_000n < rate * BigInt(10_000 - depegBps) ? 'depegged' : 'ok'
}
