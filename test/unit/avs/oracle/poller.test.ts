import assert from 'node:assert/strict'
import { Gate } from '../../../../src/avs/oracle/gate.ts'
import { oracleMetrics } from '../../../../src/avs/oracle/metrics.ts'
import { planOf } from '../../../../src/avs/oracle/plan.ts'
import { createPoller } from '../../../../src/avs/oracle/poller.ts'
import type { HttpClient } from '../../../../src/avs/ports.ts'
import { createMetrics } from '../../../../src/metrics/registry.ts'
import { LariatError } from '../../../../src/util/errors.ts'
import { SimClock } from '../../../../src/util/simclock.ts'
import { configOf, keepingLog, price, sources } from './fixtures.ts'

const FEEDS = [{ name: 'BTC/USD', sources: sources('coinbase BTC/USD', 'kraken BTC/USD', 'gemini BTC/USD') }]
const GEMINI = 'gemini btcusd'
const ok = { bid: '100', ask: '100', last: '100' }

/** Answers of gemini come from `answer`; the other two venues are always unreachable. */
function setUp(answer: (signal: AbortSignal | undefined) => unknown, config: object = {}) {
  const clock = new SimClock()
  const metrics = createMetrics()
  const log = keepingLog()
  const asked: number[] = []
  const http: HttpClient = {
    async getJson(url, { signal }) {
      if (!url.startsWith('https://api.gemini.com')) throw new LariatError('http.unreachable', 'no route')
      asked.push(clock.now())
      return await answer(signal)
    },
  }
  const { poll, timeout, maxResponseBytes, requestsPerVenue, ...rest } = configOf({ feeds: FEEDS, ...config })
  const poller = createPoller({
    tickers: planOf(rest).plan.tickers,
    clock,
    http,
    log,
    metrics: oracleMetrics(metrics),
    pollMs: poll,
    timeoutMs: timeout,
    maxBytes: maxResponseBytes,
    requestsPerVenue,
    random: () => 0,
  })
  const start = () => poller.start(new AbortController().signal)
  return { clock, poller, start, asked, log, exposed: async () => (await metrics.expose()).body }
}

