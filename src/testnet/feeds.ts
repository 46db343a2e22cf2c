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
