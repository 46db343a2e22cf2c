import { type Address, type Clock, describe, type Log, type Part, type ServiceChain } from 'lariat/avs'
import { priceFeedsAbi } from './abi/priceFeeds.ts'
import { PRICE_DECIMALS } from './decimal.ts'
import type { OracleMetrics } from './metrics.ts'

/** How often the list of feeds is read again for new ones, beside the reads of submission. Milliseconds. */
export const REFRESH_MS = 30_000

/** Feeds asked for in one call: each costs the provider some 15k gas of an eth_call. */
const PAGE = 256

/** A feed as it stands on chain. Answers in 10^-decimals, times in Unix seconds. */
export interface ChainFeed {
  readonly feedIndex: number
  /** Its description, without spaces. */
  readonly name: string
  readonly facade: Address
  readonly decimals: number
  readonly deviationBps: number
  readonly heartbeat: number
  readonly minAnswer: bigint
  readonly maxAnswer: bigint
  /** 0 when it has no answer yet. */
  readonly roundId: number
  readonly answer: bigint
  /** Observation time of the answer. */
  readonly startedAt: number
  readonly updatedAt: number
}

/** The chain's list of feeds; it only grows. */
export interface FeedTable {
  /** As a final block has it, of the last read: what is signed rests on it. */
  current(): readonly ChainFeed[]
  /** Reads it anew from the newest final block: one call up to 255 feeds. @throws LariatError `chain.…` */
  refresh(): Promise<readonly ChainFeed[]>
  /** The feeds and their state in the newest block, in the words of one provider: for what is sent, not for what is signed. @throws LariatError `chain.…` */
  latest(): Promise<readonly ChainFeed[]>
}

export interface FeedTableOptions {
  readonly contract: Address
  readonly chain: Pick<ServiceChain, 'read'>
  readonly log: Log
  readonly metrics: Pick<OracleMetrics, 'updated' | 'heartbeat'>
  /** Names of the feeds that are configured. */
  readonly configured: readonly string[]
}

/**
 * Reads the list for the first time, and says which feeds are on one side only.
 * @throws LariatError `chain.…`
 */
export async function openFeedTable({
  contract,
  chain,
  log,
  metrics,
  configured,
}: FeedTableOptions): Promise<FeedTable> {
  let feeds: readonly ChainFeed[] = []
  const told = new Set<string>()
  const tell = (name: string, message: string) => {
    if (told.has(name)) return
    told.add(name)
    log.warn(message, { feed: name })
  }

  const readPage = (from: number, block: 'finalized' | 'latest') =>
    chain.read({
      address: contract,
      abi: priceFeedsAbi,
      functionName: 'feeds',
      args: [BigInt(from), BigInt(PAGE)],
      block,
    })

  async function readFeeds(block: 'finalized' | 'latest'): Promise<readonly ChainFeed[]> {
    const rows = [...(await readPage(0, block))]
    // the contract returns what there is of a page, so a short page is the last
    for (let from = PAGE; rows.length === from; from += PAGE) rows.push(...(await readPage(from, block)))
    return rows.map(({ facade, config, roundId, answer, startedAt, updatedAt }, feedIndex) => ({
      feedIndex,
      name: config.description.replaceAll(' ', ''),
      facade,
      decimals: config.decimals,
      deviationBps: config.deviationBps,
      heartbeat: config.heartbeat,
      minAnswer: config.minAnswer,
      maxAnswer: config.maxAnswer,
      roundId,
      answer,
      startedAt: Number(startedAt),
      updatedAt: Number(updatedAt),
    }))
  }

  async function refresh(): Promise<readonly ChainFeed[]> {
    feeds = await readFeeds('finalized')
    compare()
    publish(feeds)
    return feeds
  }

  function publish(read: readonly ChainFeed[]): void {
    for (const { name: feed, updatedAt, heartbeat } of read) {
      metrics.updated.set({ feed }, updatedAt)
      metrics.heartbeat.set({ feed }, heartbeat)
    }
  }

  async function latest(): Promise<readonly ChainFeed[]> {
    const read = await readFeeds('latest')
    publish(read)
    return read
  }

  function compare(): void {
    const onChain = new Set(feeds.map(({ name }) => name))
    for (const name of configured) {
      if (!onChain.has(name)) {
        tell(
          name,
          `the contract has no feed ${name}: it serves conversion only; check its spelling against description()`,
        )
      }
    }
    for (const { name, decimals } of feeds) {
      if (!configured.includes(name)) {
        tell(
          name,
          `feed ${name} is on chain and not in this configuration: it is not observed here; add it under feeds`,
        )
      } else if (decimals > PRICE_DECIMALS) {
        tell(name, `feed ${name} has ${decimals} decimals, at most ${PRICE_DECIMALS} can be observed`)
      }
    }
  }

  await refresh()
  return { current: () => feeds, refresh, latest }
}

/** Looks for new feeds every `REFRESH_MS`; a read that takes longer skips the next. */
export function feedWatch(table: FeedTable, clock: Clock, log: Log): Part {
  let timer: { cancel(): void } | undefined
  let running: Promise<void> | undefined
  let stopped = false

  const schedule = () => {
    timer = clock.after(REFRESH_MS, () => {
      running ??= table
        .refresh()
        .then(
          () => {},
          (error) => log.warn('the list of feeds could not be read', { error: describe(error) }),
        )
        .finally(() => {
          running = undefined
        })
      if (!stopped) schedule()
    })
  }
  return {
    name: 'price-feed-watch',
    async start() {
      schedule()
    },
    async stop() {
      stopped = true
      timer?.cancel()
      await running
    },
  }
}
