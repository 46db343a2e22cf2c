import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type AbiEvent, type AbiFunction, toEventSelector, toFunctionSelector } from 'viem'
import type { Tip } from '../../../src/avs/bridge/ports.ts'
import { mailboxAbi, treeHookAbi } from '../../../src/avs/bridge/source/abi.ts'
import { loadArtifacts } from '../../../src/testnet/artifacts.ts'
import type { Hex } from '../../../src/util/hex.ts'
import { seededRandom } from '../../../src/util/random.ts'
import { eventually as soon } from '../../support/eventually.ts'
import {
  emptyBlooms,
  forkedAt,
  inventingLogs,
  type LieAbout,
  type LyingRpc,
  leavingLogsOut,
  staleAt,
  startLyingRpc,
  wrongStorage,
} from '../../support/lyingRpc.ts'
import { type FollowedMinedTree, type FollowOptions, type MinedTree, minedTree } from '../../support/minedTree.ts'

/** The longest that a loaded machine may take, ms. */
const PATIENCE_MS = 60_000
const eventually = (done: () => boolean | Promise<boolean>, what: string) => soon(done, what, PATIENCE_MS)
/** Blocks that are not final yet, on this anvil. */
const UNFINAL = 2
const rootsOf = (tips: readonly Tip[]) => tips.map(({ root }) => root)

