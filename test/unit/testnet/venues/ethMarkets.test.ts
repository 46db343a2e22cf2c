import assert from 'node:assert/strict'
import { oracleConfigSchema } from '../../../../src/avs/oracle/config.ts'
import { parsePair } from '../../../../src/avs/oracle/pair.ts'
import { planOf } from '../../../../src/avs/oracle/plan.ts'
import { PRESETS } from '../../../../src/avs/oracle/presets.ts'
import { parseTicker, spell, tickerUrl } from '../../../../src/avs/oracle/venue.ts'
import { ethFeed } from '../../../../src/testnet/feeds.ts'
import { venueConfig } from '../../../../src/testnet/venues/config.ts'
import { createEthMarkets, ETH_VENUES } from '../../../../src/testnet/venues/ethMarkets.ts'
import { VENUES } from '../../../../src/testnet/venues/markets.ts'
import { startVenues } from '../../../../src/testnet/venues/server.ts'
import { syntheticSeries } from '../../../../src/testnet/venues/synthetic.ts'
import { SimClock } from '../../../../src/util/simclock.ts'

const CONTRACT = '0x5FbDB2315678afecb367f032d93F642f64180aa3'

describe('markets of staked tokens', () => {
  it('stay within five basis points of the token’s own rate', () => {
    const markets = createEthMarkets(['stETH', 'rETH'])
    markets.setRate('rETH', 1.1)
    for (let wall = 0; wall < 10_000; wall += 7) {
      const price = markets.priceAt('RETH', wall)
      assert.ok(price !== undefined && Math.abs(price / 1.1 - 1) < 5e-4, `${price}`)
    }
    assert.equal(markets.priceAt('STETH', 0), undefined)
    assert.equal(markets.priceAt('CBETH', 0), undefined)
  })

  it('fall below it on demand, and come back', () => {
    const markets = createEthMarkets(['cbETH'])
    markets.setRate('cbETH', 2)
    const before = markets.priceAt('CBETH', 5) ?? 0
    markets.depeg('CBETH', 0.05)
    assert.equal(markets.priceAt('CBETH', 5), before * 0.95)
    assert.deepEqual(markets.describe(), { 'CBETH/ETH': { rate: 2, depeg: 0.05 } })
    markets.depeg('CBETH', 0)
    assert.equal(markets.priceAt('CBETH', 5), before)
    assert.throws(() => markets.depeg('ankrETH', 0.1), RangeError)
  })

  it('are served by their venues as the presets read them, and are unknown elsewhere', async () => {
    const ethMarkets = createEthMarkets(['stETH'])
    const clock = new SimClock()
    const venues = await startVenues({ clock, series: syntheticSeries({ seed: 1, minutes: 5 }), speed: 1, ethMarkets })
    try {
      const pair = parsePair('STETH/ETH')
      assert.ok(pair)
      const ask = async (name: string) => {
        const spec = { ...PRESETS[name], url: `${venues.url}/${name}` } as Parameters<typeof tickerUrl>[0]
        const response = await fetch(tickerUrl(spec, spell(spec.naming, pair)))
        return { spec, status: response.status, body: await response.json() }
      }
      assert.equal((await ask('coinbase')).status, 503)
      ethMarkets.setRate('stETH', 1)
      for (const name of ETH_VENUES) {
        const { spec, status, body } = await ask(name)
        assert.equal(status, 200)
        const quote = parseTicker(spec, body, clock.now())
        assert.ok(Math.abs(Number(quote.price) / 1e18 - 1) < 0.002, `${name}: ${quote.price}`)
      }
      assert.notEqual((await ask('gemini')).status, 200)
    } finally {
      await venues.stop()
    }
  })

  it('make feeds of the testnet that the price service takes and the contract allows', () => {
    const config = venueConfig('http://127.0.0.1:1', ['stETH', 'rETH'])
    const parsed = oracleConfigSchema.parse({ contract: CONTRACT, ...config })
    assert.deepEqual(planOf(parsed).problems, [])
    assert.deepEqual(
      config.feeds.slice(3).map(({ name, sources }) => [name, sources.length]),
      [
        ['STETH/ETH', ETH_VENUES.length],
        ['RETH/ETH', ETH_VENUES.length],
      ],
    )
    assert.equal(ethFeed('stETH').description, 'STETH/ETH')
    for (const name of ETH_VENUES) assert.ok(name in VENUES)
  })
})
