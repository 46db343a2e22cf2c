import assert from 'node:assert/strict'
import { oracleMetrics } from '../../../../src/avs/oracle/metrics.ts'
import { answerOf, observePrices } from '../../../../src/avs/oracle/observe.ts'
import { planOf } from '../../../../src/avs/oracle/plan.ts'
import { createMetrics } from '../../../../src/metrics/registry.ts'
import { silentLog } from '../../../../src/util/log.ts'
import { chainFeed, configOf, price } from './fixtures.ts'

const NOW = 1_700_000_000_000

function observing(
  quotes: Record<string, string>,
  feeds = [chainFeed(0, 'BTC/USD'), chainFeed(1, 'USDC/USD', { decimals: 6 })],
) {
  const metrics = createMetrics()
  const observe = () =>
    observePrices({
      plan: planOf(configOf()).plan,
      quoteOf: (id) =>
        quotes[id] === undefined ? undefined : { price: price(quotes[id]), venueTime: undefined, receivedAt: NOW },
      feeds,
      now: NOW,
      metrics: oracleMetrics(metrics),
      log: silentLog,
    })
  return { observe, text: async () => (await metrics.expose()).body }
}

const btc = {
  'coinbase BTC-USD': '20123.456789125',
  'kraken XBTUSD': '20123.456789125',
  'bitstamp btcusd': '20123.456789125',
}
const usdc = { 'kraken USDCUSD': '0.9100004', 'bitstamp usdcusd': '0.91', 'gemini usdcusd': '0.9101' }

describe('observation', () => {
  it('has the chain’s feeds by ascending index, in their decimals, rounded half up', () => {
    assert.deepEqual(observing({ ...btc, ...usdc }).observe(), [
      { feedIndex: 0, answer: 2_012_345_678_913n },
      { feedIndex: 1, answer: 910_000n },
    ])
  })

  it('leaves feeds out, and counts every source and feed that it left out', async () => {
    const { observe, text } = observing({ ...btc, 'kraken USDCUSD': '0.91' }, [
      chainFeed(0, 'ETH/USD'),
      chainFeed(1, 'BTC/USD'),
      chainFeed(2, 'USDC/USD'),
    ])
    assert.deepEqual(observe(), [{ feedIndex: 1, answer: 2_012_345_678_913n }])
    const metrics = await text()
    assert.match(metrics, /lariat_price_source_excluded_total\{feed="USDC\/USD",venue="bitstamp",reason="no-quote"\} 1/)
    assert.match(metrics, /lariat_price_source_excluded_total\{feed="BTC\/USD",venue="okx",reason="no-quote"\} 1/)
    assert.doesNotMatch(metrics, /excluded_total\{feed="BTC\/USD",venue="coinbase",reason="[^"]+"\} [^0]/)
    assert.match(metrics, /lariat_price_feed_missing_total\{feed="ETH\/USD",reason="not-configured"\} 1/)
    assert.match(metrics, /lariat_price_feed_missing_total\{feed="USDC\/USD",reason="too-few-fresh"\} 1/)
    assert.match(metrics, /lariat_price_venues_used\{feed="BTC\/USD"\} 3/)
    assert.match(metrics, /lariat_price_observed\{feed="BTC\/USD"\} 20123\.456789125/)
  })

  it('fails with a reason when no feed has a price', () => {
    assert.throws(observing({}).observe, {
      code: 'observe.no-feed-observed',
      message: /BTC\/USD: too-few-fresh, USDC\/USD: too-few-fresh.*GET \/v1\/prices\/sources/,
    })
    assert.throws(observing(btc, []).observe, {
      code: 'observe.no-feed-observed',
      message: /the contract has no feeds/,
    })
  })

  it('never tells that something is worth nothing, nor what int192 cannot hold', () => {
    const view = (text: string) => ({ name: 'X/USD', price: price(text), missing: undefined, sources: [] })
    assert.equal(answerOf({ decimals: 2 }, view('0.004')), 'not-representable')
    assert.equal(answerOf({ decimals: 2 }, view('0.005')), 1n)
    assert.equal(answerOf({ decimals: 19 }, view('1')), 'not-representable')
    assert.equal(answerOf({ decimals: 0 }, { ...view('1'), price: 2n ** 191n * 10n ** 18n }), 'not-representable')
    assert.equal(answerOf({ decimals: 0 }, { ...view('1'), price: (2n ** 191n - 1n) * 10n ** 18n }), 2n ** 191n - 1n)
  })
})
