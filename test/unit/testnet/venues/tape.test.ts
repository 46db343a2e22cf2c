import assert from 'node:assert/strict'
import { expectedRange } from '../../../../src/testnet/venues/expect.ts'
import type { VenueMarkets } from '../../../../src/testnet/venues/markets.ts'
import { VENUES } from '../../../../src/testnet/venues/markets.ts'
import { replayOf, seriesTime, wallTime } from '../../../../src/testnet/venues/replay.ts'
import type { Series } from '../../../../src/testnet/venues/series.ts'
import { createTape } from '../../../../src/testnet/venues/tape.ts'

const WALL = 1_700_000_000

/** Five minutes from 600 on; Kraken has no trade in minutes 1 and 2. */
const series: Series = {
  source: 'five minutes',
  synthetic: true,
  times: [600, 660, 720, 780, 840],
  closes: {
    binanceus_btcusd_close: [100, 101, 102, 103, 104],
    binanceus_btcusdt_close: [100, 100, 100, 100, 100],
    binanceus_btcusdc_close: [110, 110, 120, 120, 120],
    kraken_btcusdc_close: [125, undefined, undefined, 130, undefined],
  },
}
const replay = replayOf(series, { speed: 10, wallStart: WALL })
const venue = (delaySeconds: number, offsetBps = 0): VenueMarkets => ({ delaySeconds, offsetBps, markets: {} })
const btc = { close: 'binanceus_btcusd_close' } as const
const thin = { close: 'binanceus_btcusd_close', over: 'kraken_btcusdc_close' } as const

describe('replay', () => {
  it('maps wall time to series time and back, and stops at the end', () => {
    assert.deepEqual(replay, { seriesStart: 600, wallStart: WALL, speed: 10 })
    assert.equal(seriesTime(replay, series, WALL + 6.5), 665)
    assert.equal(wallTime(replay, 665), WALL + 6.5)
    assert.equal(seriesTime(replay, series, WALL + 30), 900)
    assert.equal(seriesTime(replay, series, WALL + 3_000), 900)
  })

  it('starts within the series at a sane speed, or says what would do', () => {
    assert.equal(replayOf(series, { from: 899, speed: 1, wallStart: WALL }).seriesStart, 899)
    for (const from of [599, 900, Number.NaN]) {
      assert.throws(() => replayOf(series, { from, speed: 1, wallStart: WALL }), {
        code: 'series.from-outside',
        message: /choose --from between 1970-01-01T00:10:00\.000Z and 1970-01-01T00:14:59\.000Z/,
      })
    }
    for (const speed of [0, -1, Number.NaN, 3_601]) {
      assert.throws(() => replayOf(series, { speed, wallStart: WALL }), { code: 'series.speed' })
    }
  })
})

describe('tape', () => {
  const tape = createTape(series, replay)

  it('shows the row of the time less the delay, with that time', () => {
    assert.deepEqual(tape.tickAt(venue(0), btc, WALL + 5.9), { price: 100, time: WALL + 5.9 })
    assert.deepEqual(tape.tickAt(venue(0), btc, WALL + 6), { price: 101, time: WALL + 6 })
    assert.deepEqual(tape.tickAt(venue(20), btc, WALL + 6), { price: 100, time: WALL + 4 })
    assert.deepEqual(tape.tickAt(venue(20), btc, WALL + 8), { price: 101, time: WALL + 6 })
  })

  it('shifts prices by the venue’s offset', () => {
    assert.equal(tape.tickAt(venue(0, 10), btc, WALL)?.price, 100 * 1.001)
  })

  it('lets the last price stand through minutes without a trade, its time at the end of its minute', () => {
    assert.deepEqual(tape.tickAt(venue(0), thin, WALL + 5), { price: 100 / 125, time: WALL + 5 })
    for (const at of [6, 12, 17.9])
      assert.deepEqual(tape.tickAt(venue(0), thin, WALL + at), { price: 100 / 125, time: WALL + 6 })
    assert.deepEqual(tape.tickAt(venue(0), thin, WALL + 18), { price: 103 / 130, time: WALL + 18 })
  })

  it('stands still at the end of the series and never wraps', () => {
    for (const at of [30, 31, 10_000])
      assert.deepEqual(tape.tickAt(venue(0), btc, WALL + at), { price: 104, time: WALL + 30 })
  })

  it('shows nothing before a market’s first trade', () => {
    const late: Series = {
      ...series,
      closes: { ...series.closes, kraken_btcusdc_close: [undefined, undefined, 1, 1, 1] },
    }
    const after = createTape(late, replay)
    assert.equal(after.tickAt(venue(0), thin, WALL + 11), undefined)
    assert.equal(after.tickAt(venue(0), thin, WALL + 12)?.price, 102)
  })

  it('is delayed and shifted within what the expectation allows', () => {
    for (const [name, { offsetBps, delaySeconds }] of Object.entries(VENUES)) {
      assert.ok(Math.abs(offsetBps) < 20, name)
      assert.ok(delaySeconds >= 0 && delaySeconds <= 25, name)
    }
  })
})

describe('expectation', () => {
  const range = (feed: string, at: number) => expectedRange(series, replay, { feed, observedAt: WALL + at })

  it('spans the minute of observation and its neighbours, widened by 0.3 %', () => {
    assert.deepEqual(range('BTC/USD', 7), { min: 100 * 0.997, max: 102 * 1.003 })
    assert.deepEqual(range('USDT/USD', 13), { min: 1.01 * 0.997, max: 1.03 * 1.003 })
  })

  it('has both markets of USDC, of minutes with a trade', () => {
    assert.deepEqual(range('USDC/USD', 7), { min: (100 / 125) * 0.997, max: (101 / 110) * 1.003 })
    assert.deepEqual(range('USDC/USD', 13), { min: (103 / 130) * 0.997, max: (101 / 110) * 1.003 })
  })

  it('ends with the series', () => {
    assert.deepEqual(range('BTC/USD', 0), { min: 100 * 0.997, max: 101 * 1.003 })
    assert.deepEqual(range('BTC/USD', 999), { min: 103 * 0.997, max: 104 * 1.003 })
  })

  it('knows only the series’ feeds', () => {
    assert.throws(() => range('ETH/USD', 0), {
      code: 'series.no-such-feed',
      message: /gives BTC\/USD, USDC\/USD, USDT\/USD/,
    })
  })

  it('says when there is no value to expect', () => {
    const empty: Series = {
      ...series,
      closes: { ...series.closes, binanceus_btcusd_close: series.times.map(() => undefined) },
    }
    assert.throws(() => expectedRange(empty, replay, { feed: 'BTC/USD', observedAt: WALL }), {
      code: 'series.no-value',
    })
  })
})
