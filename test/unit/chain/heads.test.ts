import assert from 'node:assert/strict'
import { HttpRequestError } from 'viem'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { fakeChain } from '../../support/chain.ts'

describe('heads', () => {
  it('are told once each, the newest only', async () => {
    const { chain, clock, node } = await fakeChain()
    const seen: Record<'latest' | 'finalized', bigint[]> = { latest: [], finalized: [] }
    chain.heads.follow('latest', ({ number }) => seen.latest.push(number))
    chain.heads.follow('finalized', ({ number }) => seen.finalized.push(number))
    node.mine()
    await clock.advance(1_000)
    await clock.advance(1_000)
    for (let i = 0; i < 4; i++) node.mine()
    await clock.advance(1_000)
    chain.close()
    node.mine()
    await clock.advance(5_000)
    assert.deepEqual(seen, { latest: [1n, 5n], finalized: [3n] })
  })

  it('skip the ticks that a slow look missed, and never queue them', async () => {
    const { chain, clock, node } = await fakeChain()
    let answer: () => void = () => {}
    node.overrides.eth_getBlockByNumber = ([tag]) =>
      tag === 'latest'
        ? new Promise((resolve) => {
            answer = () => resolve(node.head.raw)
          })
        : node.head.raw
    node.mine()
    const before = node.count('eth_getBlockByNumber')
    await clock.advance(10_500)
    assert.equal(node.count('eth_getBlockByNumber') - before, 2, 'one look, of two requests')
    answer()
    await clock.advance(400)
    assert.equal(node.count('eth_getBlockByNumber') - before, 2)
    await clock.advance(100)
    assert.equal(node.count('eth_getBlockByNumber') - before, 4, 'the next tick is on the grid')
    chain.close()
  })

  it('never go back in what is final, and tell of a contradiction', async () => {
    const metrics = createMetrics()
    const { chain, clock, node } = await fakeChain(undefined, { metrics })
    for (let i = 0; i < 6; i++) node.mine()
    await clock.advance(1_000)
    const final = chain.heads.current('finalized')
    assert.equal(final.number, 4n)
    node.finalityLag = 4
    await clock.advance(1_000)
    assert.deepEqual(chain.heads.current('finalized'), final)
    node.finalityLag = 2
    node.reorg(4)
    for (let i = 0; i < 4; i++) node.mine()
    await clock.advance(1_000)
    assert.deepEqual(chain.heads.current('finalized'), final)
    assert.notEqual(chain.heads.current('latest').hash, final.hash)
    assert.match((await metrics.expose()).body, /lariat_chain_contradictions_total 1/)
    chain.close()
  })

  it('go on after an outage, and after a handler that throws', async () => {
    const { chain, clock, node } = await fakeChain()
    const seen: bigint[] = []
    chain.heads.follow('latest', () => {
      throw new Error('a handler of a test')
    })
    chain.heads.follow('latest', ({ number }) => seen.push(number))
    node.overrides.eth_getBlockByNumber = () => {
      throw new HttpRequestError({ url: 'http://fake' })
    }
    node.mine()
    await clock.advance(3_000)
    assert.deepEqual(seen, [])
    delete node.overrides.eth_getBlockByNumber
    await clock.advance(1_000)
    assert.deepEqual(seen, [1n])
    chain.close()
  })
})
