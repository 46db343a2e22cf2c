import assert from 'node:assert/strict'
import { StandardMerkleTree } from '@openzeppelin/merkle-tree'
import type { CertifiedSlot, CertifiedSlots, Context } from '../../../../src/avs/api.ts'
import { feedsCheck, sourcesCheck } from '../../../../src/avs/oracle/checks.ts'
import type { Prices } from '../../../../src/avs/oracle/codec.ts'
import type { OracleConfig } from '../../../../src/avs/oracle/config.ts'
import { PriceTree } from '../../../../src/avs/oracle/merkle.ts'
import { routes } from '../../../../src/avs/oracle/routes.ts'
import { openState } from '../../../../src/avs/oracle/state.ts'
import { createMetrics } from '../../../../src/metrics/registry.ts'
import { Kind } from '../../../../src/types/statement.ts'
import { LariatError } from '../../../../src/util/errors.ts'
import { silentLog } from '../../../../src/util/log.ts'
import { SimClock } from '../../../../src/util/simclock.ts'
import { bareContext } from '../../../support/context.ts'
import { fakeChain } from './fakechain.ts'
import { CONTRACT, chainFeed, configOf, sources } from './fixtures.ts'

const round = (slot: bigint, ...prices: Prices): CertifiedSlot<Prices> => ({
  slot,
  verifiedAt: 1_700_000_100_250,
  transaction: slot % 2n === 0n ? `0x${'aa'.repeat(32)}` : null,
  value: prices,
  certificate: {
    statement: {
      service: `0x${'11'.repeat(32)}`,
      kind: Kind.certify,
      epoch: 3n,
      slot,
      attempt: 1,
      payload: new PriceTree(prices).root,
    },
    absent: Uint8Array.of(2),
    signature: new Uint8Array(96),
  },
  onChain: { absent: '0x02', signature: '0x5678' },
})

/** A node of the price service without its daemon: BTC/USD has three venues, of which gemini does not answer. */
async function setUp(rounds: CertifiedSlot<Prices>[] = []) {
  const clock = new SimClock()
  const chain = fakeChain([chainFeed(0, 'BTC/USD', { decimals: 2 }), chainFeed(1, 'ETH/USD')])
  chain.operators = ['0xaaaa', '0xbbbb', '0xcccc']
  const context: Context<OracleConfig> = {
    ...bareContext,
    config: configOf({
      feeds: [{ name: 'BTC/USD', sources: sources('bitstamp BTC/USD', 'bitfinex BTC/USD', 'gemini BTC/USD') }],
    }),
    service: `0x${'11'.repeat(32)}`,
    operator: CONTRACT,
    clock,
    log: silentLog,
    metrics: createMetrics(),
    http: {
      async getJson(url) {
        const second = Math.floor(clock.now() / 1_000)
        if (url.includes('bitstamp')) return { last: '20000', bid: '20000', ask: '20001', timestamp: String(second) }
        if (url.includes('bitfinex')) return [20_000, 1, 20_002, 1, 0, 0, 20_001.5]
        throw new LariatError('http.unreachable', 'no route')
      },
    },
    chain,
  }
  const state = await openState(context)
  const queries: unknown[] = []
  const certified: CertifiedSlots<Prices> = {
    latest: () => rounds[0],
    list(query) {
      queries.push(query)
      const { fromSlot = 0n, toSlot = 10n ** 18n, limit } = query
      return rounds.filter(({ slot }) => slot >= fromSlot && slot <= toSlot).slice(0, limit)
    },
  }
  async function get(target: string) {
    const { pathname, searchParams } = new URL(target, 'http://node')
    const route = routes.find(({ path }) => path === pathname)
    assert.ok(route, `no route ${pathname}`)
    const { status, body } = await route.handle({
      ...context,
      state,
      certified,
      query: searchParams,
      params: {},
      signal: new AbortController().signal,
    })
    // as it goes over the wire: nothing may be a bigint any more
    return { status, body: JSON.parse(JSON.stringify(body)) }
  }
  return { get, context: { ...context, state }, chain, clock, queries }
}

const latestRound = round(
  12n,
  { feedIndex: 0, answer: 2_000_150n },
  { feedIndex: 1, answer: 150_000_000_000n },
  { feedIndex: 9, answer: -5n },
)
const rounds = [
  latestRound,
  round(11n, { feedIndex: 0, answer: 2_000_100n }),
  round(10n, { feedIndex: 0, answer: 2_000_000n }),
]

