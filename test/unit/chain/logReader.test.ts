import assert from 'node:assert/strict'
import { HttpRequestError, parseAbi, TimeoutError } from 'viem'
import { createLogReader, MAX_RANGE } from '../../../src/chain/logReader.ts'
import { fakeChain } from '../../support/chain.ts'
import { FakeNode, rpcError } from '../../support/fakeNode.ts'
import { abi, address, ping } from '../../support/ping.ts'

async function reading(nodes?: readonly FakeNode[]) {
  const { chain, node, clock } = await fakeChain(nodes)
  chain.close()
  const reader = createLogReader({ providers: chain.providers, address, abi, eventNames: ['Ping'] })
  return { reader, node, clock }
}

describe('reading logs', () => {
  it('gives them in order, decoded, with the time of their block', async () => {
    const { reader, node } = await reading()
    node.mine([ping(1n), ping(2n)])
    node.mine([], 5n)
    node.mine([ping(3n)])
    const { to, logs } = await reader.read(1n, node.head)
    assert.equal(to, 3n)
    assert.deepEqual(
      logs.map(({ eventName, args, blockNumber, logIndex, blockTimestamp }) => [
        eventName,
        args,
        blockNumber,
        logIndex,
        blockTimestamp - 1_700_000_000n,
      ]),
      [
        ['Ping', { n: 1n }, 1n, 0, 1n],
        ['Ping', { n: 2n }, 1n, 1, 1n],
        ['Ping', { n: 3n }, 3n, 0, 7n],
      ],
    )
  })

  it('asks for a bounded range, which halves when refused and grows again', async () => {
    const { reader, node } = await reading()
    for (let i = 0; i < 5_000; i++) node.mine()
    let most = 300n
    const ranges: bigint[] = []
    node.overrides.eth_getLogs = ([filter]) => {
      const { fromBlock, toBlock } = filter as { fromBlock: string; toBlock: string }
      const size = BigInt(toBlock) - BigInt(fromBlock) + 1n
      ranges.push(size)
      if (size > most) throw rpcError(-32_005, 'query returned more than 10000 results')
      return []
    }
    assert.equal((await reader.read(1n, node.head)).to, 250n)
    assert.deepEqual(ranges, [MAX_RANGE, 1_000n, 500n, 250n])
    most = 10_000n
    await reader.read(251n, node.head)
    await reader.read(1_000n, node.head)
    assert.deepEqual(ranges.slice(4), [500n, 1_000n])
  })

  it('halves on a timeout too, but gives up at once when nobody answers', async () => {
    const { reader, node } = await reading()
    for (let i = 0; i < 10; i++) node.mine()
    node.overrides.eth_getLogs = ([filter]) => {
      if ((filter as { toBlock: string }).toBlock !== '0x2') throw new TimeoutError({ body: {}, url: 'http://fake' })
      return []
    }
    assert.equal((await reader.read(1n, node.head)).to, 2n)
    const before = node.count('eth_getLogs')
    node.overrides.eth_getLogs = () => {
      throw new HttpRequestError({ url: 'http://fake' })
    }
    await assert.rejects(reader.read(1n, node.head), { code: 'chain.unavailable' })
    assert.equal(node.count('eth_getLogs'), before + 1)
  })

  it('gives up when one block alone is refused', async () => {
    const { reader, node } = await reading()
    node.mine()
    node.mine()
    node.overrides.eth_getLogs = () => {
      throw rpcError(-32_005, 'limit exceeded')
    }
    await assert.rejects(reader.read(1n, node.head), { code: 'chain.unavailable' })
    assert.equal(node.count('eth_getLogs'), 2)
  })

  it('never takes the silence of a provider that is behind for an absence of logs', async () => {
    const [behind, whole] = [new FakeNode(), new FakeNode()]
    const { reader } = await reading([behind, whole])
    behind.mine()
    whole.mine()
    whole.mine([ping(7n)])
    const { logs } = await reader.read(1n, whole.head)
    assert.equal(logs.length, 1)
    assert.equal(behind.count('eth_getLogs'), 1, 'the one behind was asked first')
  })

  it('refuses a provider whose block is not the head that we know', async () => {
    const { reader, node } = await reading()
    node.mine()
    const head = node.head
    node.reorg(1)
    node.mine([ping(7n)])
    await assert.rejects(reader.read(1n, head), { code: 'chain.unavailable', message: /behind/ })
  })

  it('refuses logs that were not asked for', async () => {
    const { reader, node } = await reading()
    node.mine([ping(1n)])
    node.mine([{ ...ping(1n), address: `0x${'9'.repeat(40)}` }])
    await assert.rejects(reader.read(2n, node.head), { code: 'chain.unavailable', message: /not asked for/ })
  })

  it('needs an event that the ABI has', async () => {
    const { chain } = await fakeChain()
    chain.close()
    const options = { providers: chain.providers, address, abi: parseAbi(['event Ping(uint256 n)']) }
    assert.throws(() => createLogReader({ ...options, eventNames: ['Pong'] }), { code: 'chain.unknown-event' })
  })
})
