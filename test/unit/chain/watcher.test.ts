import assert from 'node:assert/strict'
import { HttpRequestError } from 'viem'
import { createChainReader } from '../../../src/chain/serviceChain.ts'
import type { ChainLog, CursorStore, Finality } from '../../../src/chain/types.ts'
import { rewind } from '../../../src/chain/watcher.ts'
import { silentLog } from '../../../src/util/log.ts'
import { fakeChain, memoryCursors } from '../../support/chain.ts'
import { abi, address, ping } from '../../support/ping.ts'

const argument = (log: ChainLog) => (log.args as { n: bigint }).n

async function watching(finality: Finality, cursors?: CursorStore & { values: Map<string, bigint> }) {
  const { chain, clock, node } = await fakeChain()
  const reader = createChainReader({ chain, log: silentLog, ...(cursors === undefined ? {} : { cursors }) })
  const query = { address, abi, eventName: 'Ping', finality, ...(cursors === undefined ? {} : { cursor: 'pings' }) }
  const seen: bigint[] = []
  const watch = (handler?: (log: ChainLog) => Promise<void>) =>
    reader.watch(query, async (log) => {
      await handler?.(log)
      seen.push(argument(log))
    })
  return { chain, clock, node, reader, query, seen, watch }
}

describe('logs of a range', () => {
  it('are those of final blocks, in order', async () => {
    const { chain, clock, node, reader } = await watching('finalized')
    for (let i = 1n; i <= 6n; i++) node.mine([ping(i), ping(10n * i)])
    await clock.advance(1_000)
    const range = { address, abi, eventName: ['Ping'] }
    assert.deepEqual((await reader.logs({ ...range, from: 2n, to: 3n })).map(argument), [2n, 20n, 3n, 30n])
    // block 4 is the last that is final
    assert.deepEqual((await reader.logs({ ...range, from: 4n, to: 9n })).map(argument), [4n, 40n])
    assert.deepEqual(await reader.logs({ ...range, from: 5n, to: 9n }), [])
    assert.deepEqual(await reader.logs({ ...range, from: 3n, to: 2n }), [])
    await assert.rejects(reader.logs({ ...range, from: 1n, to: 10_001n }), { code: 'chain.range' })
    assert.equal((await reader.logs({ ...range, from: 1n, to: 10_000n })).length, 8)
    chain.close()
  })
})

