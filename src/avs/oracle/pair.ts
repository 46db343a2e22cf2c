/** A market or a feed: one unit of `base` costs so many of `quote`. */
export interface Pair {
  readonly base: string
  readonly quote: string
}

const PAIR = /^([A-Za-z0-9]{1,20})\/([A-Za-z0-9]{1,20})$/

/** `BASE/QUOTE`; undefined for anything else, and for a coin priced in itself. */
export function parsePair(text: string): Pair | undefined {
  const [, base, quote] = PAIR.exec(text) ?? []
  return base === undefined || quote === undefined || base === quote ? undefined : { base, quote }
}

/** How a venue's market prices a feed. */
export interface Pricing {
  /** The market has the feed's base as its quote: one over its price. */
  readonly inverted: boolean
  /** Feed by which the price is then multiplied, because it is in another coin than the feed's quote. */
  readonly via: string | undefined
}

/**
 * How `market` prices `feed`: BTC/USDT prices BTC/USD by way of the feed USDT/USD; USD/JPY prices JPY/USD inverted.
 * @returns undefined when the feed's base is not in the market
 */
export function pricingOf(feed: Pair, market: Pair): Pricing | undefined {
  const inverted = market.base !== feed.base
  if (inverted && market.quote !== feed.base) return undefined
  const paidIn = inverted ? market.base : market.quote
  return { inverted, via: paidIn === feed.quote ? undefined : `${paidIn}/${feed.quote}` }
}
