import assert from 'node:assert/strict'
import fc from 'fast-check'
import { evaluate, type FeedView, median } from '../../../../src/avs/oracle/evaluate.ts'
import { planOf } from '../../../../src/avs/oracle/plan.ts'
import type { Quote } from '../../../../src/avs/oracle/venue.ts'
import { configOf, price, sources } from './fixtures.ts'

const NOW = 1_700_000_000_000

type Told = Record<string, string | [price: string, quote: Partial<Quote>]>

/** Quotes by `venue MARKET`, fresh unless told otherwise. */
function viewsOf(config: object, told: Told): ReadonlyMap<string, FeedView> {
  const { plan } = planOf(configOf(config))
  const quotes = new Map<string, Quote>()
  for (const feed of plan.feeds) {
    for (const { venue, symbol, ticker } of feed.sources) {
      const quote = told[`${venue} ${symbol}`]
      if (quote === undefined) continue
      const [text, rest] = typeof quote === 'string' ? [quote, {}] : quote
      quotes.set(ticker.id, { price: price(text), venueTime: NOW - 500, receivedAt: NOW - 200, ...rest })
    }
  }
  return evaluate(plan, (id) => quotes.get(id), NOW)
}

function feedOf(views: ReadonlyMap<string, FeedView>, name: string): FeedView {
  const view = views.get(name)
  assert.ok(view)
  return view
}

const exclusions = (view: FeedView) => view.sources.map(({ excluded }) => excluded ?? 'used')

const usd = (feed: object = {}) => ({
  feeds: [
    {
      name: 'BTC/USD',
      sources: sources('coinbase BTC/USD', 'kraken BTC/USD', 'bitstamp BTC/USD', 'gemini BTC/USD'),
      ...feed,
    },
  ],
})
const four = {
  'coinbase BTC/USD': '100',
  'kraken BTC/USD': '101',
  'bitstamp BTC/USD': '102',
  'gemini BTC/USD': '100.5',
}

describe('a feed’s price', () => {
  it('is the median over venues; of an even number the mean of the middle two', () => {
    const view = feedOf(viewsOf(usd(), four), 'BTC/USD')
    assert.equal(view.price, price('100.75'))
    assert.deepEqual(exclusions(view), ['used', 'used', 'used', 'used'])
    const { 'gemini BTC/USD': _, ...three } = four
    assert.equal(feedOf(viewsOf(usd(), three), 'BTC/USD').price, price('101'))
  })

  it('leaves out stale quotes by the venue’s time, and by receipt where the venue tells none or stopped answering', () => {
    const stale = (quote: Partial<Quote>) =>
      exclusions(feedOf(viewsOf(usd({ maxAge: '10s' }), { ...four, 'kraken BTC/USD': ['101', quote] }), 'BTC/USD'))[1]
    assert.equal(stale({ venueTime: NOW - 10_000 }), 'used')
    assert.equal(stale({ venueTime: NOW - 10_001 }), 'stale')
    assert.equal(stale({ venueTime: undefined, receivedAt: NOW - 10_000 }), 'used')
    assert.equal(stale({ venueTime: undefined, receivedAt: NOW - 10_001 }), 'stale')
    assert.equal(stale({ venueTime: NOW, receivedAt: NOW - 10_001 }), 'stale')
  })

  it('leaves out quotes from the future, beyond what clocks differ', () => {
    const future = (venueTime: number) =>
      exclusions(feedOf(viewsOf(usd(), { ...four, 'kraken BTC/USD': ['101', { venueTime }] }), 'BTC/USD'))[1]
    assert.equal(future(NOW + 2_000), 'used')
    assert.equal(future(NOW + 2_001), 'future')
  })

  it('leaves out what lies beyond outlierBps of the median of all', () => {
    const outlier = (text: string) => {
      const view = feedOf(viewsOf(usd({ outlierBps: 200 }), { ...four, 'gemini BTC/USD': text }), 'BTC/USD')
      return [exclusions(view)[3], view.price]
    }
    // the median of 100, 101, 102 and anything above is 101.5
    assert.deepEqual(outlier('103.53'), ['used', price('101.5')])
    assert.deepEqual(outlier('103.54'), ['outlier', price('101')])
    assert.deepEqual(outlier('1'), ['outlier', price('101')])
  })

  it('is missing with too few fresh venues, and with too few that agree', () => {
    const fresh = feedOf(viewsOf(usd(), { 'coinbase BTC/USD': '100', 'kraken BTC/USD': '101' }), 'BTC/USD')
    assert.equal(fresh.price, undefined)
    assert.equal(fresh.missing, 'too-few-fresh')
    assert.deepEqual(exclusions(fresh), ['used', 'used', 'no-quote', 'no-quote'])
    const torn = feedOf(
      viewsOf(usd(), {
        'coinbase BTC/USD': '100',
        'kraken BTC/USD': '101',
        'bitstamp BTC/USD': '200',
        'gemini BTC/USD': '201',
      }),
      'BTC/USD',
    )
    assert.equal(torn.missing, 'too-few-agree')
    assert.equal(torn.price, undefined)
  })

  it('wants as many venues as the feed says', () => {
    const { 'gemini BTC/USD': _, ...three } = four
    assert.equal(feedOf(viewsOf(usd({ minVenues: 4 }), three), 'BTC/USD').missing, 'too-few-fresh')
  })
})

