import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { planOf } from '../../../../src/avs/oracle/plan.ts'
import { CONTRACT, configOf, FEEDS, problemsOf, sources } from './fixtures.ts'

const withFeeds = (...feeds: object[]) => problemsOf({ contract: CONTRACT, feeds })
const direct = (name: string, ...venues: string[]) => ({
  name,
  sources: venues.map((venue) => ({ venue, symbol: name })),
})

describe('price service configuration', () => {
  it('fills in defaults; durations become milliseconds', () => {
    const config = configOf()
    assert.equal(config.poll, 1_000)
    assert.equal(config.timeout, 2_000)
    assert.equal(config.bandBps, 200)
    assert.equal(config.feeds[0]?.maxAge, 60_000)
    assert.equal(config.feeds[0]?.minVenues, 3)
    assert.equal(configOf({ poll: '250ms' }).poll, 250)
  })

  it('refuses unknown keys, bad durations and addresses', () => {
    assert.match(problemsOf({ contract: CONTRACT, feeds: FEEDS, pol: '1s' }).join(), /Unrecognized key: "pol"/)
    assert.match(problemsOf({ contract: CONTRACT, feeds: FEEDS, poll: 1000 }).join(), /poll: .*expected string/)
    assert.match(
      problemsOf({ contract: CONTRACT, feeds: FEEDS, poll: '1ms' }).join(),
      /poll: expected a duration from 100ms to 1h/,
    )
    assert.match(problemsOf({ contract: '0x12', feeds: FEEDS }).join(), /contract: expected a 20-byte address/)
  })

  it('wants BASE/QUOTE, not the venue’s spelling', () => {
    const problems = withFeeds({
      name: 'BTC/USD',
      sources: sources('coinbase BTC/USD', 'kraken XBTUSD', 'bitstamp BTC/USD'),
    })
    assert.equal(problems.length, 1)
    assert.match(
      problems[0] ?? '',
      /^feeds\.0\.sources\.1\.symbol: expected a market as BASE\/QUOTE .* such as BTC\/USD/,
    )
  })

  it('tells what is wrong in itself once, and plans nothing from it', () => {
    const feed = direct('BTC/USD', 'coinbase', 'kraken', 'bitstamp')
    assert.deepEqual(
      withFeeds({ ...feed, name: 'BTCUSD' }).map((problem) => problem.slice(0, 60)),
      ['feeds.0.name: expected a feed as BASE/QUOTE in two different'],
    )
    assert.deepEqual(problemsOf({ contract: CONTRACT, feeds: [feed], venues: { mine: { url: 'ftp://x' } } }), [
      'venues.mine.url: expected an http:// or https:// URL',
    ])
  })

  it('is as the documentation shows it', () => {
    const page = readFileSync(new URL('../../../../docs/prices.md', import.meta.url), 'utf8')
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? []
    const { use, ...config } = parse(example).services[0]
    assert.equal(use, 'prices')
    assert.deepEqual(problemsOf(config), [])
  })

  it('wants three venues, each with one vote', () => {
    assert.match(withFeeds(direct('BTC/USD', 'coinbase', 'kraken')).join(), /expected sources on at least 3 venues/)
    assert.match(
      withFeeds(direct('BTC/USD', 'coinbase', 'kraken', 'kraken')).join('\n'),
      /feed BTC\/USD, source kraken BTC\/USD: kraken is named twice, but a venue has one vote in a feed; drop one\n.*names 2 venues, and 3 must answer/,
    )
    assert.match(
      withFeeds({ ...direct('BTC/USD', 'coinbase', 'kraken', 'bitstamp'), minVenues: 4 }).join(),
      /feed BTC\/USD names 3 venues, and 4 must answer: add sources on other venues/,
    )
    assert.match(
      withFeeds({ ...direct('BTC/USD', 'coinbase', 'kraken', 'bitstamp'), minVenues: 2 }).join(),
      /a feed rests on at least 3 venues/,
    )
  })

  it('refuses a feed that is there twice, and a market of something else', () => {
    const btc = direct('BTC/USD', 'coinbase', 'kraken', 'bitstamp')
    assert.match(withFeeds(btc, btc).join(), /feeds\.1\.name: feed BTC\/USD is there twice/)
    assert.match(
      withFeeds({ name: 'BTC/USD', sources: sources('coinbase BTC/USD', 'kraken ETH/USD', 'bitstamp BTC/USD') }).join(),
      /feed BTC\/USD, source kraken ETH\/USD: this market does not price BTC; use one that has BTC/,
    )
  })

  it('names venues that are not there, and what a new one lacks', () => {
    assert.match(
      withFeeds(direct('BTC/USD', 'coinbase', 'kraken', 'mtgox')).join(),
      /feed BTC\/USD, source mtgox BTC\/USD: no such venue; take one of binance, .*or declare it under venues/,
    )
    assert.match(
      problemsOf({
        contract: CONTRACT,
        feeds: [direct('BTC/USD', 'coinbase', 'kraken', 'mine')],
        venues: { mine: { url: 'https://mine.example' } },
      }).join(),
      /venues\.mine: venue mine has no preset, so it must be declared in full: add path, price/,
    )
    assert.match(
      problemsOf({ contract: CONTRACT, feeds: FEEDS, venues: { kraken: { url: 'ftp://x' } } }).join(),
      /venues\.kraken\.url: expected an http:\/\/ or https:\/\/ URL/,
    )
    assert.match(
      problemsOf({ contract: CONTRACT, feeds: FEEDS, venues: { kraken: { path: '/ticker' } } }).join(),
      /venues\.kraken\.path: expected a path that starts with \/ and has \{symbol\}/,
    )
  })

  it('takes a venue of one’s own in the presets’ form, and any part of a preset anew', () => {
    const config = configOf({
      feeds: [
        {
          name: 'BTC/USD',
          sources: [
            ...sources('coinbase BTC/USD', 'kraken BTC/USD'),
            { venue: 'mine', symbol: 'BTC/USD', ticker: 'btc:usd' },
          ],
        },
      ],
      venues: {
        mine: { url: 'https://mine.example/', path: '/t?m={symbol}', price: 'p' },
        kraken: { url: 'http://127.0.0.1:1/kraken', naming: { alias: { BTC: 'BTC' } } },
      },
    })
    const { plan, problems } = planOf(config)
    assert.deepEqual(problems, [])
    assert.deepEqual(
      plan.tickers.map(({ url }) => url),
      [
        'https://api.exchange.coinbase.com/products/BTC-USD/ticker',
        'http://127.0.0.1:1/kraken/0/public/Ticker?pair=BTCUSD',
        'https://mine.example/t?m=btc%3Ausd',
      ],
    )
  })
})

