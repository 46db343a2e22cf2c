import type { Context } from 'lariat/avs'
import { priceFeedsAbi } from './abi/priceFeeds.ts'
import type { OracleConfig } from './config.ts'
import { type FeedTable, openFeedTable } from './feeds.ts'
import { type OracleMetrics, oracleMetrics } from './metrics.ts'
import { type Plan, planOf } from './plan.ts'
import { createPoller, type Poller } from './poller.ts'
import { createSigners, type Signers } from './signers.ts'

/** What the hooks of the price service share. */
export interface OracleState {
  readonly plan: Plan
  readonly poller: Poller
  readonly feeds: FeedTable
  readonly signers: Signers
  readonly metrics: OracleMetrics
  /** Unix second of slot 0. */
  readonly genesis: number
  /** Seconds between slots. */
  readonly interval: number
}

/** Reads what never changes on chain, and the feeds for the first time. @throws LariatError `chain.…` */
export async function openState({
  config,
  chain,
  clock,
  http,
  log,
  metrics,
}: Context<OracleConfig>): Promise<OracleState> {
  const { contract } = config
  const { plan } = planOf(config)
  const own = oracleMetrics(metrics)
  const call = { address: contract, abi: priceFeedsAbi, args: [] } as const
  const [genesis, interval, feeds] = await Promise.all([
    chain.read({ ...call, functionName: 'genesis' }),
    chain.read({ ...call, functionName: 'interval' }),
    openFeedTable({ contract, chain, log, configured: plan.feeds.map(({ name }) => name) }),
  ])
  const poller = createPoller({
    tickers: plan.tickers,
    clock,
    http,
    log,
    metrics: own,
    pollMs: config.poll,
    timeoutMs: config.timeout,
    maxBytes: config.maxResponseBytes,
    requestsPerVenue: config.requestsPerVenue,
  })
  return {
    plan,
    poller,
    feeds,
    signers: createSigners(contract, chain, log),
    metrics: own,
    genesis: Number(genesis),
    interval,
  }
}