describe('a tree of messages on a chain', function () {
  this.timeout(180_000)
  let tree: MinedTree
  let followed: FollowedMinedTree[] = []
  before(async () => {
    tree = await minedTree()
  })
  after(() => tree?.close())
  afterEach(async () => {
    for (const { stop } of followed) await stop()
    followed = []
  })
  async function follow(options?: FollowOptions): Promise<FollowedMinedTree> {
    const one = await tree.follow(options)
    followed.push(one)
    return one
  }
  /** The newest of the tips that the chain has. */
  const newest = async (count: number) => (count === 0 ? [] : (await tree.truth()).slice(-count))

  it('is read by the events and functions that the contracts have', async () => {
    const artifacts = await loadArtifacts(join(import.meta.dirname, '../../../build/artifacts'))
    for (const [name, abi] of [
      ['Mailbox', mailboxAbi],
      ['MerkleTreeHook', treeHookAbi],
    ] as const) {
      const theirs = artifacts.get(name).abi.filter((item) => item.type === 'event' || item.type === 'function')
      const has = (item: AbiEvent | AbiFunction) => {
        const same = theirs.find((other) => other.type === item.type && other.name === item.name)
        return same !== undefined && selector(same as AbiEvent | AbiFunction) === selector(item)
      }
      for (const item of abi) assert.ok(has(item as AbiEvent | AbiFunction), `${name} has no ${item.name}`)
    }
  })

  it('is handed over block by block as it becomes final, and by fast tips before that', async () => {
    await tree.mine(2)
    await tree.mineEmpty(3)
    const one = await follow({ fast: 1 })
    await one.caughtUp()
    for (const messages of [1, 0, 3, 1]) await tree.mine(messages)
    await tree.mineEmpty(1)
    await eventually(() => one.fastTips.length === 4, 'the fast tips do not come')
    assert.ok(one.tips.length < 4, 'the newest block is not final')
    await tree.mineEmpty(3)
    await one.caughtUp()
    assert.deepEqual(one.tips, await tree.truth())
    assert.deepEqual(one.fastTips, one.tips)
    assert.deepEqual(one.corrections, [])
    const root = await tree.client.readContract({ address: tree.hook, abi: rootAbi, functionName: 'root' })
    assert.equal(one.tips.at(-1)?.root, root)
    assert.equal(one.source.count, 7)
    assert.equal(one.source.messageAt(6)?.id, one.tips.at(-1)?.messageId)
  })

  it('goes on after a restart from what is kept', async () => {
    const { disk, stop, caughtUp } = await follow()
    await caughtUp()
    await stop()
    await tree.mine(2)
    await tree.mineEmpty(3)
    const again = await follow({ disk })
    await again.caughtUp()
    assert.deepEqual(again.tips, await tree.truth())
    assert.equal(again.source.halted(), undefined)
    assert.ok(!again.log.entries.some(({ message }) => message.includes('anew')))
  })

  for (let depth = 1; depth <= UNFINAL; depth++) {
    for (const instead of ['nothing', 'another message']) {
      it(`is what becomes final when ${depth} unfinal blocks are undone, with ${instead} in their place`, async () => {
        const one = await follow({ fast: 1 })
        await one.caughtUp()
        const { length } = one.tips
        await tree.mine(1)
        for (let i = 1; i < depth; i++) await tree.mineEmpty(1)
        const fast = length + (depth > 1 ? 1 : 0)
        await eventually(() => one.fastTips.length === fast, 'the fast tip does not come')
        await one.atHead()
        await reorg(depth, instead === 'nothing' ? 0 : 1)
        await one.atHead()
        await tree.mineEmpty(3)
        // So that there is a leaf of the index in either case.
        await tree.mine(1)
        await tree.mineEmpty(3)
        await one.caughtUp()
        const truth = await newest(instead === 'nothing' ? 1 : 2)
        assert.deepEqual(one.tips.slice(length), truth)
        assert.equal(one.source.halted(), undefined)
        const wrong = rootsOf(one.fastTips).filter((root) => !rootsOf(one.tips).includes(root))
        assert.equal(wrong.length, depth > 1 ? 1 : 0)
        assert.deepEqual(
          one.corrections.map(({ wrong }) => wrong.root),
          wrong,
        )
        assert.equal(await one.metric('lariat_bridge_fast_corrections_total'), wrong.length)
        for (const { right } of one.corrections) assert.equal(one.source.checkpoint(right.index)?.root, right.root)
        const next = await tree.mine(1)
        await tree.mineEmpty(1)
        await eventually(() => one.fastTips.at(-1)?.block === next, 'there is no next fast tip')
        const perIndex = new Set(one.fastTips.map(({ index }) => index))
        assert.equal(perIndex.size, one.fastTips.length, 'two of one index')
        await tree.mineEmpty(3)
      })
    }
  }

  it('is never handed over as final before it is, through random blocks, reorgs, and snapshots', async () => {
    const seed = 20_261_123
    const random = seededRandom(seed)
    const pick = (below: number) => Math.floor(random() * below)
    const one = await follow({ fast: 1 })
    await one.caughtUp()
    const { length } = one.tips
    for (let step = 0; step < 40; step++) {
      const kind = pick(8)
      if (kind < 3) await tree.mine(1 + pick(3))
      else if (kind < 5) await tree.mineEmpty(1 + pick(2))
      else if (kind < 7) await reorg(1 + pick(UNFINAL), pick(2))
      else {
        const snapshot = await tree.test.rpc('evm_snapshot')
        await tree.mine(1)
        if (pick(2) === 0) await one.atHead()
        await tree.test.rpc('evm_revert', [snapshot])
        await tree.mine(pick(2))
      }
      if (pick(2) === 0) await one.atHead()
    }
    await tree.mine(1)
    await tree.mineEmpty(3)
    await one.caughtUp()
    const truth = (await tree.truth()).filter(({ index }) => index > (one.tips[length - 1]?.index ?? -1))
    assert.ok(truth.length > 5)
    assert.deepEqual(one.tips.slice(length), truth, `seed ${seed}`)
    assert.equal(one.source.halted(), undefined)
    const wrong = one.fastTips.filter(({ root, index }) => {
      const right = one.source.checkpoint(index)?.root
      // Where the tree has not grown so far again, there is nothing yet in its place.
      return right !== undefined && right !== root
    })
    assert.deepEqual(one.corrections.map(({ wrong }) => wrong.root).sort(), rootsOf(wrong).sort(), `seed ${seed}`)
  })

  for (const depth of [UNFINAL + 1, UNFINAL + 3]) {
    it(`is halted when ${depth} blocks are undone, of which one was final, until an operator has looked`, async () => {
      const one = await follow()
      await one.caughtUp()
      const block = await tree.mine(1)
      await tree.mineEmpty(depth - 1)
      await one.caughtUp()
      assert.equal(one.tips.at(-1)?.block, block)
      const { length } = one.tips
      await one.atHead()
      await reorg(depth, 1)
      await eventually(() => one.source.halted() !== undefined, 'it is not noticed')
      assert.equal(one.following.port.distrust()?.code, 'chain.reorged')
      await tree.mine(2)
      await tree.mineEmpty(4)
      await one.atHead()
      await eventually(async () => (await one.metric('lariat_bridge_halted')) === 1, 'no alarm')
      assert.equal(one.tips.length, length)
      await one.stop()

      // As after the chain’s own reorg was acknowledged: the tree on disk is of blocks that are not there.
      const { disk } = one
      const again = await follow({ disk })
      await eventually(() => again.source.halted() !== undefined, 'it is not noticed')
      assert.match(again.source.halted() ?? '', new RegExp(`final block ${block} was .* and had leaves`))
      assert.deepEqual(again.tips, [])
      await again.stop()
      const acknowledge = /acknowledge: "([0-9a-f]{8})"/.exec(again.source.halted() ?? '')?.[1] ?? ''
      const resumed = await follow({ disk, acknowledge })
      await eventually(() => resumed.source.halted() === undefined, 'it is still halted')
      await resumed.caughtUp()
      assert.deepEqual(resumed.tips, await newest(resumed.tips.length))
      assert.ok(resumed.tips.length > 0)
    })
  }

  describe('by three providers', () => {
    let rpcs: LyingRpc[]
    const honest = () => {
      for (const rpc of rpcs) Object.assign(rpc, { lie: undefined, mute: false })
    }
    before(async () => {
      rpcs = await Promise.all([0, 1, 2].map(() => startLyingRpc(tree.test.anvil.rpcUrl)))
    })
    after(() => Promise.all(rpcs.map(({ close }) => close())))
    afterEach(honest)
    /** Follows by all three, honest so far. */
    async function three(): Promise<FollowedMinedTree> {
      const one = await follow({ rpc: rpcs.map(({ url }) => url) })
      await one.caughtUp()
      return one
    }
    const lie = (...lies: readonly (LieAbout | undefined)[]) => {
      for (const [i, rpc] of rpcs.entries()) rpc.lie = lies[i]
    }
    /** Resolves when the first provider was asked so many times more for its newest blocks. */
    async function looks(count: number): Promise<void> {
      const [first] = rpcs
      const lying = first?.lie
      if (first === undefined || lying === undefined) throw new RangeError('the first provider is honest')
      let seen = 0
      first.lie = (call) => {
        if (call.method === 'eth_getBlockByNumber' && call.params[0] === 'latest') seen++
        return lying(call)
      }
      await eventually(() => seen >= count, 'nobody looks')
    }
    const head = () => tree.client.getBlockNumber({ cacheTime: 0 })

    for (const [what, one, two] of [
      ['leaves logs out, and one says false storage', leavingLogsOut, wrongStorage],
      ['invents logs, and one has false blooms', inventingLogs, emptyBlooms],
      ['says false storage, and one leaves logs out', wrongStorage, leavingLogsOut],
      ['has false blooms, and one invents logs', emptyBlooms, inventingLogs],
    ] as const) {
      it(`is handed over as it is when one ${what}`, async () => {
        const { tips, source, caughtUp } = await three()
        const { length } = tips
        lie(one, two, undefined)
        await tree.mine(2)
        await tree.mine(1)
        await tree.mineEmpty(3)
        await caughtUp()
        assert.equal(source.halted(), undefined)
        assert.deepEqual(tips.slice(length), await newest(2))
      })
    }

    it('is handed over as it is while one stands still', async () => {
      const { tips, source, caughtUp } = await three()
      const { length } = tips
      lie(staleAt(await head()), wrongStorage, leavingLogsOut)
      await tree.mine(1)
      await tree.mineEmpty(3)
      const truth = async () => new Set((await tree.truth()).map(({ blockHash, root }) => `${blockHash} ${root}`))
      const rightOnly = async () => {
        const right = await truth()
        for (const { blockHash, root, index } of tips) assert.ok(right.has(`${blockHash} ${root}`), `tip ${index}`)
      }
      await rightOnly()
      honest()
      await tree.mine(1)
      await tree.mineEmpty(3)
      await caughtUp()
      await rightOnly()
      assert.deepEqual([tips.length, source.halted()], [length + 2, undefined])
    })

    for (const liars of [1, 2]) {
      it(`is not handed over when ${liars} of three have another chain, and logs or storage of the others are false`, async () => {
        const one = await three()
        const { length } = one.tips
        const fork = (await head()) + 1n
        const forks = rpcs.slice(0, liars).map(() => forkedAt(fork))
        lie(...forks, ...(liars === 1 ? [leavingLogsOut, wrongStorage] : [wrongStorage]))
        await tree.mine(2)
        await tree.mineEmpty(5)
        await eventually(() => one.following.port.distrust()?.code === 'chain.contradiction', 'it is not noticed')
        await tree.mine(1)
        await tree.mineEmpty(5)
        await looks(5)
        assert.equal(one.tips.length, length)
        assert.equal(one.source.halted(), undefined)
      })
    }

    it('is not handed over while two of three answer nothing', async () => {
      const one = await three()
      const { length } = one.tips
      for (const rpc of rpcs.slice(1)) rpc.mute = true
      await tree.mine(1)
      await tree.mineEmpty(5)
      await eventually(() => one.log.entries.some(({ level }) => level === 'warn'), 'it is not noticed')
      assert.equal(one.tips.length, length)
      honest()
      await one.caughtUp()
      assert.deepEqual(one.tips.slice(length), await newest(1))
    })
  })

  /** Replaces the newest blocks by others, of which the first has so many messages. */
  async function reorg(depth: number, messages: number): Promise<void> {
    const at = (await tree.client.getBlockNumber({ cacheTime: 0 })) - BigInt(depth)
    const sender = tree.dispatching().from
    const nonce = await tree.client.getTransactionCount({ address: sender, blockNumber: at })
    const transactions = Array.from({ length: messages }, (_, i) => {
      return [{ ...tree.dispatching(), nonce: `0x${(nonce + i).toString(16)}` }, 0]
    })
    await tree.test.rpc('anvil_reorg', [depth, transactions])
  }
})

const rootAbi = [
  { type: 'function', name: 'root', inputs: [], outputs: [{ type: 'bytes32' }], stateMutability: 'view' },
] as const

function selector(item: AbiEvent | AbiFunction): Hex {
  return item.type === 'event' ? toEventSelector(item) : toFunctionSelector(item)
}
