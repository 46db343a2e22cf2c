import assert from 'node:assert/strict'
import * as z from 'zod'
import { expectedRange } from '../../src/testnet/venues/expect.ts'
import type { Series } from '../../src/testnet/venues/series.ts'

const quantiles = z.strictObject({ p50: z.number().positive(), p99: z.number().positive() })
const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/)
const decimal = z.string().regex(/^-?\d+\.\d+$/)
const hash = z.string().regex(/^0x[0-9a-f]{64}$/)
const unixSeconds = z.number().min(1.7e9).max(1e10)

const randomness = z.strictObject({
  ...{ service: address, beacon: address, keyGeneration: address },
  period: z.int().positive(),
  drand: z.array(z.url()),
})
/** The chain of the beacon, once its key is generated. */
const beaconChain = z.strictObject({
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  round: z.int().positive().nullable(),
  ...{ sharing: z.int().positive(), threshold: z.int().positive(), shares: z.int().positive() },
})

const bridgeEnd = z.strictObject({
  ...{ chainId: z.int().positive(), domain: z.int().positive(), from: z.int().positive() },
  ...{ mailbox: address, hook: address, ism: address, route: address },
})
const bridge = z.strictObject({
  ...{ service: address, fraud: address, stake: bridgeEnd },
  away: bridgeEnd.extend({ rpcUrl: z.url() }),
})
const end = z.enum(['stake', 'away'])
/** What became of messages. */
export const bridgeMessages = z.strictObject({
  ...{ sent: z.int().nonnegative(), delivered: z.int().nonnegative() },
  last: z.strictObject({ id: hash, to: end, seconds: z.int().nonnegative() }).nullable(),
  waiting: z.strictObject({ id: hash, to: end, seconds: z.int().nonnegative() }).nullable(),
})

/** What `lariat testnet --json` writes when the network is ready. */
export const summarySchema = z.object({
  rpcUrl: z.url(),
  addresses: z.object({ priceFeeds: address, allocationManager: address, feeds: z.record(z.string(), address) }),
  replay: z.strictObject({ seriesStart: z.number(), wallStart: unixSeconds, speed: z.number().positive() }),
  folder: z.string(),
  staker: z.strictObject({ address, config: z.string() }),
  lrt: z.strictObject({
    symbol: z.literal('lrtETH'),
    ...{ vault: address, token: address, rateFeed: address, lens: address, marketFeed: address },
    ...{ rate: decimal, value: decimal, supply: decimal, backingRatio: decimal },
    operators: z.array(
      z.strictObject({
        operator: address,
        targetBps: z.int(),
        delegated: z.boolean(),
        value: decimal,
        share: z.number(),
      }),
    ),
    lsts: z.array(
      z.strictObject({
        ...{ symbol: z.string(), kind: z.string() },
        ...{ token: address, pool: address, strategy: address, marketFeed: address },
      }),
    ),
    rates: z.record(z.string(), z.strictObject({ rate: decimal, depegged: z.boolean() })),
  }),
  rewards: z.strictObject({ token: address, payer: address, source: z.string() }).nullable(),
  randomness: randomness.nullable(),
  bridge: bridge.nullable(),
  slash: z
    .strictObject({
      operator: address,
      wad: z.string().regex(/^\d+$/),
      block: z.int().positive(),
      ...{ rateBefore: decimal, rateUnslashed: decimal, expected: decimal, rateAfter: decimal },
      asExpected: z.boolean(),
    })
    .nullable(),
  nodes: z.array(z.strictObject({ name: z.string(), operator: address, api: z.url(), config: z.string() })),
})

/** What it writes at the end. */
export const reportSchema = summarySchema.extend({
  randomness: randomness.extend({ chain: beaconChain.nullable() }).nullable(),
  bridge: bridge.extend({ messages: bridgeMessages.nullable() }).nullable(),
  operators: z.array(
    z.strictObject({
      address,
      peerId: z.string(),
      weight: z.string(),
      up: z.boolean(),
      certificates: z.int().nonnegative(),
    }),
  ),
  rounds: z.int().nonnegative(),
  certificates: z.int().nonnegative(),
  onChainUpdates: z.int().nonnegative(),
  missed: z.array(z.strictObject({ slot: z.int(), reason: z.string() })),
  certificateLatencyMs: quantiles,
  onChainLatencyMs: quantiles,
  gasPerUpdate: z.int().positive(),
  feeds: z.record(
    z.string(),
    z.strictObject({
      address,
      decimals: z.int(),
      answer: decimal,
      roundId: z.int().positive(),
      updatedAt: unixSeconds,
    }),
  ),
  history: z.array(
    z.strictObject({
      round: z.int(),
      feed: z.string(),
      answer: decimal,
      observedAt: unixSeconds,
      transaction: hash.nullable(),
    }),
  ),
})
export type Report = z.output<typeof reportSchema>

/** Staked tokens begin at one ETH and gain one basis point in twenty seconds; a slash may take some of the LRT. */
const STAKED_RANGE = { min: 0.9, max: 1.05 }

/**
 * Asserts that every certified value lies where the series says, that the history has a row for each certified round and
 * feed, and that what is called on chain is as many updates as are counted. @returns the number of rows
 */
export function checkHistory(report: Report, series: Series): number {
  const { history, replay, certificates, onChainUpdates } = report
  const feeds = Object.keys(report.feeds).sort()
  const rounds = new Map<number, string[]>()
  for (const { round, feed, answer, observedAt } of history) {
    const { min, max } = feed.endsWith('/ETH') ? STAKED_RANGE : expectedRange(series, replay, { feed, observedAt })
    const value = Number(answer)
    assert.ok(value >= min && value <= max, `round ${round}: ${feed} ${answer} is not within ${min} and ${max}`)
    rounds.set(round, [...(rounds.get(round) ?? []), feed])
  }
  for (const [round, present] of rounds) assert.deepEqual(present.sort(), feeds, `feeds of round ${round}`)
  assert.equal(rounds.size, certificates)
  const transactions = new Set(history.flatMap(({ transaction }) => transaction ?? []))
  assert.equal(transactions.size, onChainUpdates)
  return history.length
}
