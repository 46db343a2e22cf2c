import { divide, multiply, ONE } from './decimal.ts'
import type { Exclusion, Missing } from './metrics.ts'
import type { Plan, PlannedFeed, PlannedSource } from './plan.ts'
import type { Quote } from './venue.ts'

/** How far a venue's clock may be ahead of ours; a quote from further in the future is left out. Milliseconds. */
export const FUTURE_TOLERANCE_MS = 2_000

/** A source's part in a feed's price. Prices have 18 decimals, times are ms. */
export interface SourceView {
  readonly venue: string
  readonly symbol: string
  /** Feed by which it was converted. */
  readonly via: string | undefined
  readonly quote: Quote | undefined
  /** Since the venue's time, or since receipt where the venue tells none. */
  readonly ageMs: number | undefined
  /** In the feed's quote; undefined when it could not be told. */
  readonly price: bigint | undefined
  readonly excluded: Exclusion | undefined
}

/** A feed as this operator sees it. */
export interface FeedView {
  readonly name: string
  /** 18 decimals; undefined when `missing` says why. */
  readonly price: bigint | undefined
  readonly missing: Exclude<Missing, 'not-configured'> | undefined
  readonly sources: readonly SourceView[]
}

/**
 * Every feed of the plan at `now` (ms): quotes that are stale or from the future are left out, the others converted; those
 * further than `outlierBps` from the median of all are left out; the price is the median of the rest. A venue has one vote,
 * and fewer than `minVenues` give no price.
 * @param quoteOf the latest quote of a ticker, by its id
 */
export function evaluate(
  plan: Plan,
  quoteOf: (tickerId: string) => Quote | undefined,
  now: number,
): ReadonlyMap<string, FeedView> {
  const views = new Map<string, FeedView>()
  // the plan has every feed after those that it converts by
  for (const feed of plan.feeds) {
    const priceOf = (name: string) => views.get(name)?.price
    views.set(
      feed.name,
      viewOf(
        feed,
        feed.sources.map((source) => sourceView(feed, source, quoteOf(source.ticker.id), priceOf, now)),
      ),
    )
  }
  return views
}

function sourceView(
  feed: PlannedFeed,
  { venue, symbol, via, inverted }: PlannedSource,
  quote: Quote | undefined,
  priceOf: (feed: string) => bigint | undefined,
  now: number,
): SourceView {
  const base = { venue, symbol, via, quote, ageMs: undefined, price: undefined }
  if (quote === undefined) return { ...base, excluded: 'no-quote' }
  // a venue that stopped answering is stale too, whatever time it told last
  const time = Math.min(quote.venueTime ?? quote.receivedAt, quote.receivedAt)
  const ageMs = now - time
  if (quote.venueTime !== undefined && quote.venueTime > now + FUTURE_TOLERANCE_MS) {
    return { ...base, ageMs: now - quote.venueTime, excluded: 'future' }
  }
  if (ageMs > feed.maxAgeMs) return { ...base, ageMs, excluded: 'stale' }
  const rate = via === undefined ? undefined : priceOf(via)
  if (via !== undefined && rate === undefined) return { ...base, ageMs, excluded: 'no-conversion' }
  const price = inverted ? divide(rate ?? ONE, quote.price) : multiply(quote.price, rate ?? ONE)
  return { ...base, ageMs, price, excluded: undefined }
}

function viewOf(feed: PlannedFeed, sources: readonly SourceView[]): FeedView {
  const fresh = sources.flatMap(({ price }) => (price === undefined ? [] : [price]))
  if (fresh.length < feed.minVenues) return { name: feed.name, price: undefined, missing: 'too-few-fresh', sources }
  const center = median(fresh)
  const judged = sources.map(
    (source): SourceView =>
      source.price !== undefined && isOutlier(source.price, center, feed.outlierBps)
        ? { ...source, excluded: 'outlier' }
        : source,
  )
  const agreeing = judged.flatMap(({ price, excluded }) =>
    price === undefined || excluded !== undefined ? [] : [price],
  )
  if (agreeing.length < feed.minVenues) {
    return { name: feed.name, price: undefined, missing: 'too-few-agree', sources: judged }
  }
  return { name: feed.name, price: median(agreeing), missing: undefined, sources: judged }
}

function isOutlier(price: bigint, center: bigint, outlierBps: number): boolean {
  const delta = price > center ? price - center : center - price
  return delta * 10_000n > BigInt(outlierBps) * center
}

/** The middle price; of an even number the mean of the two middle ones, rounded down. */
export function median(prices: readonly bigint[]): bigint {
  const sorted = [...prices].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const middle = sorted.length >> 1
  const upper = sorted[middle]
  const lower = sorted[sorted.length % 2 === 1 ? middle : middle - 1]
  if (upper === undefined || lower === undefined) throw new RangeError('a median needs at least one price')
  return (lower + upper) / 2n
}
