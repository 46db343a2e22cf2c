import assert from 'node:assert/strict'
import { StandardMerkleTree } from '@openzeppelin/merkle-tree'
import type { Certified } from '../../../../src/avs/api.ts'
import type { Prices } from '../../../../src/avs/oracle/codec.ts'
import { type ChainFeed, openFeedTable } from '../../../../src/avs/oracle/feeds.ts'
import { PriceTree } from '../../../../src/avs/oracle/merkle.ts'
import { oracleMetrics } from '../../../../src/avs/oracle/metrics.ts'
import { decide, submitPrices } from '../../../../src/avs/oracle/submit.ts'
import { createMetrics } from '../../../../src/metrics/registry.ts'
import { Kind } from '../../../../src/types/statement.ts'
import { LariatError } from '../../../../src/util/errors.ts'
import { type FakeChain, fakeChain, RECEIPT, reverted } from './fakechain.ts'
import { CONTRACT, chainFeed, keepingLog } from './fixtures.ts'

/** Unix seconds of the slot. */
const AT = 1_700_000_100

/** A feed with an answer of 100 seconds ago. */
const fed = (feedIndex: number, name: string, state: Partial<ChainFeed> = {}) =>
  chainFeed(feedIndex, name, { roundId: 1, answer: 10_000n, startedAt: AT - 100, updatedAt: AT - 98, ...state })

const why = (feed: ChainFeed, answer: bigint, at = AT) => decide([{ feedIndex: 0, answer }], [feed], at).due[0]?.why

describe('what is due', () => {
  it('is a feed without an answer', () => assert.equal(why(chainFeed(0, 'A/USD'), 5n), 'first'))

  it('is a feed that moved by its deviation or more, up or down', () => {
    const feed = fed(0, 'A/USD', { deviationBps: 50 })
    assert.equal(why(feed, 10_049n), undefined)
    assert.equal(why(feed, 10_050n), 'deviation')
    assert.equal(why(feed, 9_951n), undefined)
    assert.equal(why(feed, 9_950n), 'deviation')
  })

  it('is a feed whose answer is a heartbeat old at the time of observation', () => {
    const feed = fed(0, 'A/USD', { heartbeat: 60, updatedAt: AT - 60 })
    assert.equal(why(feed, 10_000n), 'heartbeat')
    assert.equal(why(feed, 10_000n, AT - 1), undefined)
  })

  it('goes by each feed’s own deviation and heartbeat', () => {
    const prices = [0, 1, 2].map((feedIndex) => ({ feedIndex, answer: 10_030n }))
    const { due } = decide(
      prices,
      [fed(0, 'A/USD', { deviationBps: 20 }), fed(1, 'B/USD'), fed(2, 'C/USD', { heartbeat: 30 })],
      AT,
    )
    assert.deepEqual(
      due.map(({ feed, why: reason }) => `${feed.name} ${reason}`),
      ['A/USD deviation', 'C/USD heartbeat'],
    )
  })

  it('is never a feed that has this round or a newer one', () => {
    const decision = decide([{ feedIndex: 0, answer: 99_999n }], [fed(0, 'A/USD', { startedAt: AT })], AT)
    assert.deepEqual(decision, { due: [], outOfRange: [], there: true })
  })

  it('is not what the feed does not take, nor a feed that this node does not know yet', () => {
    const feed = fed(0, 'A/USD', { minAnswer: 9_000n, maxAnswer: 11_000n })
    const decision = decide(
      [
        { feedIndex: 0, answer: 11_001n },
        { feedIndex: 1, answer: 1n },
      ],
      [feed],
      AT,
    )
    assert.deepEqual(decision, { due: [], outOfRange: [{ feed, answer: 11_001n }], there: false })
    assert.equal(why(feed, 11_000n), 'deviation')
    assert.equal(why(feed, 9_000n), 'deviation')
  })
})

