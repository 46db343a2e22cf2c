import assert from 'node:assert/strict'
import { pegOf } from '../../../../src/node/risk/peg.ts'

const ETH = 10n ** 18n
const NOW = 1_700_000_000
const limits = { heartbeat: 3_600, depegBps: 200 }
const answer = (value: bigint, age = 0, decimals = 18) => ({ answer: value, decimals, updatedAt: BigInt(NOW - age) })

describe('peg of a token to its own rate', () => {
  it('compares the market with the rate, whatever decimals the feed has', () => {
    const rate = (12n * ETH) / 10n
    assert.deepEqual(pegOf(rate, answer(120_000_000n, 30, 8), NOW, limits), {
      rate,
      market: rate,
      ratio: 1,
      age: 30,
      state: 'ok',
    })
    assert.equal(pegOf(ETH, answer(11n * 10n ** 20n, 0, 21), NOW, limits).ratio, 1.1)
  })

  it('is lost beyond the limit, not at it', () => {
    assert.equal(pegOf(ETH, answer((98n * ETH) / 100n), NOW, limits).state, 'ok')
    assert.equal(pegOf(ETH, answer((98n * ETH) / 100n - 1n), NOW, limits).state, 'depegged')
  })

  it('is not known from a feed that is old, or says nothing sensible', () => {
    assert.equal(pegOf(ETH, answer(ETH, 3_600), NOW, limits).state, 'ok')
    assert.equal(pegOf(ETH, answer(ETH, 3_601), NOW, limits).state, 'stale')
    assert.equal(pegOf(ETH, answer(0n), NOW, limits).state, 'invalid')
    assert.equal(pegOf(ETH, answer(-5n), NOW, limits).state, 'invalid')
    assert.equal(pegOf(ETH, answer(ETH, -61), NOW, limits).state, 'invalid')
    assert.equal(pegOf(ETH, answer(ETH, -60), NOW, limits).state, 'ok')
  })
})
