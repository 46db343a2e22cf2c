import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_ANSWER, MAX_FEEDS, MIN_ANSWER, type Prices, pricesCodec } from '../../../../src/avs/oracle/codec.ts'
import { MAX_BODY_BYTES } from '../../../../src/types/wire/limits.ts'

const arbitrary = fc
  .uniqueArray(
    fc.record(
      {
        feedIndex: fc.integer({ min: 0, max: 0xffff }),
        answer: fc.bigInt({ min: MIN_ANSWER, max: MAX_ANSWER }),
      },
      { noNullPrototype: true },
    ),
    { minLength: 1, maxLength: MAX_FEEDS, selector: ({ feedIndex }) => feedIndex },
  )
  .map((prices): Prices => prices.sort((a, b) => a.feedIndex - b.feedIndex))

const invalid = { code: 'prices.invalid' }

describe('codec of prices', () => {
  it('reads back what it writes', () => {
    fc.assert(
      fc.property(arbitrary, (prices) => assert.deepEqual(pricesCodec.decode(pricesCodec.encode(prices)), prices)),
    )
  })

  it('accepts only what it would write', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        let prices: Prices
        try {
          prices = pricesCodec.decode(bytes)
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'prices.invalid')
          return
        }
        assert.deepEqual(pricesCodec.encode(prices), bytes)
      }),
    )
    // and the same for small changes of what it did write, which random bytes would seldom hit
    fc.assert(
      fc.property(arbitrary, fc.nat(), fc.integer({ min: 1, max: 255 }), (prices, at, flip) => {
        const bytes = pricesCodec.encode(prices)
        const i = at % bytes.length
        bytes[i] = (bytes[i] ?? 0) ^ flip
        try {
          assert.deepEqual(pricesCodec.encode(pricesCodec.decode(bytes)), bytes)
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'prices.invalid')
        }
      }),
    )
  })

  it('is version, index, answer in two’s complement', () => {
    assert.equal(
      Buffer.from(pricesCodec.encode([{ feedIndex: 258, answer: -2n }])).toString('hex'),
      `01${'0102'}${'ff'.repeat(23)}fe`,
    )
  })

  it('refuses another version, a cut, a tail, disorder, repetition, emptiness and excess', () => {
    const bytes = pricesCodec.encode([
      { feedIndex: 1, answer: 5n },
      { feedIndex: 2, answer: 6n },
    ])
    const [, ...rows] = [bytes.slice(0, 1), bytes.slice(1, 27), bytes.slice(27)]
    const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts))
    const [one = new Uint8Array(), two = new Uint8Array()] = rows
    const version = Uint8Array.of(1)
    assert.deepEqual(pricesCodec.decode(join(version, one, two)).length, 2)
    for (const bad of [
      new Uint8Array(),
      version,
      join(Uint8Array.of(2), one),
      bytes.slice(0, -1),
      join(bytes, Uint8Array.of(0)),
      join(version, two, one),
      join(version, one, one),
      join(version, ...Array.from({ length: MAX_FEEDS + 1 }, () => one)),
    ]) {
      assert.throws(() => pricesCodec.decode(bad), invalid)
    }
    assert.throws(() => pricesCodec.encode([]), invalid)
    assert.throws(() => pricesCodec.encode([{ feedIndex: 0, answer: MAX_ANSWER + 1n }]), invalid)
    assert.throws(() => pricesCodec.encode([{ feedIndex: 0x10000, answer: 1n }]), invalid)
  })

  it('reads from the middle of a larger buffer', () => {
    const bytes = pricesCodec.encode([{ feedIndex: 7, answer: 8n }])
    const large = new Uint8Array(100)
    large.set(bytes, 50)
    assert.deepEqual(pricesCodec.decode(large.subarray(50, 50 + bytes.length)), [{ feedIndex: 7, answer: 8n }])
  })

  it('fits an observation of all feeds into a message', () => {
    assert.ok(MAX_FEEDS >= 100)
    const all = Array.from({ length: MAX_FEEDS }, (_, feedIndex) => ({ feedIndex, answer: MIN_ANSWER }))
    assert.ok(pricesCodec.encode(all).length <= MAX_BODY_BYTES)
  })
})