describe('conversion of quotes', () => {
  const usdt = direct('USDT/USD', 'kraken', 'coinbase', 'bitstamp')
  const usdc = direct('USDC/USD', 'kraken', 'bitstamp', 'gemini')

  it('goes by the coin’s own feed, and feeds come after those they convert by', () => {
    const { plan } = planOf(configOf())
    assert.deepEqual(
      plan.feeds.map(({ name }) => name),
      ['USDT/USD', 'USDC/USD', 'BTC/USD'],
    )
    assert.deepEqual(
      plan.feeds.find(({ name }) => name === 'BTC/USD')?.sources.map(({ via }) => via),
      [undefined, undefined, undefined, 'USDT/USD', 'USDC/USD'],
    )
  })

  it('asks for the feed that is missing', () => {
    assert.match(
      withFeeds({ name: 'BTC/USD', sources: sources('coinbase BTC/USD', 'kraken BTC/USD', 'binance BTC/USDT') }).join(),
      /feed BTC\/USD, source binance BTC\/USDT: it is not in USD, so it needs the feed USDT\/USD to be converted: add that feed, or use a market of binance that is in USD/,
    )
  })

  it('is refused by a feed that converts by the feed itself: USDC by USDT by USDC', () => {
    const problems = withFeeds(
      { name: 'USDC/USD', sources: sources('kraken USDC/USD', 'bitstamp USDC/USD', 'binance USDC/USDT') },
      { name: 'USDT/USD', sources: sources('kraken USDT/USD', 'coinbase USDT/USD', 'okx USDT/USDC') },
    )
    assert.equal(problems.length, 2)
    assert.match(
      problems[0] ?? '',
      /^feeds\.0\.sources\.2\.symbol: feed USDC\/USD, source binance USDC\/USDT: it is converted by the feed USDT\/USD, which is itself derived from USDC\/USD: give USDT\/USD only sources that are in USD, or use a market of binance that is in USD$/,
    )
    assert.match(problems[1] ?? '', /feed USDT\/USD, source okx USDT\/USDC/)
  })

  it('is refused by a coin’s feed that is derived from the very quote: BTC/USDC by a USDC/USD made of BTC/USDC', () => {
    assert.match(
      withFeeds(
        { name: 'BTC/USD', sources: sources('coinbase BTC/USD', 'bitstamp BTC/USD', 'kraken BTC/USDC') },
        { name: 'USDC/USD', sources: sources('bitstamp USDC/USD', 'gemini USDC/USD', 'kraken BTC/USDC') },
      ).join('\n'),
      /feed BTC\/USD, source kraken BTC\/USDC: it is converted by the feed USDC\/USD, which is itself derived from BTC\/USD/,
    )
  })

  it('is refused over any number of steps', () => {
    const problems = withFeeds(
      { name: 'AAA/USD', sources: sources('coinbase AAA/USD', 'kraken AAA/USD', 'okx AAA/BBB') },
      { name: 'BBB/USD', sources: sources('coinbase BBB/USD', 'kraken BBB/USD', 'okx BBB/CCC') },
      { name: 'CCC/USD', sources: sources('coinbase CCC/USD', 'kraken CCC/USD', 'okx AAA/CCC') },
    )
    assert.equal(problems.length, 3)
  })

  it('is refused when a spelling of one’s own makes a feed of the same ticker', () => {
    const problems = withFeeds(
      { name: 'BTC/USD', sources: sources('coinbase BTC/USD', 'kraken BTC/USD', 'okx BTC/USDC') },
      {
        name: 'USDC/USD',
        sources: [
          ...sources('kraken USDC/USD', 'gemini USDC/USD'),
          { venue: 'okx', symbol: 'USDC/USD', ticker: 'BTC-USDC' },
        ],
      },
    )
    assert.match(
      problems.join(),
      /feed BTC\/USD, source okx BTC\/USDC: .* derived from this same quote \(through USDC\/USD\): take another venue there/,
    )
  })

  it('allows a cross: USDC/USD from BTC/USDC inverted, by a BTC/USD that is in dollars only', () => {
    const { plan, problems } = planOf(
      configOf({
        feeds: [
          direct('BTC/USD', 'coinbase', 'kraken', 'bitstamp'),
          { name: 'USDC/USD', sources: sources('kraken USDC/USD', 'bitstamp USDC/USD', 'binance BTC/USDC') },
        ],
      }),
    )
    assert.deepEqual(problems, [])
    const cross = plan.feeds.at(-1)?.sources.at(-1)
    assert.equal(cross?.inverted, true)
    assert.equal(cross?.via, 'BTC/USD')
  })

  it('polls a market once, however many feeds use it', () => {
    const { plan } = planOf(
      configOf({
        feeds: [
          direct('BTC/USD', 'coinbase', 'kraken', 'bitstamp'),
          { name: 'USD/BTC', sources: sources('coinbase BTC/USD', 'kraken BTC/USD', 'bitstamp BTC/USD') },
          usdt,
          usdc,
        ],
      }),
    )
    assert.equal(plan.tickers.length, 9)
  })
})
