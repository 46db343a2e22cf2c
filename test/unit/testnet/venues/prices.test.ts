import assert from 'node:assert/strict'
import type { Context, Part } from '../../../../src/avs/api.ts'
import { type Prices, pricesCodec } from '../../../../src/avs/oracle/codec.ts'
import { type OracleConfig, oracleConfigSchema } from '../../../../src/avs/oracle/config.ts'
import prices from '../../../../src/avs/oracle/index.ts'
import type { OracleState } from '../../../../src/avs/oracle/state.ts'
import type { HttpClient } from '../../../../src/avs/ports.ts'
import { createMetrics } from '../../../../src/metrics/registry.ts'
import { venueConfig } from '../../../../src/testnet/venues/config.ts'
import { expectedRange } from '../../../../src/testnet/venues/expect.ts'
import { startVenues, type VenueServer } from '../../../../src/testnet/venues/server.ts'
import { syntheticSeries } from '../../../../src/testnet/venues/synthetic.ts'
import { createHttpClient } from '../../../../src/util/http.ts'
import { silentLog } from '../../../../src/util/log.ts'
import { SimClock } from '../../../../src/util/simclock.ts'
import { bareContext } from '../../../support/context.ts'
import { fakeChain } from '../../avs/oracle/fakechain.ts'
import { CONTRACT, chainFeed } from '../../avs/oracle/fixtures.ts'

const SPEED = 10
const FEEDS = ['BTC/USD', 'USDC/USD', 'USDT/USD']
const ROUND_MS = 2_000
/** Steps in which time goes on; answers come within one, so this is the most that they are late. */
const STEP_MS = 100

/** An HTTP client over which one can wait for all that is under way. */
function tracked(clock: SimClock): HttpClient & { idle(): Promise<void> } {
  const client = createHttpClient({ clock })
  const underWay = new Set<Promise<unknown>>()
  return {
    getJson(url, options) {
      const request = client.getJson(url, options)
      const done = request.catch(() => {}).finally(() => underWay.delete(done))
      underWay.add(done)
      return request
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }
}

interface Operator {
  readonly context: Context<OracleConfig> & { state: OracleState }
  readonly http: ReturnType<typeof tracked>
  readonly parts: readonly Part[]
}

/** The plug-in's own hooks, as a daemon would call them. */
async function startOperator(clock: SimClock, url: string): Promise<Operator> {
  const http = tracked(clock)
  const context: Context<OracleConfig> = {
    ...bareContext,
    config: oracleConfigSchema.parse({ contract: CONTRACT, ...venueConfig(url) }),
    service: `0x${'11'.repeat(32)}`,
    operator: CONTRACT,
    clock,
    log: silentLog,
    metrics: createMetrics(),
    http,
    chain: fakeChain(FEEDS.map((name, i) => chainFeed(i, name))),
  }
  const state = (await prices.state?.(context)) as OracleState
  const full = { ...context, state }
  const parts: readonly Part[] = prices.parts?.(full) ?? []
  for (const part of parts) await part.start(new AbortController().signal)
  return { context: full, http, parts }
}

describe('price service over the venue server', () => {
  const series = syntheticSeries({ seed: 7 })
  const clock = new SimClock()
  let venues: VenueServer
  let operators: Operator[]

  before(async () => {
    venues = await startVenues({ clock, series, speed: SPEED })
    operators = []
    for (let i = 0; i < 4; i++) {
      operators.push(await startOperator(clock, venues.url))
      await clock.advance(70) // they do not start in step
    }
  })
  after(async () => {
    for (const { parts } of operators) for (const part of parts) await part.stop()
    await venues.stop()
  })

  async function pass(ms: number): Promise<void> {
    for (let at = 0; at < ms; at += STEP_MS) {
      await clock.advance(STEP_MS)
      for (const { http } of operators) await http.idle()
    }
  }

  const observe = ({ context }: Operator): Promise<Prices> =>
    prices.observe({
      ...context,
      task: { slot: 0n, triggeredAt: clock.now(), deadline: clock.now() + ROUND_MS, args: undefined },
      signal: new AbortController().signal,
    })

  it('certifies every feed in every round, within what the series says of that minute and its neighbours', async function () {
    this.timeout(60_000)
    const { agreement } = prices
    assert.ok(agreement.kind === 'report')
    let differing = 0
    const usdc: number[] = []
    for (let round = 0; round < 45; round++) {
      await pass(ROUND_MS)
      const observations = await Promise.all(operators.map(observe))
      if (new Set(observations.map((o) => Buffer.from(pricesCodec.encode(o)).toString('hex'))).size > 1) differing++
      const report = agreement.compute(
        observations.map((observation) => ({ operator: CONTRACT, weight: 1n, observation })),
        4n,
      ) as Prices
      assert.deepEqual(
        report.map(({ feedIndex }) => feedIndex),
        [0, 1, 2],
      )
      for (const [i, own] of observations.entries()) {
        assert.equal(agreement.check(report, own, operators[i]?.context.config), undefined)
      }
      for (const { feedIndex, answer } of report) {
        const feed = FEEDS[feedIndex] ?? ''
        const { min, max } = expectedRange(series, venues.replay, { feed, observedAt: clock.now() / 1_000 })
        const value = Number(answer) / 1e8
        assert.ok(value >= min && value <= max, `${feed} ${value} is not in [${min}, ${max}] in round ${round}`)
        if (feed === 'USDC/USD') usdc.push(value)
      }
    }
    assert.ok(differing > 0, 'operators that poll by themselves should differ now and then')
    assert.ok(Math.min(...usdc) < 0.99, 'the coin should have left its peg')
  })

  it('commits to a report with 32 bytes', async () => {
    const [operator] = operators
    assert.ok(operator)
    assert.match(prices.payload(await observe(operator)), /^0x[0-9a-f]{64}$/)
  })

  it('triggers by the contract’s genesis and interval', async () => {
    const [operator] = operators
    assert.ok(operator)
    assert.deepEqual(await prices.triggers(operator.context), [
      { kind: 'interval', genesis: 1_700_000_000, interval: 2 },
    ])
  })

  it('goes on without a venue whose market stands still, and counts what it left out', async () => {
    // Kraken's market of USDC has its last trade in the first minute; Bitstamp tells it with its time, Kraken without one
    const closes = {
      ...series.closes,
      kraken_btcusdc_close: series.times.map((_, i) => (i === 0 ? 43_000 : undefined)),
    }
    const still = await startVenues({ clock, series: { ...series, closes }, speed: SPEED })
    const operator = await startOperator(clock, still.url)
    for (let at = 0; at < 12_000; at += STEP_MS) {
      await clock.advance(STEP_MS)
      await operator.http.idle()
    }
    const observed = await observe(operator)
    assert.equal(observed.length, 3)
    const { min, max } = expectedRange(series, still.replay, { feed: 'USDC/USD', observedAt: clock.now() / 1_000 })
    const value = Number(observed[1]?.answer) / 1e8
    assert.ok(value >= min && value <= max, `${value} is not in [${min}, ${max}]`)
    const text = (await operator.context.metrics.expose()).body
    assert.match(text, /excluded_total\{feed="USDC\/USD",venue="bitstamp",reason="stale"\} 1/)
    assert.match(text, /excluded_total\{feed="USDC\/USD",venue="kraken",reason="outlier"\} 1/)
    assert.match(text, /feed_missing_total\{[^}]*\} 0\n/)
    assert.doesNotMatch(text, /feed_missing_total\{[^}]*\} [^0]/)
    for (const part of operator.parts) await part.stop()
    await still.stop()
  })
})
