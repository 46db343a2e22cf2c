import assert from 'node:assert/strict'
import { createChainReader } from '../../../src/chain/serviceChain.ts'
import type { ChainLog, Finality } from '../../../src/chain/types.ts'
import type { Address } from '../../../src/util/hex.ts'
import { silentLog } from '../../../src/util/log.ts'
import { type AnvilTest, anvilTest, deploy } from '../../support/anvil.ts'
import { emitter, emitterAbi, pingCall } from '../../support/assembly.ts'
import { memoryCursors } from '../../support/chain.ts'
import { eventually } from '../../support/eventually.ts'

const number = ({ args }: ChainLog) => (args as { n: bigint }).n

describe('logs on anvil', () => {
  let test: AnvilTest
  let address: Address
  let ping: (n: bigint) => Promise<unknown>
  beforeEach(async () => {
    test = await anvilTest()
    const chain = await test.open()
    const sender = test.sender(chain)
    address = await deploy(sender, emitter)
    ping = (n) => sender.send({ what: 'a ping', to: address, data: pingCall(n) })
  })
  afterEach(() => test.close())

  const query = (finality: Finality) =>
    ({ address, abi: emitterAbi, eventName: 'Ping', finality, cursor: 'pings' }) as const

  it('come when they are final, decoded, with the time of their block', async () => {
    const chain = await test.open()
    const seen: ChainLog[] = []
    createChainReader({ chain, log: silentLog }).watch(query('finalized'), async (log) => void seen.push(log))
    await ping(41n)
    assert.equal(seen.length, 0)
    await test.rpc('anvil_mine', ['0x3'])
    await eventually(() => seen.length === 1, 'the log did not come')
    const [log] = seen
    assert.ok(log !== undefined)
    assert.deepEqual(log.args, { n: 41n })
    const block = (await test.rpc('eth_getBlockByHash', [log.blockHash, false])) as {
      timestamp: string
      number: string
    }
    assert.equal(log.blockTimestamp, BigInt(block.timestamp))
    assert.equal(log.blockNumber, BigInt(block.number))
    assert.equal(log.address, address)
  })

  it('go on from the cursor after a restart: none is lost, none that was done comes again', async () => {
    const cursors = memoryCursors()
    const seen: bigint[] = []
    const start = async () => {
      const chain = await test.open()
      createChainReader({ chain, log: silentLog, cursors }).watch(
        query('finalized'),
        async (log) => void seen.push(number(log)),
      )
      return chain
    }
    const first = await start()
    await ping(1n)
    await ping(2n)
    await test.rpc('anvil_mine', ['0x3'])
    await eventually(() => seen.length === 2, 'the first logs did not come')
    first.close()
    await ping(3n)
    await test.rpc('anvil_mine', ['0x64'])
    await ping(4n)
    await test.rpc('anvil_mine', ['0x3'])
    await start()
    await eventually(() => seen.length === 4, 'the later logs did not come')
    assert.deepEqual(seen, [1n, 2n, 3n, 4n])
  })

  it('of a handler that dies in the middle come again', async () => {
    const cursors = memoryCursors()
    const seen: bigint[] = []
    const dying = await test.open()
    createChainReader({ chain: dying, log: silentLog, cursors }).watch(query('finalized'), async (log) => {
      seen.push(number(log))
      // As a killed process: the handler never comes back, and nothing after it happens.
      if (number(log) === 2n) await new Promise(() => {})
    })
    for (const n of [1n, 2n, 3n]) await ping(n)
    await test.rpc('anvil_mine', ['0x3'])
    await eventually(() => seen.length === 2, 'the logs did not come')
    dying.close()
    const chain = await test.open()
    createChainReader({ chain, log: silentLog, cursors }).watch(
      query('finalized'),
      async (log) => void seen.push(number(log)),
    )
    await eventually(() => seen.length === 4, 'the logs did not come again')
    assert.deepEqual(seen, [1n, 2n, 2n, 3n])
  })

  it('that a reorg brings in come too, when the latest are watched', async () => {
    const chain = await test.open()
    const seen: bigint[] = []
    createChainReader({ chain, log: silentLog }).watch(query('latest'), async (log) => void seen.push(number(log)))
    await ping(1n)
    await eventually(() => seen.length === 1, 'the log did not come')
    const from = (await test.rpc('eth_accounts')) as string[]
    const transaction = { from: from[5], to: address, data: pingCall(2n), gas: '0x30d40', nonce: '0x0' }
    // The last block is replaced by one with another ping.
    await test.rpc('anvil_reorg', [1, [[transaction, 0]]])
    await eventually(() => seen.includes(2n), 'the log of the other branch did not come')
    assert.deepEqual(seen, [1n, 2n])
  })
})
