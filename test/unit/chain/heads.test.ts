import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HttpRequestError } from 'viem'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { openFinality } from '../../../src/node/finality.ts'
import { fakeChain } from '../../support/chain.ts'
import { FakeNode } from '../../support/fakeNode.ts'

/** The same in all scripted nodes. */
const genesis = new FakeNode().head.hash

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

  it('that are asked for are those of now, though an older look is under way', async () => {
    const { chain, clock, node } = await fakeChain()
    const old = node.head.raw
    let answer: () => void = () => {}
    node.overrides.eth_getBlockByNumber = ([tag]) =>
      tag === 'latest'
        ? new Promise((resolve) => {
            answer = () => resolve(old)
          })
        : old
    await clock.advance(1_000)
    const before = node.count('eth_getBlockByNumber')
    node.mine()
    delete node.overrides.eth_getBlockByNumber
    const asked = [chain.heads.refresh(), chain.heads.refresh()]
    answer()
    await Promise.all(asked)
    assert.equal(chain.heads.current('latest').number, 1n)
    assert.equal(node.count('eth_getBlockByNumber') - before, 2, 'one look serves both')
    chain.close()
  })

  for (const [count, early, late, final] of [
    [3, 2, 0, 6n],
    [6, 4, 0, 6n],
    [6, 0, 1, 6n],
    [2, 1, 0, 6n],
  ] as const) {
    it(`are final when an honest one of ${count} providers says so: ${early} call too much final, ${late} too little`, async () => {
      const nodes = Array.from({ length: count }, () => new FakeNode())
      for (const node of nodes) for (let i = 0; i < 8; i++) node.mine()
      for (const node of nodes.slice(0, early)) node.finalityLag = 0
      for (const node of nodes.slice(0, late)) node.finalityLag = 8
      const { chain } = await fakeChain(nodes)
      assert.equal(chain.heads.current('finalized').number, final)
      chain.close()
    })
  }

  it('never go back in what is final', async () => {
    const { chain, clock, node } = await fakeChain()
    for (let i = 0; i < 6; i++) node.mine()
    await clock.advance(1_000)
    const final = chain.heads.current('finalized')
    assert.equal(final.number, 4n)
    for (const lag of [4, 2]) {
      node.finalityLag = lag
      await clock.advance(1_000)
      assert.deepEqual(chain.heads.current('finalized'), final)
      assert.equal(chain.trust.refuse(), undefined)
    }
    chain.close()
  })

  describe('when a final block is undone', () => {
    const HALTED = { code: 'chain.reorged' } as const
    let folder: string

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'lariat-heads-'))
    })
    after(() => rm(folder, { recursive: true, force: true }))

    it('go on along the new chain, while nothing is signed, over restarts too, until it is acknowledged', async () => {
      const metrics = createMetrics()
      const file = join(await mkdtemp(join(folder, 'data-')), 'finality.json')
      const final = openFinality(file, genesis)
      const { chain, clock, node } = await fakeChain(undefined, { metrics, final })
      for (let i = 0; i < 6; i++) node.mine()
      await clock.advance(1_000)
      const { number, hash } = chain.heads.current('finalized')
      assert.equal(number, 4n)
      node.reorg(4)
      for (let i = 0; i < 4; i++) node.mine()
      await clock.advance(1_000)
      const instead = node.blocks[4]?.hash
      const undone = { number, hash, instead, at: clock.now() }
      assert.deepEqual(chain.trust.undone(), undone)
      assert.equal(chain.trust.refuse()?.code, HALTED.code)
      assert.equal(chain.trust.problem(), undefined, 'the providers agree with each other')
      node.mine()
      await clock.advance(1_000)
      assert.equal(chain.heads.current('latest').hash, node.head.hash)
      assert.equal(chain.heads.current('finalized').hash, node.blocks[5]?.hash)
      const { body } = await metrics.expose()
      assert.match(body, /lariat_chain_final_block_undone\{chain="stake"\} 1/)
      assert.match(body, /lariat_chain_contradictions_total\{chain="stake"\} 1/)
      assert.match(body, /lariat_chain_trusted\{chain="stake"\} 0/)
      chain.close()

      // a restart forgets nothing, whatever the chain has now
      const again = await fakeChain([node], { final })
      assert.deepEqual(again.chain.trust.undone(), undone)
      assert.equal(again.chain.heads.current('finalized').hash, node.blocks[5]?.hash)
      for (let i = 0; i < 40; i++) node.mine()
      await again.clock.advance(1_000)
      again.chain.close()
      assert.deepEqual(final.get(), { number, hash }, 'what was known is kept')

      final.settle(again.chain.heads.current('finalized'))
      const settled = await fakeChain([node], { final })
      assert.equal(settled.chain.trust.refuse(), undefined)
      settled.chain.close()
    })

    it('notice it although less is called final than before', async () => {
      const { chain, clock, node } = await fakeChain()
      for (let i = 0; i < 6; i++) node.mine()
      await clock.advance(1_000)
      node.finalityLag = 4
      node.reorg(4)
      for (let i = 0; i < 3; i++) node.mine()
      await clock.advance(1_000)
      assert.equal(chain.trust.refuse()?.code, HALTED.code)
      chain.close()
    })

    it('and that is noticed at a start; providers that are only behind are waited for', async () => {
      const file = join(await mkdtemp(join(folder, 'data-')), 'finality.json')
      const final = openFinality(file, genesis)
      const node = new FakeNode()
      for (let i = 0; i < 9; i++) node.mine()
      const { chain } = await fakeChain([node], { final })
      chain.close()
      assert.equal(final.get()?.number, 7n)

      const behind = node.blocks.splice(6)
      await assert.rejects(fakeChain([node], { final }), {
        code: 'chain.no-quorum',
        message: /block 7 was final.*behind/,
      })
      node.blocks.push(...behind)
      node.finalityLag = 5
      const caughtUp = await fakeChain([node], { final })
      assert.equal(caughtUp.chain.trust.refuse(), undefined)
      assert.equal(caughtUp.chain.heads.current('finalized').number, 7n)
      caughtUp.chain.close()

      node.reorg(4)
      for (let i = 0; i < 4; i++) node.mine()
      const { chain: other } = await fakeChain([node], { final })
      assert.equal(other.trust.undone()?.number, 7n)
      assert.equal(final.undone()?.instead, node.blocks[7]?.hash)
      other.close()
    })

    it('is on file in version 2; a file of version 1 is read, a damaged one refused', async () => {
      const file = join(await mkdtemp(join(folder, 'data-')), 'finality.json')
      const final = openFinality(file, genesis)
      assert.equal(final.get(), undefined)
      const hash = `0x${'ab'.repeat(32)}` as const
      await writeFile(file, JSON.stringify({ version: 1, genesisHash: genesis, number: '12', hash }))
      assert.deepEqual(final.get(), { number: 12n, hash })
      assert.equal(final.undone(), undefined)
      assert.equal(openFinality(file, hash).get(), undefined, 'of another chain')
      const lost = { number: 12n, hash, instead: genesis, at: 5 }
      final.halt(lost)
      final.halt({ ...lost, number: 13n, at: 6 })
      assert.deepEqual(openFinality(file, genesis).undone(), lost, 'the first is what is told')
      await writeFile(file, '{"version":2')
      assert.throws(() => final.get(), { code: 'chain.finality-file' })
    })
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
