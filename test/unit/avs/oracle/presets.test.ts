import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { formatDecimal } from '../../../../src/avs/oracle/decimal.ts'
import { parsePair } from '../../../../src/avs/oracle/pair.ts'
import { PRESETS } from '../../../../src/avs/oracle/presets.ts'
import { parseTicker, spell, tickerUrl, type Venue, valueAt, venueSchema } from '../../../../src/avs/oracle/venue.ts'

const FOLDER = new URL('../../../vectors/venues/', import.meta.url)

interface Vector {
  venue: string
  market: string
  url: string
  body: unknown
  price: string
  venueTime: number | null
  errors: { body: unknown; code: string }[]
}

const vectors = readdirSync(FOLDER).map(
  (file): Vector => JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Vector,
)

function preset(name: string): Venue {
  const venue = PRESETS[name]
  assert.ok(venue, `no preset ${name}`)
  return venue
}

describe('venue presets', () => {
  it('has a documented sample for every preset', () => {
    assert.deepEqual(vectors.map(({ venue }) => venue).sort(), Object.keys(PRESETS).sort())
  })

  for (const vector of vectors) {
    describe(vector.venue, () => {
      const venue = preset(vector.venue)

      it('is a venue that a configuration could declare', () => assert.deepEqual(venueSchema.parse(venue), venue))

      it('asks for the market where the venue documents it', () => {
        const pair = parsePair(vector.market)
        assert.ok(pair)
        assert.equal(tickerUrl(venue, spell(venue.naming, pair)), vector.url)
      })

      it('reads the documented answer', () => {
        const quote = parseTicker(venue, vector.body, 5)
        assert.equal(formatDecimal(quote.price, 18).replace(/\.?0+$/, ''), vector.price)
        assert.equal(quote.venueTime ?? null, vector.venueTime)
        assert.equal(quote.receivedAt, 5)
      })

      for (const { body, code } of vector.errors) {
        it(`refuses ${JSON.stringify(body).slice(0, 60)} as ${code}`, () => {
          assert.throws(() => parseTicker(venue, body, 5), { code })
        })
      }

      it('refuses what is not an answer at all', () => {
        for (const body of [null, undefined, 'down for maintenance', 7, [], {}]) {
          assert.throws(() => parseTicker(venue, body, 5), { code: /^venue\.(malformed|refused)$/ })
        }
      })
    })
  }

  it('holds the last price between bid and ask', () => {
    const venue = preset('coinbase')
    const at = (price: string, bid: string, ask: string) =>
      parseTicker(venue, { price, bid, ask, time: '2020-03-20T00:22:57Z' }, 0).price / 10n ** 18n
    assert.equal(at('100', '99', '101'), 100n)
    assert.equal(at('90', '99', '101'), 99n)
    assert.equal(at('110', '99', '101'), 101n)
  })

  it('reads times in every unit', () => {
    const at = (unit: 's' | 'ms' | 'us' | 'ns' | 'iso', t: unknown) => {
      const { bid: _, ask: __, error: ___, ...rest } = preset('coinbase')
      return parseTicker({ ...rest, time: { path: 't', unit } }, { price: '1', t }, 0).venueTime
    }
    assert.equal(at('s', '1643640186'), 1_643_640_186_000)
    assert.equal(at('s', 1_643_640_186.5), 1_643_640_186_500)
    assert.equal(at('ms', 1_643_640_186_123), 1_643_640_186_123)
    assert.equal(at('us', '1643640186123000'), 1_643_640_186_123)
    assert.equal(at('ns', '1643640186123000000'), 1_643_640_186_123)
    assert.equal(at('iso', '2017-09-02T17:05:49.250000Z'), 1_504_371_949_250)
    for (const bad of [null, '', '-1', 'now', {}]) {
      assert.throws(() => at('ms', bad), { code: 'venue.malformed' })
    }
  })

  it('does not follow a path into what objects inherit', () => {
    assert.equal(valueAt({}, 'constructor.name'), undefined)
    assert.equal(valueAt({ a: { b: [1, 2] } }, 'a.b.1'), 2)
    assert.equal(valueAt({ a: { only: 3 } }, 'a.*'), 3)
    assert.equal(valueAt({ a: { one: 1, two: 2 } }, 'a.*'), undefined)
  })
})
