import assert from 'node:assert/strict'
import { oracleConfigSchema } from '../../../../src/avs/oracle/config.ts'
import { planOf } from '../../../../src/avs/oracle/plan.ts'
import { venueConfig } from '../../../../src/testnet/venues/config.ts'
import { FEED_FORMULAS, VENUES, type VenueMarkets } from '../../../../src/testnet/venues/markets.ts'

const config = venueConfig('http://127.0.0.1:1')

describe('testnet configuration of the price service', () => {
  it('is one that the price service takes', () => {
    const parsed = oracleConfigSchema.parse({ contract: '0x5FbDB2315678afecb367f032d93F642f64180aa3', ...config })
    assert.deepEqual(planOf(parsed).problems, [])
    for (const { url } of planOf(parsed).plan.tickers) assert.ok(url.startsWith('http://127.0.0.1:1/'), url)
  })

  it('has the feeds of the series, each on three venues or more that serve it', () => {
    assert.deepEqual(config.feeds.map(({ name }) => name).sort(), Object.keys(FEED_FORMULAS).sort())
    for (const { name, sources } of config.feeds) {
      assert.ok(sources.length >= 3, name)
      for (const { venue, symbol } of sources) {
        const markets = (VENUES as Record<string, VenueMarkets>)[venue]?.markets
        assert.ok(markets?.[symbol], `${venue} does not serve ${symbol}`)
      }
    }
  })

  it('converts USDT and USDC quotes of BTC', () => {
    assert.deepEqual(
      config.feeds.find(({ name }) => name === 'BTC/USD')?.sources.map(({ symbol }) => symbol),
      ['BTC/USD', 'BTC/USD', 'BTC/USD', 'BTC/USDT', 'BTC/USDC'],
    )
  })

  it('rests each feed by majority on the series’ first formula for it, whatever the other does', () => {
    for (const { name, sources } of config.feeds) {
      const [first] = FEED_FORMULAS[name] ?? []
      const votes = sources.filter(
        ({ venue, symbol }) => (VENUES as Record<string, VenueMarkets>)[venue]?.markets[symbol] === first,
      )
      assert.ok(2 * votes.length > sources.length, name)
      assert.ok(votes.length >= 3, name)
    }
  })
})