describe('watching finalized logs', () => {
  it('hands over each log once, in order, when its block is final', async () => {
    const { chain, clock, node, seen, watch } = await watching('finalized')
    watch()
    node.mine([ping(1n), ping(2n)])
    node.mine([ping(3n)])
    await clock.advance(1_000)
    assert.deepEqual(seen, [])
    node.mine()
    await clock.advance(1_000)
    assert.deepEqual(seen, [1n, 2n])
    node.mine()
    await clock.advance(5_000)
    assert.deepEqual(seen, [1n, 2n, 3n])
    chain.close()
  })

  it('begins at the head, and not before', async () => {
    const { chain, clock, node, seen, watch } = await watching('finalized')
    node.mine([ping(1n)])
    node.mine()
    node.mine()
    await clock.advance(1_000)
    watch()
    node.mine([ping(2n)])
    node.mine()
    node.mine()
    await clock.advance(1_000)
    assert.deepEqual(seen, [2n])
    chain.close()
  })

  it('begins at the block that it is told, unless it has a position', async () => {
    const cursors = memoryCursors()
    const { chain, clock, node, reader, query, seen } = await watching('finalized', cursors)
    for (let i = 1n; i <= 5n; i++) node.mine([ping(i)])
    await clock.advance(1_000)
    const handle = async (log: ChainLog) => void seen.push(argument(log))
    const end = reader.watch({ ...query, from: 2n }, handle)
    await clock.advance(1_000)
    end()
    assert.deepEqual(seen, [2n, 3n])
    node.mine([ping(6n)])
    await clock.advance(1_000)
    reader.watch({ ...query, from: 1n }, handle)
    await clock.advance(1_000)
    assert.deepEqual(seen, [2n, 3n, 4n])
    chain.close()
  })

  it('goes on from its cursor after a restart, with what came meanwhile', async () => {
    const cursors = memoryCursors()
    const { chain, clock, node, seen, watch } = await watching('finalized', cursors)
    const end = watch()
    assert.equal(cursors.values.get('pings'), 1n, 'the place where it began is durable')
    node.mine([ping(1n)])
    node.mine()
    node.mine()
    await clock.advance(1_000)
    assert.equal(cursors.values.get('pings'), 2n)
    end()
    node.mine([ping(2n)])
    for (let i = 0; i < 5; i++) node.mine([ping(BigInt(10 + i))])
    await clock.advance(3_000)
    assert.deepEqual(seen, [1n])
    watch()
    await clock.advance(1_000)
    assert.deepEqual(seen, [1n, 2n, 10n, 11n, 12n])
    chain.close()
  })

  it('moves its cursor after the handler, and repeats a log whose handler failed', async () => {
    const cursors = memoryCursors()
    const { chain, clock, node, seen, watch } = await watching('finalized', cursors)
    let tries = 0
    const at: (bigint | undefined)[] = []
    watch(async (log) => {
      at.push(cursors.values.get('pings'))
      if (argument(log) === 2n && ++tries < 3) throw new Error('a handler of a test')
    })
    node.mine([ping(1n)])
    node.mine([ping(2n), ping(3n)])
    node.mine()
    node.mine()
    await clock.advance(1_000)
    assert.deepEqual(seen, [1n])
    assert.equal(cursors.values.get('pings'), 2n, 'block 1 is done, block 2 is not')
    await clock.advance(500)
    assert.equal(tries, 2)
    await clock.advance(1_000)
    assert.deepEqual(seen, [1n, 2n, 3n])
    assert.equal(cursors.values.get('pings'), 3n)
    assert.deepEqual(at, [1n, 2n, 2n, 2n, 2n])
    chain.close()
  })

  it('hands over one at a time', async () => {
    const { chain, clock, node, seen, watch } = await watching('finalized')
    const open = Promise.withResolvers<void>()
    let running = 0
    let most = 0
    watch(async () => {
      most = Math.max(most, ++running)
      await open.promise
      running--
    })
    node.mine([ping(1n), ping(2n)])
    for (let i = 0; i < 4; i++) {
      node.mine([ping(3n)])
      await clock.advance(1_000)
    }
    assert.equal(running, 1)
    open.resolve()
    await clock.advance(1_000)
    assert.equal(most, 1)
    assert.deepEqual(seen, [1n, 2n, 3n, 3n])
    chain.close()
  })

  it('goes on when the provider is back, without a new block', async () => {
    const { chain, clock, node, seen, watch } = await watching('finalized')
    watch()
    node.overrides.eth_getBlockReceipts = () => {
      throw new HttpRequestError({ url: 'http://fake' })
    }
    node.mine([ping(1n)])
    node.mine()
    node.mine()
    await clock.advance(10_000)
    assert.deepEqual(seen, [])
    delete node.overrides.eth_getBlockReceipts
    await clock.advance(30_000)
    assert.deepEqual(seen, [1n])
    chain.close()
  })

  it('writes the cursor now and then when nothing happens', async () => {
    const cursors = memoryCursors()
    let writes = 0
    const counting = {
      ...cursors,
      set: (name: string, value: bigint) => {
        writes++
        cursors.set(name, value)
      },
    }
    const { chain, clock, node, watch } = await watching('finalized', counting)
    watch()
    for (let i = 0; i < 70; i++) {
      node.mine()
      await clock.advance(1_000)
    }
    assert.equal(writes, 3, 'at the start, and every 32 blocks')
    assert.equal(cursors.values.get('pings'), 65n)
    chain.close()
  })

  it('reads blocks again of a chain that undid final ones, where it had got further', async () => {
    const { chain, clock, node } = await fakeChain()
    const cursors = memoryCursors()
    const seen: bigint[] = []
    const watch = (on: typeof chain) =>
      createChainReader({ chain: on, log: silentLog, cursors }).watch(
        { address, abi, eventName: 'Ping', finality: 'finalized', cursor: 'pings' },
        async ({ blockNumber }) => void seen.push(blockNumber),
      )
    const end = watch(chain)
    for (let i = 0; i < 8; i++) node.mine([ping(BigInt(i))])
    await clock.advance(1_000)
    end()
    assert.deepEqual(seen, [1n, 2n, 3n, 4n, 5n, 6n])
    chain.close()
    // block 3 and what follows is undone, and the other chain is shorter; an operator takes its block 4 as final
    node.reorg(6)
    for (let i = 0; i < 4; i++) node.mine([ping(BigInt(10 + i))])
    rewind(cursors, 4n)
    rewind(cursors, 5n)
    const again = await fakeChain([node])
    watch(again.chain)
    for (let i = 0; i < 3; i++) node.mine([ping(BigInt(20 + i))])
    await again.clock.advance(1_000)
    assert.deepEqual(seen.slice(6), [5n, 6n, 7n], 'those above block 4')
    again.chain.close()
  })

  it('ends with the chain', async () => {
    const { chain, clock, node, seen, watch } = await watching('finalized')
    watch()
    chain.close()
    for (let i = 0; i < 5; i++) node.mine([ping(1n)])
    await clock.advance(5_000)
    assert.deepEqual(seen, [])
  })
})

