import assert from 'node:assert/strict'
import type { Tip } from '../../../../../src/avs/bridge/ports.ts'
import type { SourceOptions } from '../../../../../src/avs/bridge/source/source.ts'
import { branchRoot } from '../../../../../src/avs/bridge/tree.ts'
import type { KeyValueStores } from '../../../../../src/store/keyValue.ts'
import { bytesToHex, type Hex, hexToBytes } from '../../../../../src/util/hex.ts'
import { seededRandom } from '../../../../../src/util/random.ts'
import { eventually } from '../../../../support/eventually.ts'
import { type FollowedTree, followTree, rootOf, sourceDisk } from '../../../../support/followedTree.ts'
import { TreeChain } from '../../../../support/treeChain.ts'

const CORRECTIONS = 'lariat_bridge_fast_corrections_total'
const indices = (tips: readonly Tip[]) => tips.map(({ index }) => index)

describe('fast tips of a tree of messages', () => {
  let chain: TreeChain
  let disk: KeyValueStores
  const followed: FollowedTree[] = []
  beforeEach(() => {
    chain = new TreeChain()
    disk = sourceDisk()
  })
  afterEach(async () => {
    for (const one of followed.splice(0)) await one.stop()
  })
  /** Follows with one block upon a fast tip, from a chain whose first block with a leaf is final. */
  async function follow(options: Partial<SourceOptions> = {}): Promise<FollowedTree> {
    if (chain.final === 0) {
      chain.mine(1)
      chain.finalize()
    }
    const one = await followTree(chain, disk, { fast: 1, ...options })
    followed.push(one)
    await one.seen()
    return one
  }
  /** So many blocks, each with messages, each told of. */
  async function grow(one: FollowedTree, ...messages: readonly number[]): Promise<void> {
    for (const count of messages) {
      chain.mine(count)
      await one.newest()
    }
  }

  it('are of blocks that enough others lie upon, and what becomes final is the same', async () => {
    const one = await follow({ fast: 2 })
    await grow(one, 2, 0)
    assert.deepEqual(indices(one.fastTips), [0], 'only the one that is final')
    await grow(one, 1)
    assert.deepEqual(indices(one.fastTips), [0, 2])
    const { block, root, messageId, blockHash, time } = one.fastTips[1] as Tip
    assert.deepEqual([block, root, messageId], [2n, rootOf(chain.leaves(2)), chain.leaves()[2]])
    assert.deepEqual([blockHash, time], [chain.blocks[2]?.hash, 1_700_000_002_000])
    assert.deepEqual(indices(one.tips), [0])
    await grow(one, 0, 0)
    chain.finalize()
    await one.seen()
    assert.deepEqual(one.fastTips, one.tips)
    assert.deepEqual([one.corrections, await one.metric(CORRECTIONS)], [[], 0])
  })

  it('are of final blocks too where these come first', async () => {
    const one = await follow({ fast: 60 })
    await grow(one, 1, 2, 0)
    chain.finalize()
    await one.seen()
    assert.deepEqual(indices(one.fastTips), [0, 1, 3])
  })

  it('are none without the configuration', async () => {
    const { source, stop } = await follow()
    await stop()
    const one = await followTree(chain, disk)
    followed.push(one)
    await one.seen()
    await grow(one, 1, 1, 1)
    assert.deepEqual([one.fastTips, one.source.ahead(), source.ahead()?.count], [[], undefined, 1])
  })

  it('have messages and proofs ahead of the final ones', async () => {
    const one = await follow()
    await grow(one, 2, 1)
    const ahead = one.source.ahead()
    const leaves = chain.leaves()
    assert.equal(ahead?.count, 4)
    for (const [index, id] of leaves.entries()) {
      const size = leaves.length
      assert.equal(ahead?.checkpoint(index)?.root, rootOf(leaves.slice(0, index + 1)))
      assert.equal(bytesToHex(branchRoot(hexToBytes(id), index, ahead?.proof(index, size) ?? [])), rootOf(leaves))
      assert.deepEqual([ahead?.message(id)?.index, ahead?.messageAt(index)?.id], [index, id])
    }
    for (const none of [ahead?.checkpoint(4), ahead?.messageAt(4), ahead?.message(`0x${'00'.repeat(32)}`)]) {
      assert.equal(none, undefined)
    }
    assert.equal(one.source.message(leaves[3] as Hex), undefined, 'it is not final')
  })

  it('are not of what was undone before enough blocks lay upon it', async () => {
    const one = await follow({ fast: 2 })
    await grow(one, 1, 1)
    chain.undo(2)
    await grow(one, 2, 1, 0, 0)
    chain.finalize()
    await one.seen()
    assert.deepEqual(one.fastTips, one.tips)
    assert.deepEqual(one.corrections, [])
  })

  it('that were undone and replaced are corrected, and that shows over restarts', async () => {
    const one = await follow()
    await grow(one, 1, 1, 0)
    const wrong = one.fastTips.slice(1).map(({ root, index, messageId }) => ({ root, index, messageId }))
    assert.deepEqual(
      wrong.map(({ index }) => index),
      [1, 2],
    )
    chain.undo(2)
    await grow(one, 1, 1, 0)
    chain.finalize()
    await one.seen()
    const expected = wrong.map((tip) => ({ wrong: tip, right: one.tips.find(({ index }) => index === tip.index) }))
    assert.deepEqual(one.corrections, expected)
    assert.equal(await one.metric(CORRECTIONS), 2)
    assert.equal(one.log.entries.filter(({ message }) => message.includes('was corrected')).length, 2)
    assert.deepEqual(one.source.corrections(), expected)
    await one.stop()
    const again = await follow()
    await eventually(() => again.source.corrections().length > 0, 'they are forgotten')
    assert.deepEqual(again.source.corrections(), expected)
    assert.deepEqual(again.corrections, [], 'they are told once')
  })

  it('that were handed over before a restart are corrected after it', async () => {
    const one = await follow()
    await grow(one, 1, 0)
    await one.stop()
    chain.undo(2)
    chain.mine(1)
    chain.mine()
    chain.finalize()
    const again = await follow()
    assert.deepEqual(
      again.corrections.map(({ wrong }) => wrong.root),
      [one.fastTips[1]?.root],
    )
    assert.equal(await again.metric(CORRECTIONS), 1)
  })

  it('whose messages vanished show at once, and are corrected when there is another leaf', async () => {
    const one = await follow()
    await grow(one, 1, 0)
    assert.deepEqual(indices(one.fastTips), [0, 1])
    chain.undo(2)
    await grow(one, 0, 0, 0, 0, 0)
    assert.equal(one.source.ahead()?.count, 1, 'the leaf is still there')
    chain.finalize(3)
    await one.seen()
    assert.equal(await one.metric(CORRECTIONS), 1)
    assert.equal(one.corrections.length, 0)
    await grow(one, 1)
    chain.finalize()
    await one.seen()
    assert.deepEqual(
      one.corrections.map(({ wrong }) => wrong.root),
      [one.fastTips[1]?.root],
    )
    assert.equal(await one.metric(CORRECTIONS), 1, 'it is counted once')
  })

  it('whose messages came into later blocks are as right as before', async () => {
    const one = await follow()
    await grow(one, 1, 0)
    const { logs } = chain.blocks[2] ?? { logs: [] }
    chain.undo(2)
    await grow(one, 0)
    chain.mineLogs(logs)
    await one.newest()
    await grow(one, 0)
    chain.finalize(2)
    await one.seen()
    chain.finalize()
    await one.seen()
    assert.deepEqual(indices(one.fastTips), [0, 1])
    assert.equal(one.fastTips[1]?.root, one.tips[1]?.root)
    assert.deepEqual([one.corrections, await one.metric(CORRECTIONS)], [[], 0])
  })

  it('wait where storage is behind the logs, and for logs that are behind storage', async () => {
    const one = await follow()
    chain.readLag = 1
    await grow(one, 1, 0)
    chain.readLag = 2
    await grow(one, 1)
    assert.deepEqual(indices(one.fastTips), [0, 1])
    chain.readLag = 0
    chain.deaf = true
    await grow(one, 1, 0, 0)
    assert.deepEqual(indices(one.fastTips), [0, 1])
    chain.deaf = false
    await grow(one, 0, 0, 0, 0)
    assert.deepEqual(indices(one.fastTips), [0, 1, 2, 3])
    chain.finalize()
    await one.seen()
    assert.deepEqual(one.fastTips, one.tips)
  })

  it('are none while the chain is not to be trusted, or the tree is halted', async () => {
    const one = await follow()
    chain.trust = { code: 'chain.no-quorum', reason: 'too few' }
    await grow(one, 1, 0)
    assert.deepEqual(indices(one.fastTips), [0])
    chain.trust = undefined
    await grow(one, 0)
    assert.deepEqual(indices(one.fastTips), [0, 1])
    const bad = { of: 'hook', id: `0x${'77'.repeat(32)}`, index: 9 } as const
    chain.mineLogs([bad])
    chain.finalize()
    await one.seen()
    assert.match(one.source.halted() ?? '', /leaf 9/)
    await grow(one, 1, 1, 1)
    assert.deepEqual(indices(one.fastTips), [0, 1])
  })

  it('that differ from what became final are all told, and no others, over random reorgs', async function () {
    this.timeout(60_000)
    let found = 0
    for (let seed = 1; seed <= 20; seed++) {
      const random = seededRandom(seed)
      const pick = (below: number) => Math.floor(random() * below)
      chain = new TreeChain()
      disk = sourceDisk()
      const one = await follow({ fast: 1 + pick(2) })
      for (let step = 0; step < 40; step++) {
        if (pick(4) === 0) chain.undo(chain.final + 1 + pick(chain.blocks.length - chain.final))
        else chain.mine(pick(3))
        if (pick(4) > 0) await one.newest()
        if (pick(5) === 0) {
          chain.finalize(chain.final + pick(chain.blocks.length - chain.final))
          await one.seen()
        }
      }
      for (let i = 0; i < 3; i++) chain.mine(1)
      chain.finalize()
      await one.seen()
      const name = `seed ${seed}`
      assert.equal(new Set(indices(one.fastTips)).size, one.fastTips.length, `${name}: two of one index`)
      const wrong = one.fastTips.filter(({ index, root }) => one.source.checkpoint(index)?.root !== root)
      // One whose index the tree never reached again has nothing that is right in its place.
      const told = wrong.filter(({ index }) => index < one.source.count).map(({ root }) => root)
      assert.deepEqual(one.corrections.map(({ wrong }) => wrong.root).sort(), told.sort(), name)
      for (const { wrong, right } of one.corrections) {
        assert.equal(one.source.checkpoint(wrong.index)?.root, right.root, name)
        assert.equal(chain.blocks[Number(right.block)]?.hash, right.blockHash, name)
      }
      const last = one.tips.at(-1)
      assert.deepEqual([last?.root, last?.index], [rootOf(chain.leaves()), chain.leaves().length - 1], name)
      for (const tip of one.tips) assert.equal(tip.root, rootOf(chain.leaves(Number(tip.block))), name)
      found += wrong.length
      await one.stop()
    }
    assert.ok(found > 20, `only ${found} fast tips were wrong`)
  })
})