describe('submission', () => {
  const prices: Prices = [
    { feedIndex: 0, answer: 10_001n },
    { feedIndex: 1, answer: 20_000n },
    { feedIndex: 3, answer: 30_000n },
    { feedIndex: 4, answer: 10n ** 21n },
  ]
  const feeds = () => [fed(0, 'A/USD'), fed(1, 'B/USD'), fed(2, 'C/USD'), chainFeed(3, 'D/USD'), fed(4, 'E/USD')]
  const certified: Certified<Prices> = {
    value: prices,
    certificate: {
      statement: {
        service: `0x${'11'.repeat(32)}`,
        kind: Kind.certify,
        epoch: 3n,
        slot: 50n,
        attempt: 1,
        payload: new PriceTree(prices).root,
      },
      absent: Uint8Array.of(4),
      signature: new Uint8Array(96),
    },
    onChain: { absent: '0x04', signature: '0x5678' },
  }

  async function setUp(chain: FakeChain) {
    const metrics = createMetrics()
    const log = keepingLog()
    const table = await openFeedTable({
      contract: CONTRACT,
      chain,
      log,
      metrics: oracleMetrics(metrics),
      configured: chain.feeds.map(({ name }) => name),
    })
    chain.reads.length = 0
    const controller = new AbortController()
    const submit = () =>
      submitPrices({
        contract: CONTRACT,
        chain,
        feeds: table,
        task: { triggeredAt: AT * 1_000 },
        certified,
        metrics: oracleMetrics(metrics),
        log,
        signal: controller.signal,
      })
    return { submit, log, controller, exposed: async () => (await metrics.expose()).body }
  }

  it('sends the due feeds with a multiproof that leads to the certified root, and reads once', async () => {
    const chain = fakeChain(feeds())
    const { submit, exposed } = await setUp(chain)
    assert.deepEqual(await submit(), { status: 'landed', receipt: RECEIPT })
    assert.deepEqual(
      chain.reads.map(({ functionName }) => functionName),
      ['feeds'],
    )
    assert.equal(chain.writes.length, 1)
    const [epoch, slot, attempt, certificate, indices, answers, proof, proofFlags] = chain.writes[0]?.args ?? []
    assert.deepEqual([epoch, slot, attempt, certificate], [3n, 50n, 1, certified.onChain])
    assert.deepEqual(new Set(indices as number[]), new Set([1, 3]))
    const leaves = (indices as number[]).map((index, i) => [String(index), String((answers as bigint[])[i])])
    assert.ok(
      StandardMerkleTree.verifyMultiProof(certified.certificate.statement.payload, ['uint256', 'int256'], {
        leaves,
        proof: proof as string[],
        proofFlags: proofFlags as boolean[],
      }),
    )
    const text = await exposed()
    assert.match(text, /lariat_price_feed_submitted_total\{feed="B\/USD",reason="deviation"\} 1/)
    assert.match(text, /lariat_price_feed_submitted_total\{feed="D\/USD",reason="first"\} 1/)
  })

  it('leaves out what is out of range, and says so', async () => {
    const { submit, log, exposed } = await setUp(fakeChain(feeds()))
    await submit()
    assert.match(await exposed(), /lariat_price_feed_left_out_total\{feed="E\/USD",reason="out-of-range"\} 1/)
    assert.deepEqual(
      log.entries.filter(({ level }) => level === 'warn').map(({ fields }) => fields?.feed),
      ['E/USD'],
    )
  })

  it('sends nothing when nothing is due', async () => {
    const same = prices.map(({ feedIndex, answer }) => fed(feedIndex, `F${feedIndex}/USD`, { answer }))
    const chain = fakeChain([...same.slice(0, 2), fed(2, 'C/USD'), ...same.slice(2)])
    const { submit } = await setUp(chain)
    assert.deepEqual(await submit(), { status: 'not-due' })
    assert.equal(chain.writes.length, 0)
  })

  it('is already there when another node was quicker, before or during the write', async () => {
    const done = () => feeds().map((feed) => ({ ...feed, roundId: 2, startedAt: AT }))
    const before = fakeChain(feeds())
    const first = await setUp(before)
    before.feeds = done()
    assert.deepEqual(await first.submit(), { status: 'already-there' })
    assert.equal(before.writes.length, 0)

    const during = fakeChain(feeds())
    const second = await setUp(during)
    during.onWrite = () => {
      during.feeds = done()
      throw reverted('RoundNotNewer')
    }
    assert.deepEqual(await second.submit(), { status: 'already-there' })
    assert.equal(during.writes.length, 1)
  })

  it('sends what is left when another node brought some of the feeds', async () => {
    const chain = fakeChain(feeds())
    const { submit } = await setUp(chain)
    chain.onWrite = () => {
      chain.onWrite = () => {}
      chain.feeds = chain.feeds.map((feed) => (feed.feedIndex === 1 ? { ...feed, startedAt: AT } : feed))
      throw reverted('RoundNotNewer')
    }
    assert.equal((await submit()).status, 'landed')
    assert.deepEqual(
      chain.writes.map(({ args }) => new Set(args[4] as number[])),
      [new Set([1, 3]), new Set([3])],
    )
  })

  it('fails with the contract’s error when it refuses for another reason', async () => {
    const chain = fakeChain(feeds())
    const { submit } = await setUp(chain)
    chain.onWrite = () => {
      throw reverted('CertificateSignatureInvalid')
    }
    await assert.rejects(submit(), { code: 'chain.reverted' })
    assert.equal(chain.writes.length, 2)
  })

  it('does not try again when the chain cannot be reached, and not after the signal', async () => {
    const chain = fakeChain(feeds())
    const { submit, controller } = await setUp(chain)
    chain.onWrite = () => {
      throw new LariatError('chain.unavailable', 'no provider answers')
    }
    await assert.rejects(submit(), { code: 'chain.unavailable' })
    assert.equal(chain.writes.length, 1)
    controller.abort(new LariatError('stopped', 'enough'))
    await assert.rejects(submit(), { code: 'stopped' })
    assert.equal(chain.writes.length, 1)
  })
})
