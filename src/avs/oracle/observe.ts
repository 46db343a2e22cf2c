import { LariatError, type Log } from 'lariat/avs'
import { MAX_ANSWER, type Price, type Prices } from './codec.ts'
import { formatDecimal, PRICE_DECIMALS, rescale } from './decimal.ts'
import { evaluate, type FeedView } from './evaluate.ts'
import type { ChainFeed } from './feeds.ts'
import type { Missing, OracleMetrics } from './metrics.ts'
import type { Plan } from './plan.ts'
import type { Quote } from './venue.ts'

export interface ObserveInput {
  readonly plan: Plan
  readonly quoteOf: (tickerId: string) => Quote | undefined
  /** The chain's feeds. */
  readonly feeds: readonly ChainFeed[]
  /** ms since the Unix epoch. */
  readonly now: number
  readonly metrics: Pick<OracleMetrics, 'excluded' | 'missing' | 'observed' | 'venuesUsed'>
  readonly log: Log
}

/**
 * This operator's prices, one for each feed on chain that has one; every source and feed that was left out is counted.
 * @throws LariatError `observe.no-feed-observed`
 */
export function observePrices({ plan, quoteOf, feeds, now, metrics, log }: ObserveInput): Prices {
  const views = evaluate(plan, quoteOf, now)
  for (const view of views.values()) count(view, metrics)

  const prices: Price[] = []
  const left: string[] = []
  for (const feed of feeds) {
    const answer = answerOf(feed, views.get(feed.name))
    if (typeof answer === 'bigint') {
      metrics.missing.inc({ feed: feed.name, reason: 'too-few-fresh' }, 0) // begins at 0
      prices.push({ feedIndex: feed.feedIndex, answer })
    } else {
      metrics.missing.inc({ feed: feed.name, reason: answer })
      left.push(`${feed.name}: ${answer}`)
    }
  }
  if (left.length > 0) log.debug('feeds without a price', { feeds: left })
  if (prices.length === 0) {
    throw new LariatError(
      'observe.no-feed-observed',
      `no feed has a price (${left.slice(0, 5).join(', ') || 'the contract has no feeds'}); GET /v1/prices/sources has the details`,
      { feeds: feeds.length },
    )
  }
  return prices
}

/** The view in the feed's decimals, or why there is none. */
export function answerOf(feed: Pick<ChainFeed, 'decimals'>, view: FeedView | undefined): bigint | Missing {
  if (view === undefined) return 'not-configured'
  if (view.price === undefined) return view.missing ?? 'too-few-fresh'
  if (feed.decimals > PRICE_DECIMALS) return 'not-representable'
  const answer = rescale(view.price, PRICE_DECIMALS, feed.decimals)
  // a price that rounds to zero would tell consumers that the thing is worthless
  return answer === 0n || answer > MAX_ANSWER ? 'not-representable' : answer
}

function count({ name, price, sources }: FeedView, metrics: ObserveInput['metrics']): void {
  for (const { venue, excluded } of sources) {
    metrics.excluded.inc({ feed: name, venue, reason: excluded ?? 'no-quote' }, excluded === undefined ? 0 : 1)
  }
  metrics.venuesUsed.set(
    { feed: name },
    price === undefined ? 0 : sources.filter(({ excluded }) => excluded === undefined).length,
  )
  if (price !== undefined) metrics.observed.set({ feed: name }, Number(formatDecimal(price, PRICE_DECIMALS)))
}