describe('watching the latest logs', () => {
  it('hands over each log as it comes, once', async () => {
    const { chain, clock, node, seen, watch } = await watching('latest')
    watch()
    for (let i = 1n; i <= 6n; i++) {
      node.mine([ping(i)])
      await clock.advance(1_000)
    }
    assert.deepEqual(seen, [1n, 2n, 3n, 4n, 5n, 6n])
    chain.close()
  })

  it('hands over what a reorg brings in, and nothing twice of what it left alone', async () => {
    const { chain, clock, node, seen, watch } = await watching('latest')
    watch()
    node.mine([ping(1n)])
    node.mine([ping(2n)])
    await clock.advance(1_000)
    node.reorg(1)
    node.mine([ping(20n)])
    await clock.advance(1_000)
    assert.deepEqual(seen, [1n, 2n, 20n])
    chain.close()
  })

  it('hands over what a reorg brings into a block that was there before the watch', async () => {
    const { chain, clock, node, seen, watch } = await watching('latest')
    for (let i = 0; i < 4; i++) node.mine()
    await clock.advance(1_000)
    watch()
    node.reorg(1)
    node.mine([ping(1n)])
    await clock.advance(5_000)
    assert.deepEqual(seen, [1n])
    chain.close()
  })

  it('reads again what was replaced and became final while it was read', async () => {
    const { chain, clock, node, seen, watch } = await watching('latest')
    watch()
    node.mine([ping(1n)])
    node.overrides.eth_getLogs = async () => {
      delete node.overrides.eth_getLogs
      node.reorg(1)
      node.mine([ping(10n)])
      for (let i = 0; i < 3; i++) node.mine()
      await chain.heads.refresh() // the look that is under way
      await chain.heads.refresh()
      return []
    }
    await clock.advance(2_000)
    assert.deepEqual(seen, [10n])
    chain.close()
  })

  it('keeps a cursor at what is final, so that a restart repeats but never misses', async () => {
    const cursors = memoryCursors()
    const { chain, clock, node, seen, watch } = await watching('latest', cursors)
    const end = watch()
    for (let i = 1n; i <= 4n; i++) node.mine([ping(i)])
    await clock.advance(1_000)
    assert.equal(cursors.values.get('pings'), 3n)
    end()
    watch()
    await clock.advance(1_000)
    assert.deepEqual(seen, [1n, 2n, 3n, 4n, 3n, 4n])
    chain.close()
  })
})