describe('GET /v1/prices', () => {
  it('tells the latest certified round with everything that proves it', async () => {
    const { get } = await setUp(rounds)
    const { status, body } = await get('/v1/prices')
    assert.equal(status, 200)
    const { prices, ...rest } = body
    assert.deepEqual(rest, {
      chainId: 31_337,
      contract: CONTRACT,
      slot: '12',
      observedAt: 1_700_000_024,
      epoch: '3',
      attempt: 1,
      payload: latestRound.certificate.statement.payload,
      verifiedAt: 1_700_000_100.25,
      transaction: `0x${'aa'.repeat(32)}`,
      certificate: { absent: '0x02', signature: '0x5678' },
      signers: ['0xaaaa', '0xcccc'],
    })
    const told = prices.map(({ proof: _, ...price }: { proof: string[] }) => price)
    assert.deepEqual(told, [
      { feed: 'BTC/USD', feedIndex: 0, decimals: 2, answer: '2000150', price: '20001.50' },
      { feed: 'ETH/USD', feedIndex: 1, decimals: 8, answer: '150000000000', price: '1500.00000000' },
      { feed: null, feedIndex: 9, decimals: null, answer: '-5', price: null },
    ])
    for (const { feedIndex, answer, proof } of prices) {
      assert.ok(
        StandardMerkleTree.verify(
          latestRound.certificate.statement.payload,
          ['uint256', 'int256'],
          [String(feedIndex), answer],
          proof,
        ),
      )
    }
  })

  it('tells the round of a slot', async () => {
    const { get } = await setUp(rounds)
    assert.equal((await get('/v1/prices?slot=11')).body.slot, '11')
    assert.deepEqual(await get('/v1/prices?slot=9'), { status: 404, body: { error: 'slot 9 has no certificate here' } })
  })

  it('has nothing before the first round', async () => {
    const { get } = await setUp()
    assert.deepEqual(await get('/v1/prices'), { status: 404, body: { error: 'no round has been certified yet' } })
  })

  it('serves prices without their signers while the chain is away', async () => {
    const { get, chain } = await setUp(rounds)
    chain.down = true
    const { status, body } = await get('/v1/prices')
    assert.equal(status, 200)
    assert.equal(body.signers, null)
  })

  for (const [query, error] of [
    ['slot=x', 'slot=x: expected a slot, a whole number'],
    ['slot=', 'slot=: expected a slot, a whole number'],
    ['slot=-1', 'slot=-1: expected a slot, a whole number'],
    ['slot=1000000000000000000', 'slot=1000000000000000000: expected a slot, a whole number'],
    ['slot=1&slot=2', 'parameter "slot" is there twice'],
    ['round=1', 'unknown parameter "round": use slot'],
  ] as const) {
    it(`refuses ?${query}`, async () => {
      const { get } = await setUp(rounds)
      assert.deepEqual(await get(`/v1/prices?${query}`), { status: 400, body: { error } })
    })
  }
})

describe('GET /v1/prices/history', () => {
  it('tells rounds without proofs, within the slots and the limit asked for', async () => {
    const { get, queries } = await setUp(rounds)
    const { body } = await get('/v1/prices/history?from=10&to=11&limit=1')
    assert.deepEqual(queries, [{ fromSlot: 10n, toSlot: 11n, limit: 1 }])
    assert.deepEqual(body, {
      rounds: [
        {
          slot: '11',
          observedAt: 1_700_000_022,
          epoch: '3',
          attempt: 1,
          payload: rounds[1]?.certificate.statement.payload,
          verifiedAt: 1_700_000_100.25,
          transaction: null,
          prices: [{ feed: 'BTC/USD', feedIndex: 0, decimals: 2, answer: '2000100', price: '20001.00' }],
        },
      ],
    })
  })

  it('is bounded', async () => {
    const { get, queries } = await setUp(rounds)
    await get('/v1/prices/history')
    assert.deepEqual(queries, [{ limit: 50 }])
    for (const query of ['limit=0', 'limit=201', 'limit=all', 'from=2&to=1', 'slot=1']) {
      assert.equal((await get(`/v1/prices/history?${query}`)).status, 400, query)
    }
  })
})

describe('GET /v1/prices/sources', () => {
  it('tells each source’s quote, age, exclusion and failure', async () => {
    const { get, context, clock } = await setUp()
    await context.state.poller.start(new AbortController().signal)
    await clock.advance(300)
    const { status, body } = await get('/v1/prices/sources')
    assert.equal(status, 200)
    const [feed] = body.feeds
    assert.deepEqual([feed.feed, feed.feedIndex, feed.price, feed.missing], ['BTC/USD', 0, null, 'too-few-fresh'])
    const [bitstamp, bitfinex, gemini] = feed.sources
    assert.equal(bitstamp.quote, '20000')
    assert.equal(bitstamp.convertedBy, null)
    assert.equal(bitfinex.quote, '20001.5')
    assert.equal(bitfinex.venueTime, null)
    assert.equal(bitfinex.excluded, null)
    assert.ok(bitfinex.age <= 0.3)
    assert.deepEqual([gemini.quote, gemini.excluded, gemini.failure.outcome], [null, 'no-quote', 'unreachable'])
    assert.deepEqual(body.notConfigured, ['ETH/USD'])
    await context.state.poller.stop()
  })

  it('takes no parameters', async () => {
    const { get } = await setUp()
    assert.equal((await get('/v1/prices/sources?feed=BTC')).status, 400)
  })
})

describe('checks', () => {
  it('name the feeds that have no price and their sources', async () => {
    const { context } = await setUp()
    assert.match(
      String(await sourcesCheck.run(context)),
      /^1 of 1 feeds have no price: BTC\/USD too-few-fresh \(bitstamp no-quote, bitfinex no-quote, gemini no-quote\); see GET/,
    )
  })

  it('name feeds on chain that are not configured', async () => {
    const { context, chain } = await setUp()
    assert.match(String(await feedsCheck.run(context)), /not configured here: ETH\/USD; add them under feeds/)
    chain.feeds = chain.feeds.slice(0, 1)
    await context.state.feeds.refresh()
    assert.equal(await feedsCheck.run(context), undefined)
    chain.feeds = []
    await context.state.feeds.refresh()
    assert.match(String(await feedsCheck.run(context)), /the contract has no feeds/)
  })
})