describe('a converted source', () => {
  const stable = {
    'kraken USDC/USD': '0.91',
    'bitstamp USDC/USD': '0.909',
    'gemini USDC/USD': '0.912',
    'kraken USDT/USD': '1.005',
    'coinbase USDT/USD': '1.006',
    'bitstamp USDT/USD': '1.004',
  }
  const dollars = { 'coinbase BTC/USD': '20000', 'kraken BTC/USD': '20010', 'bitstamp BTC/USD': '19990' }

  it('is multiplied by its coin’s own feed, never taken for dollars', () => {
    const view = feedOf(
      viewsOf({}, { ...stable, ...dollars, 'binance BTC/USDT': '19900', 'okx BTC/USDC': '22000' }),
      'BTC/USD',
    )
    assert.deepEqual(
      view.sources.map((source) => source.price),
      ['20000', '20010', '19990', '19999.5', '20020'].map(price),
    )
    assert.equal(view.price, price('20000'))
  })

  it('is left out while its coin has no price', () => {
    const { 'gemini USDC/USD': _, ...rest } = stable
    const views = viewsOf({}, { ...rest, ...dollars, 'binance BTC/USDT': '19900', 'okx BTC/USDC': '22000' })
    assert.equal(feedOf(views, 'USDC/USD').missing, 'too-few-fresh')
    assert.deepEqual(exclusions(feedOf(views, 'BTC/USD')), ['used', 'used', 'used', 'used', 'no-conversion'])
    assert.equal(feedOf(views, 'BTC/USD').price, (price('19999.5') + price('20000')) / 2n)
  })

  it('would be an outlier if it were taken for dollars', () => {
    const feeds = [
      {
        name: 'BTC/USD',
        sources: [
          ...sources('coinbase BTC/USD', 'kraken BTC/USD', 'bitstamp BTC/USD'),
          { venue: 'okx', symbol: 'BTC/USD', ticker: 'BTC-USDC' },
        ],
      },
    ]
    assert.deepEqual(exclusions(feedOf(viewsOf({ feeds }, { ...dollars, 'okx BTC/USD': '22000' }), 'BTC/USD')), [
      'used',
      'used',
      'used',
      'outlier',
    ])
  })

  it('may be inverted: USDC/USD from BTC/USDC by BTC/USD', () => {
    const view = feedOf(
      viewsOf(
        {
          feeds: [
            { name: 'BTC/USD', sources: sources('coinbase BTC/USD', 'kraken BTC/USD', 'bitstamp BTC/USD') },
            { name: 'USDC/USD', sources: sources('kraken USDC/USD', 'bitstamp USDC/USD', 'binance BTC/USDC') },
          ],
        },
        { ...dollars, ...stable, 'binance BTC/USDC': '22000' },
      ),
      'USDC/USD',
    )
    assert.equal(view.sources[2]?.price, price('0.909090909090909091'))
  })
})

describe('median', () => {
  it('does not depend on order and lies between least and greatest', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 1n, max: 10n ** 30n }), { minLength: 1, maxLength: 12 }), (prices) => {
        const value = median(prices)
        assert.equal(median([...prices].reverse()), value)
        assert.ok(prices.some((p) => p <= value) && prices.some((p) => p >= value))
      }),
    )
  })
})
