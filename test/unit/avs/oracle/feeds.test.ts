import assert from 'node:assert/strict'
import { feedWatch, openFeedTable, REFRESH_MS } from '../../../../src/avs/oracle/feeds.ts'
import { oracleMetrics } from '../../../../src/avs/oracle/metrics.ts'
import { createSigners } from '../../../../src/avs/oracle/signers.ts'
import { createMetrics } from '../../../../src/metrics/registry.ts'
import { silentLog } from '../../../../src/util/log.ts'
import { SimClock } from '../../../../src/util/simclock.ts'
import { fakeChain } from './fakechain.ts'
import { CONTRACT, chainFeed, keepingLog } from './fixtures.ts'

/** Metrics that the test does not look at. */
const unread = () => oracleMetrics(createMetrics())

describe('feeds on chain', () => {
  it('are read with their state, by name without spaces', async () => {
    const feed = chainFeed(0, 'BTC / USD', { roundId: 3, answer: -7n, startedAt: 10, updatedAt: 12, decimals: 6 })
    const metrics = createMetrics()
    const table = await openFeedTable({
      contract: CONTRACT,
      chain: fakeChain([feed]),
      log: silentLog,
      metrics: oracleMetrics(metrics),
      configured: ['BTC/USD'],
    })
    assert.deepEqual(table.current(), [{ ...feed, name: 'BTC/USD' }])
    const { body } = await metrics.expose()
    assert.match(body, /^lariat_price_feed_updated_timestamp_seconds\{feed="BTC\/USD"\} 12$/m)
    assert.match(body, new RegExp(`^lariat_price_feed_heartbeat_seconds\\{feed="BTC/USD"\\} ${feed.heartbeat}$`, 'm'))
  })

  it('are read in pages', async () => {
    for (const [count, calls] of [
      [0, 1],
      [255, 1],
      [256, 2],
      [600, 3],
    ] as const) {
      const chain = fakeChain(Array.from({ length: count }, (_, i) => chainFeed(i, `F${i}/USD`)))
      const table = await openFeedTable({
        contract: CONTRACT,
        chain,
        log: silentLog,
        metrics: unread(),
        configured: [],
      })
      assert.equal(table.current().length, count)
      assert.equal(chain.reads.length, calls)
      assert.deepEqual(
        table.current().map(({ feedIndex }) => feedIndex),
        chain.feeds.map(({ feedIndex }) => feedIndex),
      )
    }
  })

  it('are compared with the configuration, each difference told once', async () => {
    const log = keepingLog()
    const chain = fakeChain([chainFeed(0, 'ETH/USD'), chainFeed(1, 'XAU/USD', { decimals: 19 })])
    const table = await openFeedTable({
      contract: CONTRACT,
      chain,
      log,
      metrics: unread(),
      configured: ['BTC/USD', 'XAU/USD'],
    })
    await table.refresh()
    assert.deepEqual(
      log.entries.map(({ level, message }) => `${level} ${message}`),
      [
        'warn the contract has no feed BTC/USD: it serves conversion only; check its spelling against description()',
        'warn feed ETH/USD is on chain and not in this configuration: it is not observed here; add it under feeds',
        'warn feed XAU/USD has 19 decimals, at most 18 can be observed',
      ],
    )
  })

  it('are looked at again for new ones, and a failure is told and survived', async () => {
    const log = keepingLog()
    const clock = new SimClock()
    const chain = fakeChain([chainFeed(0, 'BTC/USD')])
    const table = await openFeedTable({
      contract: CONTRACT,
      chain,
      log,
      metrics: unread(),
      configured: ['BTC/USD', 'ETH/USD'],
    })
    const watch = feedWatch(table, clock, log)
    await watch.start(new AbortController().signal)

    chain.feeds = [...chain.feeds, chainFeed(1, 'ETH/USD')]
    chain.down = true
    await clock.advance(REFRESH_MS)
    assert.equal(table.current().length, 1)
    assert.match(log.entries.at(-1)?.message ?? '', /the list of feeds could not be read/)

    chain.down = false
    await clock.advance(REFRESH_MS)
    assert.equal(table.current().length, 2)

    await watch.stop()
    const reads = chain.reads.length
    await clock.advance(3 * REFRESH_MS)
    assert.equal(chain.reads.length, reads)
  })
})

describe('signers of a certificate', () => {
  const address = (i: number) => `0x${i.toString(16).padStart(40, '0')}`

  it('are the epoch’s operators less the absent, read once an epoch', async () => {
    const chain = fakeChain()
    chain.operators = Array.from({ length: 11 }, (_, i) => address(i))
    const signers = createSigners(CONTRACT, chain, silentLog)
    assert.deepEqual(await signers.of(1n, Uint8Array.of(0b10000001, 0b1)), [1, 2, 3, 4, 5, 6, 9, 10].map(address))
    assert.deepEqual(await signers.of(1n, new Uint8Array()), chain.operators)
    assert.equal(chain.reads.length, 1)
    await signers.of(2n, new Uint8Array())
    assert.equal(chain.reads.length, 2)
  })

  it('are read in pages, and forgotten with the oldest epoch', async () => {
    const chain = fakeChain()
    chain.operators = Array.from({ length: 450 }, (_, i) => address(i))
    const signers = createSigners(CONTRACT, chain, silentLog)
    assert.equal((await signers.of(1n, new Uint8Array()))?.length, 450)
    assert.equal(chain.reads.length, 3)
    for (let epoch = 2n; epoch <= 9n; epoch++) await signers.of(epoch, new Uint8Array())
    assert.equal(chain.reads.length, 27)
    await signers.of(9n, new Uint8Array())
    assert.equal(chain.reads.length, 27)
    await signers.of(1n, new Uint8Array())
    assert.equal(chain.reads.length, 30)
  })

  it('are unknown while the chain is away, and known again after', async () => {
    const chain = fakeChain()
    chain.operators = [address(1)]
    chain.down = true
    const log = keepingLog()
    const signers = createSigners(CONTRACT, chain, log)
    assert.equal(await signers.of(1n, new Uint8Array()), undefined)
    assert.equal(log.entries.length, 1)
    chain.down = false
    assert.deepEqual(await signers.of(1n, new Uint8Array()), [address(1)])
  })
})