describe('poller', () => {
  it('has asked every source once when it has started, and asks again every interval', async () => {
    const { clock, poller, start, asked } = setUp(() => ok)
    await start()
    const started = clock.now()
    assert.equal(poller.reading(GEMINI).quote?.price, price('100'))
    assert.equal(poller.reading(GEMINI).quote?.receivedAt, started)
    await clock.advance(10_000)
    // random() is 0: the first wait is none, the others are the whole interval
    assert.deepEqual(asked, [started, ...Array.from({ length: 11 }, (_, i) => started + i * 1_000)])
    await poller.stop()
  })

  it('keeps the last quote through failures, which it tells once and counts', async () => {
    let answer: () => unknown = () => ok
    const { clock, poller, start, log, exposed } = setUp(() => answer())
    await start()
    log.entries.length = 0
    answer = () => {
      throw new LariatError('http.status', 'answered 429')
    }
    await clock.advance(2_000)
    const { quote, failure } = poller.reading(GEMINI)
    assert.equal(quote?.price, price('100'))
    assert.deepEqual([failure?.outcome, failure?.times, failure?.message], ['status', 3, 'answered 429'])
    assert.deepEqual(log.entries.filter(({ fields }) => fields?.source === GEMINI).length, 1)
    assert.match(await exposed(), /lariat_price_polls_total\{venue="gemini",outcome="status"\} 3/)
    answer = () => ({ ...ok, last: '101', ask: '102' })
    await clock.advance(8_000)
    assert.equal(poller.reading(GEMINI).failure, undefined)
    assert.equal(poller.reading(GEMINI).quote?.price, price('101'))
    await poller.stop()
  })

  it('asks a source that keeps failing less and less often, down to an eighth', async () => {
    const { clock, poller, start, asked } = setUp(() => {
      throw new LariatError('http.timeout', 'nothing came')
    })
    await start()
    const started = clock.now()
    await clock.advance(60_000)
    const gaps = asked.slice(1).map((at, i) => (at - (asked[i] ?? started)) / 1_000)
    assert.deepEqual(gaps.slice(0, 8), [0, 1, 1, 2, 4, 8, 8, 8])
    await poller.stop()
  })

  it('names each way in which a source fails', async () => {
    const failures: [unknown, string][] = [
      [new LariatError('http.too-large', ''), 'too-large'],
      [new LariatError('http.not-json', ''), 'not-json'],
      [new DOMException('late', 'TimeoutError'), 'timeout'],
      [new Error('odd'), 'failed'],
      [{ result: 'error', reason: 'InvalidSymbol' }, 'refused'],
      [{ ...ok, last: 'none' }, 'malformed'],
      [{ ...ok, bid: '101' }, 'crossed'],
    ]
    for (const [answer, outcome] of failures) {
      const { poller, start } = setUp(() => {
        if (answer instanceof Error) throw answer
        return answer
      })
      await start()
      assert.equal(poller.reading(GEMINI).failure?.outcome, outcome)
      await poller.stop()
    }
  })

  it('skips a poll while the one before is under way, and never queues', async () => {
    const waiting: (() => void)[] = []
    const { clock, poller, start, asked, exposed } = setUp(
      () => new Promise((resolve) => waiting.push(() => resolve(ok))),
      { timeout: '60s' },
    )
    const starting = start()
    await clock.advance(5_000)
    assert.equal(asked.length, 1)
    assert.match(await exposed(), /polls_total\{venue="gemini",outcome="skipped"\} 6/)
    waiting[0]?.()
    await starting
    await clock.advance(1_000)
    assert.equal(asked.length, 2)
    for (const answer of waiting) answer()
    await poller.stop()
  })

  it('starts after one timeout even if a source does not answer, and takes it with it when it stops', async () => {
    let seen: AbortSignal | undefined
    const { clock, poller, start } = setUp(
      (signal) =>
        new Promise((_, reject) => {
          seen = signal
          signal?.addEventListener('abort', () => reject(signal.reason))
        }),
    )
    let started = false
    const starting = start().then(() => {
      started = true
    })
    await clock.advance(1_999)
    assert.equal(started, false)
    await clock.advance(1)
    await starting
    await poller.stop()
    assert.equal(seen?.aborted, true)
    assert.equal(poller.reading(GEMINI).failure, undefined)
  })

  it('asks nothing any more after it stopped', async () => {
    const { clock, poller, start, asked } = setUp(() => ok)
    await start()
    await poller.stop()
    const before = asked.length
    await clock.advance(60_000)
    assert.equal(asked.length, before)
  })

  it('has at most requestsPerVenue requests under way at a venue', async () => {
    let underWay = 0
    let most = 0
    const waiting: (() => void)[] = []
    const feeds = ['AAA', 'BBB', 'CCC', 'DDD', 'EEE'].map((coin) => ({
      name: `${coin}/USD`,
      sources: sources(`coinbase ${coin}/USD`, `kraken ${coin}/USD`, `gemini ${coin}/USD`),
    }))
    const { clock, poller, start } = setUp(
      async () => {
        most = Math.max(most, ++underWay)
        await new Promise<void>((resolve) => waiting.push(resolve))
        underWay--
        return ok
      },
      { feeds, requestsPerVenue: 2, timeout: '60s' },
    )
    const starting = start()
    for (let i = 0; i < 5; i++) {
      await clock.advance(10)
      for (const answer of waiting.splice(0)) answer()
    }
    await starting
    assert.equal(most, 2)
    for (const coin of ['aaa', 'bbb', 'ccc', 'ddd', 'eee']) assert.ok(poller.reading(`gemini ${coin}usd`).quote)
    await poller.stop()
  })
})

describe('gate', () => {
  it('lets in as many as it has places, then in order', async () => {
    const gate = new Gate(1)
    const { signal } = new AbortController()
    await gate.enter(signal)
    const order: number[] = []
    const second = gate.enter(signal).then(() => order.push(2))
    const third = gate.enter(signal).then(() => order.push(3))
    gate.leave()
    await second
    assert.deepEqual(order, [2])
    gate.leave()
    await third
    gate.leave()
    await gate.enter(signal)
  })

  it('gives no place to one that was called off', async () => {
    const gate = new Gate(1)
    const controller = new AbortController()
    await gate.enter(new AbortController().signal)
    const waiting = gate.enter(controller.signal)
    controller.abort(new Error('off'))
    await assert.rejects(waiting, /off/)
    await assert.rejects(gate.enter(controller.signal), /off/)
    gate.leave()
    await gate.enter(new AbortController().signal)
  })
})
