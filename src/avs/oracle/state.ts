import { type Context, LariatError, type Log, type ServiceChain } from 'lariat/avs'
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

/** New final blocks for which a contract that is in none yet is waited for: on mainnet one comes every 6.4 minutes. */
const MAX_WAIT_BLOCKS = 30

/**
 * Reads what never changes on chain, and the feeds for the first time, from a final block; waits for it where the contract
 * is newer. @throws LariatError `chain.…`
 */
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
  const call = { address: contract, abi: priceFeedsAbi, args: [], block: 'finalized' } as const
  const genesis = await whenFinal(chain, log, () => chain.read({ ...call, functionName: 'genesis' }))
  const [interval, feeds] = await Promise.all([
    chain.read({ ...call, functionName: 'interval' }),
    openFeedTable({ contract, chain, log, metrics: own, configured: plan.feeds.map(({ name }) => name) }),
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

/** What `read` gives, tried again with each final block while no final block has the contract. */
async function whenFinal<T>(chain: ServiceChain, log: Log, read: () => Promise<T>): Promise<T> {
  for (let waited = 0; ; waited++) {
    try {
      return await read()
    } catch (error) {
      const missing = error instanceof LariatError && error.code === 'chain.no-contract'
      if (!missing || waited === MAX_WAIT_BLOCKS) throw error
      if (waited === 0) log.info('the contract is not in a final block yet; waiting for one that has it')
      await new Promise<void>((resolve) => {
        const unfollow = chain.heads('finalized', () => {
          unfollow()
          resolve()
        })
      })
    }
  }
}
