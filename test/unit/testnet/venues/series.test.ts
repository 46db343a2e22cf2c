import assert from 'node:assert/strict'
import { COLUMNS, loadSeries, parseSeries, rowAt, spanOf } from '../../../../src/testnet/venues/series.ts'
import { syntheticSeries } from '../../../../src/testnet/venues/synthetic.ts'

const HEADER =
  'time,binanceus_btcusd_close,binanceus_btcusd_volume,binanceus_btcusdt_close,binanceus_btcusdc_close,kraken_btcusdc_close'
const file = (...rows: string[]) => [HEADER, ...rows].join('\n')

describe('recorded series', () => {
  it('is read by the names of its columns, an empty cell as no trade', () => {
    const series = parseSeries(`${file('60,20000.5,1,19999,22000,', '120,20001,0,19998,22001,22100')}\r\n`, 'a.csv')
    assert.deepEqual(series.times, [60, 120])
    assert.deepEqual(series.closes.binanceus_btcusd_close, [20_000.5, 20_001])
    assert.deepEqual(series.closes.kraken_btcusdc_close, [undefined, 22_100])
    assert.equal(series.synthetic, false)
    assert.equal(series.source, 'a.csv')
  })

  for (const [name, text, message] of [
    [
      'a missing column',
      file().replace('kraken_btcusdc_close', 'kraken'),
      /^a\.csv:1: there is no column kraken_btcusdc_close; the header must name time,/,
    ],
    ['no rows', file(), /^a\.csv:1: there are no rows; add/],
    ['nothing', '', /^a\.csv:1: there is no column time/],
    [
      'a bad number',
      file('60,1,1,1,1,1', '120,1,1,n/a,1,1'),
      /^a\.csv:3: binanceus_btcusdt_close "n\/a" is not a positive number; a minute without a trade has an empty cell/,
    ],
    ['a price of zero', file('60,0,1,1,1,1'), /^a\.csv:2: binanceus_btcusd_close "0" is not a positive/],
    [
      'a bad time',
      file('2023-03-10,1,1,1,1,1'),
      /^a\.csv:2: time "2023-03-10" is not the Unix second of a full minute/,
    ],
    ['a time within a minute', file('61,1,1,1,1,1'), /^a\.csv:2: time "61" is not/],
    [
      'times out of order',
      file('120,1,1,1,1,1', '60,1,1,1,1,1'),
      /^a\.csv:3: time 60 is not after 120; sort the rows by time/,
    ],
    ['a time twice', file('60,1,1,1,1,1', '60,1,1,1,1,1'), /^a\.csv:3: time 60 is not after 60/],
    ['a short row', file('60,1,1'), /^a\.csv:2: 3 cells where the header has 6; complete the row/],
  ] as const) {
    it(`is refused with ${name}: file, line and mend`, () => {
      assert.throws(() => parseSeries(text, 'a.csv'), { code: 'series.invalid', message })
    })
  }

  it('that cannot be read is named', () => {
    assert.throws(() => loadSeries('/nowhere/a.csv'), {
      code: 'series.unreadable',
      message: /^\/nowhere\/a\.csv: cannot be read/,
    })
  })

  it('finds the row of a time, before, within, in a gap and after', () => {
    const series = parseSeries(file('60,1,1,1,1,1', '120,1,1,1,1,1', '300,1,1,1,1,1'), 'a.csv')
    assert.deepEqual(
      [0, 60, 119.9, 120, 250, 300, 9_999].map((time) => rowAt(series, time)),
      [0, 0, 0, 1, 1, 2, 2],
    )
    assert.deepEqual(spanOf(series), { start: 60, end: 360 })
  })
})

describe('synthetic series', () => {
  it('says that it is, and is the same for the same seed', () => {
    const series = syntheticSeries({ seed: 1, minutes: 100 })
    assert.equal(series.synthetic, true)
    assert.match(series.source, /synthetic series, seed 1: invented/)
    assert.deepEqual(syntheticSeries({ seed: 1, minutes: 100 }), series)
    assert.notDeepEqual(syntheticSeries({ seed: 2, minutes: 100 }).closes, series.closes)
  })

  it('has the recorded one’s shape: minutes, all columns, gaps on the thin market, a coin that leaves its peg', () => {
    const series = syntheticSeries({ seed: 3 })
    assert.equal(series.times.length, 2_880)
    assert.ok(series.times.every((time, i) => i === 0 || time === (series.times[i - 1] ?? 0) + 60))
    for (const column of COLUMNS) {
      const empty = series.closes[column].filter((close) => close === undefined).length
      if (column === 'kraken_btcusdc_close') assert.ok(empty > 400 && empty < 750, `${empty} empty`)
      else assert.equal(empty, 0)
    }
    const usdc = series.times.map((_, i) => {
      const { binanceus_btcusd_close: usd, binanceus_btcusdc_close: coin } = series.closes
      return (usd[i] ?? 0) / (coin[i] ?? 1)
    })
    assert.ok(Math.min(...usdc) < 0.94)
    assert.ok(Math.abs((usdc[0] ?? 0) - 1) < 0.005)
    assert.ok(Math.abs((usdc.at(-1) ?? 0) - 1) < 0.01)
  })
})
