import type { FeedSettings } from './deploy.ts'

const DECIMALS = 8
const units = (whole: number) => BigInt(whole) * 10n ** BigInt(DECIMALS)

/**
 * The feeds of the testnet. Deviations are small and heartbeats short, so that something happens on chain; with BTC/USD on
 * mainnet it would be 50 basis points and an hour.
 */
export const FEEDS: readonly FeedSettings[] = [
  {
    description: 'BTC/USD',
    decimals: DECIMALS,
    deviationBps: 10,
    heartbeat: 30,
    minAnswer: units(100),
    maxAnswer: units(10_000_000),
  },
  ...['USDC/USD', 'USDT/USD'].map((description) => ({
    description,
    decimals: DECIMALS,
    deviationBps: 10,
    heartbeat: 60,
    minAnswer: units(1) / 100n,
    maxAnswer: units(2),
  })),
]

/** As Chainlink's feeds in ETH have them. */
const ETH_DECIMALS = 18
const wei = (whole: number) => BigInt(whole) * 10n ** BigInt(ETH_DECIMALS)
/** Seconds until an answer is refreshed though it did not move. */
export const ETH_HEARTBEAT = 60

/** The feed of a staked token's market price in ETH, such as STETH/ETH. */
export function ethFeed(symbol: string): FeedSettings {
  return {
    description: `${symbol.toUpperCase()}/ETH`,
    decimals: ETH_DECIMALS,
    deviationBps: 10,
    heartbeat: ETH_HEARTBEAT,
    minAnswer: wei(1) / 100n,
    maxAnswer: wei(100),
  }
}
