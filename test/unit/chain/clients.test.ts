import assert from 'node:assert/strict'
import { HttpRequestError } from 'viem'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { fakeChain } from '../../support/chain.ts'
import { FakeNode } from '../../support/fakeNode.ts'

function down(node: FakeNode): FakeNode {
  node.overrides.eth_getBlockByNumber = () => {
    throw new HttpRequestError({ url: 'http://fake/secret-key' })
  }
  return node
}

describe('opening a chain', () => {
  it('refuses a single provider unless that is allowed', async () => {
    await assert.rejects(fakeChain([new FakeNode()], { singleProvider: false }), {
      code: 'chain.single-provider',
      message: /chain\.singleProvider: true/,
    })
    const { chain } = await fakeChain()
    assert.equal(chain.genesisHash, new FakeNode().head.hash)
    chain.close()
  })

  it('takes one URL twice for one provider', async () => {
    const rpc = [{ url: 'http://node-0/' }, { url: 'http://node-0' }]
    await assert.rejects(fakeChain([new FakeNode()], { rpc }), {
      code: 'chain.single-provider',
      message: /1 different/,
    })
  })

  it('refuses a provider of another chain id', async () => {
    const other = new FakeNode()
    other.chainId = 1
    await assert.rejects(fakeChain([new FakeNode(), other]), {
      code: 'chain.wrong-chain',
      message: /node-1 serves chain 1, not 31337/,
    })
  })

  it('refuses a provider of another genesis', async () => {
    const other = new FakeNode(1_600_000_000n)
    await assert.rejects(fakeChain([new FakeNode(), other]), { code: 'chain.wrong-chain', message: /block 0 is/ })
    await assert.rejects(fakeChain([other], { genesisHash: new FakeNode().head.hash }), { code: 'chain.wrong-chain' })
  })

  it('starts while a provider is down, and checks that one before it is used', async () => {
    const first = down(new FakeNode())
    const { chain, clock } = await fakeChain([first, new FakeNode(), new FakeNode()])
    assert.equal(chain.heads.current('latest').number, 0n)
    // It comes back as another chain: it is found out, although it is the first to be asked.
    delete first.overrides.eth_getBlockByNumber
    first.chainId = 5
    await clock.advance(20_000)
    await assert.rejects(
      chain.providers.ask('a block', (client) => client.getBlock()),
      { code: 'chain.wrong-chain' },
    )
    chain.close()
  })

  it('starts while a provider talks nonsense of its chain, which is no word of another chain', async () => {
    const hash = (value: unknown) => ({ eth_getBlockByNumber: () => ({ hash: value }) })
    const id = (value: unknown) => ({ eth_chainId: () => value })
    for (const said of [id(7), id([]), id('0x'), id(null), id('latest'), hash('0x'), hash(undefined), hash(7)]) {
      const odd = new FakeNode()
      Object.assign(odd.overrides, said)
      const { chain } = await fakeChain([odd, new FakeNode(), new FakeNode()])
      assert.equal(chain.genesisHash, new FakeNode().head.hash)
      chain.close()
    }
  })

  it('fails when fewer answer than must agree', async () => {
    const nodes = [new FakeNode(), down(new FakeNode())]
    await assert.rejects(fakeChain(nodes), { code: 'chain.no-quorum', message: /1 of 2 .* and 2 are needed/ })
    // A command takes one provider's word.
    const { chain } = await fakeChain(nodes, { unagreed: true })
    chain.close()
  })

  it('fails when every provider is down', async () => {
    await assert.rejects(fakeChain([down(new FakeNode()), down(new FakeNode())]), { code: 'chain.unavailable' })
  })
})

describe('providers', () => {
  it('are asked in turn, and one that failed rests', async () => {
    const [first, second] = [new FakeNode(), new FakeNode()]
    const { chain, clock } = await fakeChain([first, second])
    chain.close()
    first.overrides.eth_getTransactionCount = () => {
      throw new HttpRequestError({ url: 'http://fake' })
    }
    const ask = () =>
      chain.providers.ask('a nonce', (client) => client.getTransactionCount({ address: `0x${'1'.repeat(40)}` }))
    assert.equal(await ask(), 0)
    assert.equal(await ask(), 0)
    assert.deepEqual([first.count('eth_getTransactionCount'), second.count('eth_getTransactionCount')], [1, 2])
    delete first.overrides.eth_getTransactionCount
    await clock.advance(11_000)
    await ask()
    assert.equal(first.count('eth_getTransactionCount'), 2)
  })

  it('that were gone are checked again: another chain may answer there now', async () => {
    const { chain, node } = await fakeChain()
    chain.close()
    const ask = () => chain.providers.ask('a block', (client) => client.getBlock())
    down(node)
    await assert.rejects(ask(), { code: 'chain.unavailable' })
    delete node.overrides.eth_getBlockByNumber
    node.blocks.splice(0, 1, new FakeNode(1_600_000_000n).head)
    await assert.rejects(ask(), { code: 'chain.wrong-chain' })
  })

  it('are counted and timed by method and outcome', async () => {
    const metrics = createMetrics()
    const { chain } = await fakeChain(undefined, { metrics })
    chain.close()
    await assert.rejects(chain.providers.ask('x', (client) => client.request({ method: 'eth_nothing' } as never)))
    const { body } = await metrics.expose()
    assert.match(body, /lariat_rpc_requests_total\{chain="stake",method="eth_chainId",outcome="ok"\} 1/)
    assert.match(body, /lariat_rpc_requests_total\{chain="stake",method="eth_nothing",outcome="refused"\} 1/)
    assert.match(body, /lariat_rpc_request_seconds_count\{chain="stake",method="eth_getBlockByNumber"\} 3/)
  })
})
