import assert from 'node:assert/strict'
import { formatDecimal } from '../../../../src/avs/oracle/decimal.ts'
import { parsePair } from '../../../../src/avs/oracle/pair.ts'
import { PRESETS } from '../../../../src/avs/oracle/presets.ts'
import { parseTicker, spell, tickerUrl, type Venue } from '../../../../src/avs/oracle/venue.ts'
import { type Formula, VENUES, type VenueMarkets, type VenueName } from '../../../../src/testnet/venues/markets.ts'
import { startVenues, type VenueServer } from '../../../../src/testnet/venues/server.ts'
import { syntheticSeries } from '../../../../src/testnet/venues/synthetic.ts'
import { createTape } from '../../../../src/testnet/venues/tape.ts'
import { SimClock } from '../../../../src/util/simclock.ts'

const series = syntheticSeries({ seed: 1, minutes: 60 })

function preset(name: string): Venue {
  const venue = PRESETS[name]
  assert.ok(venue, `no preset ${name}`)
  return venue
}

async function get(url: string, init?: RequestInit) {
  const response = await fetch(url, init)
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

describe('venue server', () => {
  let clock: SimClock
  let venues: VenueServer

  beforeEach(async () => {
    clock = new SimClock()
    venues = await startVenues({ clock, series, speed: 10 })
  })
  afterEach(() => venues.stop())

  it('serves every market in its venue’s own format, as the presets read it', async () => {
    await clock.advance(150_000)
    const tape = createTape(series, venues.replay)
    for (const [name, venue] of Object.entries<VenueMarkets>(VENUES)) {
      const spec = { ...preset(name), url: `${venues.url}/${name}` }
      for (const [market, formula] of Object.entries<Formula>(venue.markets)) {
        const pair = parsePair(market)
        assert.ok(pair)
        const { status, body } = await get(tickerUrl(spec, spell(spec.naming, pair)))
        assert.equal(status, 200)
        const quote = parseTicker(spec, body, clock.now())
        const tick = tape.tickAt(venue, formula, clock.now() / 1_000)
        assert.ok(tick)
        const off = Math.abs(Number(formatDecimal(quote.price, 18)) / tick.price - 1)
        assert.ok(off < 1e-5, `${name} ${market}: ${off}`)
        // Bitstamp tells whole seconds
        if (quote.venueTime !== undefined) {
          const early = tick.time * 1_000 - quote.venueTime
          assert.ok(early >= -0.001 && early < (name === 'bitstamp' ? 1_000 : 1.001), `${name}: ${early}`)
        }
      }
    }
  })

  it('speaks each venue’s error for a market that it does not have', async () => {
    for (const name of Object.keys(VENUES) as VenueName[]) {
      const spec = { ...preset(name), url: `${venues.url}/${name}` }
      const { status, body } = await get(tickerUrl(spec, 'NOSUCH'))
      assert.throws(() => parseTicker(spec, body, 0), { code: /^venue\.(refused|malformed)$/ }, name)
      // these two answer 200 with an error inside, as the real ones do
      assert.equal(status === 200, name === 'kraken' || name === 'okx', name)
    }
  })

  it('answers nothing else', async () => {
    assert.equal((await get(`${venues.url}/nasdaq/ticker`)).status, 404)
    assert.equal((await get(`${venues.url}/kraken/0/private/Balance`)).status, 404)
    assert.equal((await get(`${venues.url}/constructor/x`)).status, 404)
    assert.equal((await get(`${venues.url}/status`, { method: 'POST' })).status, 405)
  })

  it('tells what it replays and how far it is, and when the series has ended', async () => {
    const { body } = await get(`${venues.url}/status`)
    const start = series.times[0] ?? 0
    assert.equal(body.source, series.source)
    assert.equal(body.synthetic, true)
    assert.deepEqual(body.replay, venues.replay)
    assert.deepEqual(body.series, { start, end: start + 3_600, now: start })
    assert.equal(body.ended, false)
    assert.deepEqual(body.venues, VENUES)
    await clock.advance(360_000)
    assert.equal((await get(`${venues.url}/status`)).body.ended, true)
  })

  it('says that a market has no trade yet', async () => {
    const thin = { ...series, closes: { ...series.closes, kraken_btcusdc_close: series.times.map(() => undefined) } }
    const other = await startVenues({ clock, series: thin, speed: 1 })
    const { status, body } = await get(`${other.url}/kraken/0/public/Ticker?pair=USDCUSD`)
    assert.equal(status, 503)
    assert.match(String(body.error), /no trade of this market yet/)
    await other.stop()
  })

  it('refuses a start outside of the series before it listens', async () => {
    await assert.rejects(startVenues({ clock, series, speed: 1, from: 0 }), { code: 'series.from-outside' })
  })

  it('fails when its port is taken, and frees it when it stops', async () => {
    const port = Number(new URL(venues.url).port)
    await assert.rejects(startVenues({ clock, series, speed: 1, port }), { code: 'EADDRINUSE' })
    await venues.stop()
    venues = await startVenues({ clock, series, speed: 1, port })
    assert.equal(new URL(venues.url).port, String(port))
  })
})
