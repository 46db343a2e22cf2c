import assert from 'node:assert/strict'
import { parseAbi } from 'viem'
import { createMemoryChain, MemoryRevert } from '../../../src/chain/memory.ts'
import type { Address } from '../../../src/util/hex.ts'
import { silentLog } from '../../../src/util/log.ts'
import { SimClock } from '../../../src/util/simclock.ts'
import { memoryCursors } from '../../support/chain.ts'

const address: Address = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
const abi = parseAbi([
  'function count() view returns (uint256)',
  'function add(uint256 n)',
  'event Added(address who, uint256 n)',
  'error TooMuch(uint256 most)',
])
const contract = { address, abi } as const

function counter(blockMs?: number) {
  const clock = new SimClock()
  const cursors = memoryCursors()
  const memory = createMemoryChain({ clock, log: silentLog, cursors, ...(blockMs === undefined ? {} : { blockMs }) })
  let count = 0n
  memory.contract(address, {
    count: () => count,
    add: ({ args: [n], from, emit }) => {
      emit('Added', { who: from, n })
      if (count + (n as bigint) > 100n) throw new MemoryRevert('TooMuch', [100n])
      count += n as bigint
    },
  })
  const chain = memory.as('0x0000000000000000000000000000000000000001')
  const add = (n: bigint) => chain.write({ ...contract, functionName: 'add', args: [n] })
  return { clock, cursors, memory, chain, add }
}

describe('the in-memory chain', () => {
  it('runs scripted functions, with their events, as one account or another', async () => {
    const { clock, memory, chain, add } = counter()
    const seen: unknown[] = []
    chain.watch({ ...contract, eventName: 'Added', finality: 'latest' }, async ({ args, blockNumber }) => {
      seen.push([args, blockNumber])
    })
    const receipt = await add(3n)
    assert.equal(receipt.blockNumber, 1n)
    await memory.as(address).write({ ...contract, functionName: 'add', args: [4n] })
    await clock.advance(0)
    assert.equal(await chain.read({ ...contract, functionName: 'count', args: [] }), 7n)
    assert.deepEqual(seen, [
      [{ who: '0x0000000000000000000000000000000000000001', n: 3n }, 1n],
      [{ who: address, n: 4n }, 2n],
    ])
    assert.deepEqual(
      memory.sent.map(({ functionName }) => functionName),
      ['add', 'add'],
    )
  })

  it('reverts with the errors of the contract, and keeps no event then', async () => {
    const { clock, memory, chain, add } = counter()
    const seen: unknown[] = []
    chain.watch({ ...contract, eventName: 'Added', finality: 'latest' }, async (log) => void seen.push(log))
    await assert.rejects(add(101n), {
      code: 'chain.reverted',
      details: { error: 'TooMuch', args: ['100'], what: `add on ${address}` },
    })
    memory.mine()
    await clock.advance(0)
    assert.deepEqual(seen, [])
    assert.equal(memory.sent.length, 0)
    await assert.rejects(
      chain.read({ address: '0x0000000000000000000000000000000000000009', abi, functionName: 'count', args: [] }),
      { code: 'chain.no-contract' },
    )
  })

  it('makes blocks by the clock, final two later, and resumes cursors', async () => {
    const { clock, cursors, memory, chain, add } = counter(1_000)
    memory.start()
    const finals: bigint[] = []
    chain.heads('finalized', ({ number }) => finals.push(number))
    const seen: bigint[] = []
    const query = { ...contract, eventName: 'Added', finality: 'finalized', cursor: 'added' } as const
    const end = chain.watch(query, async ({ args }) => void seen.push((args as { n: bigint }).n))
    const first = add(1n)
    await clock.advance(1_000)
    assert.equal((await first).blockNumber, 1n)
    assert.equal(seen.length, 0)
    await clock.advance(2_000)
    assert.deepEqual(seen, [1n])
    assert.deepEqual(finals, [1n])
    assert.equal(chain.head('latest').timestamp - chain.head('finalized').timestamp, 2n)
    end()
    add(2n)
    await clock.advance(5_000)
    assert.deepEqual(seen, [1n])
    chain.watch(query, async ({ args }) => void seen.push((args as { n: bigint }).n))
    await clock.advance(0)
    assert.deepEqual(seen, [1n, 2n])
    memory.stop()
    await clock.advance(5_000)
    assert.equal(chain.head('latest').number, 8n)
    assert.ok((cursors.values.get('added') ?? 0n) > 4n)
  })

  it('has storage that is read as it is in the newest final block', async () => {
    const { memory, chain } = counter()
    memory.store(address, '0x01', '0xaa')
    memory.mine(2)
    assert.deepEqual((await chain.storageAt(address, ['0x01'])).values, [`0x${'00'.repeat(32)}`])
    memory.mine(1)
    const { block, values } = await chain.storageAt(address, ['0x00', '0x01'])
    assert.equal(block.number, 1n)
    assert.deepEqual(values, [`0x${'00'.repeat(32)}`, '0xaa'])
  })
})
