import assert from 'node:assert/strict'
import { decodeMessage, messageId } from '../../../../../src/avs/bridge/message.ts'
import type { Source } from '../../../../../src/avs/bridge/ports.ts'
import { MAX_MESSAGE_BYTES } from '../../../../../src/avs/bridge/source/stores.ts'
import { branchRoot } from '../../../../../src/avs/bridge/tree.ts'
import { bytesToHex, type Hex, hexToBytes } from '../../../../../src/util/hex.ts'
import { seededRandom } from '../../../../../src/util/random.ts'
import { eventually } from '../../../../support/eventually.ts'
import { type FollowedTree, followTree, rootOf, sourceDisk } from '../../../../support/followedTree.ts'
import { TreeChain } from '../../../../support/treeChain.ts'

/** The tips that a chain has: for each block with leaves its last one, with the root of all up to it. */
function tipsOf(chain: TreeChain, upTo = chain.final) {
  return chain.blocks.slice(0, upTo + 1).flatMap(({ number, hash, timestamp, logs }) => {
    if (!logs.some((log) => log.of === 'hook')) return []
    const leaves = chain.leaves(Number(number))
    const [index, messageId] = [leaves.length - 1, leaves.at(-1)]
    return [{ root: rootOf(leaves), index, messageId, block: number, blockHash: hash, time: Number(timestamp) * 1_000 }]
  })
}

describe('a tree of messages that is followed', () => {
  const followed: FollowedTree[] = []
  async function follow(...args: Parameters<typeof followTree>): Promise<FollowedTree> {
    const one = await followTree(...args)
    followed.push(one)
    return one
  }
  afterEach(async () => {
    for (const one of followed.splice(0)) await one.stop()
  })

  it('hands over a tip for each final block that added leaves, and none before it is final', async () => {
    const chain = new TreeChain()
    for (const messages of [2, 0, 1, 3]) chain.mine(messages)
    chain.finalize(1)
    const { source, tips, seen, metric } = await follow(chain)
    await seen()
    assert.deepEqual(tips, tipsOf(chain))
    assert.deepEqual([tips.length, source.count], [1, 2])
    chain.finalize(3)
    await seen()
    assert.deepEqual(tips, tipsOf(chain))
    chain.mine()
    chain.finalize()
    await seen()
    assert.deepEqual(tips, tipsOf(chain))
    assert.deepEqual(
      tips.map(({ index }) => index),
      [1, 2, 5],
    )
    assert.deepEqual(source.tip(), tips.at(-1))
    assert.equal(await metric('lariat_bridge_leaves'), 6)
    assert.equal(await metric('lariat_bridge_final_index'), 5)
    assert.equal(await metric('lariat_bridge_lag_blocks'), 0)
    assert.equal(await metric('lariat_bridge_halted'), 0)
  })

  it('has nothing to say of an empty tree', async () => {
    const chain = new TreeChain()
    chain.mine()
    chain.finalize()
    const { source, tips, seen, metric } = await follow(chain)
    await seen()
    assert.deepEqual([tips, source.tip(), source.count, source.halted()], [[], undefined, 0, undefined])
    assert.equal(await metric('lariat_bridge_final_index'), -1)
    assert.equal(source.checkpoint(0), undefined)
    assert.throws(() => source.proof(0, 1), { code: 'bridge.tree' })
  })

  it('has checkpoints, messages and proofs of all final leaves', async () => {
    const chain = new TreeChain()
    for (const messages of [3, 0, 4]) chain.mine(messages)
    chain.finalize()
    chain.mine(1)
    const { source, seen } = await follow(chain)
    await seen()
    const leaves = chain.leaves(chain.final)
    assert.equal(source.count, 7)
    for (const [index, id] of leaves.entries()) {
      const root = rootOf(leaves.slice(0, index + 1))
      assert.deepEqual(source.checkpoint(index), { root, index, messageId: id })
      const message = source.message(id)
      assert.deepEqual(message, source.messageAt(index))
      assert.deepEqual([message?.id, message?.index, message?.block], [id, index, index < 3 ? 1n : 3n])
      assert.equal(decodeMessage(hexToBytes(message?.encoded as Hex)).nonce, index)
      const proof = source.proof(index, leaves.length)
      assert.equal(bytesToHex(branchRoot(hexToBytes(id), index, proof)), rootOf(leaves))
    }
    for (const index of [-1, 7, 0.5]) {
      assert.equal(source.checkpoint(index), undefined)
      assert.equal(source.messageAt(index), undefined)
    }
    assert.equal(source.message(chain.leaves().at(-1) as Hex), undefined)
    assert.throws(() => source.proof(0, 8), { code: 'bridge.tree' })
  })

  it('leaves out messages that do not go through the hook, and bodies that are too long', async () => {
    const chain = new TreeChain()
    const [other, long] = [chain.message(), chain.message(`0x${'07'.repeat(MAX_MESSAGE_BYTES)}`)]
    chain.mineLogs([{ of: 'mailbox', message: bytesToHex(other) }])
    chain.mine(1)
    chain.mineLogs([
      { of: 'mailbox', message: bytesToHex(long) },
      { of: 'hook', id: messageId(long), index: 1 },
    ])
    chain.finalize()
    const { source, tips, seen } = await follow(chain)
    await seen()
    assert.deepEqual(tips, tipsOf(chain))
    assert.equal(source.count, 2)
    assert.equal(source.message(messageId(other)), undefined)
    assert.ok(source.messageAt(0))
    assert.equal(source.messageAt(1), undefined)
  })

  it('takes a leaf whose message was dispatched before, and the same message twice', async () => {
    const chain = new TreeChain()
    const message = chain.message()
    const id = messageId(message)
    chain.mineLogs([{ of: 'mailbox', message: bytesToHex(message) }])
    chain.mine()
    chain.mineLogs([{ of: 'hook', id, index: 0 }])
    const again = chain.message()
    chain.mineLogs([
      { of: 'mailbox', message: bytesToHex(again) },
      { of: 'hook', id: messageId(again), index: 1 },
    ])
    chain.mineLogs([{ of: 'hook', id: messageId(again), index: 2 }])
    chain.finalize()
    const { source, tips, seen, log } = await follow(chain)
    await seen()
    assert.deepEqual(tips, tipsOf(chain))
    assert.equal(source.halted(), undefined)
    assert.equal(source.message(id), undefined)
    assert.equal(source.message(messageId(again))?.index, 1)
    assert.ok(log.entries.some(({ message }) => message.includes('dispatched in earlier blocks')))
  })

  it('finds the tree where Hyperlane’s hook keeps it, or where it is said to be', async () => {
    for (const [treeSlot, options] of [
      [151n, {}],
      [7n, { treeSlot: 7n }],
    ] as const) {
      const chain = new TreeChain()
      chain.treeSlot = treeSlot
      chain.mine()
      chain.finalize()
      const { source, tips, seen } = await follow(chain, sourceDisk(), options)
      await seen()
      for (const messages of [3, 2]) {
        chain.mine(messages)
        chain.finalize()
        await seen()
      }
      assert.deepEqual(tips, tipsOf(chain))
      assert.equal(source.halted(), undefined)
    }
  })

  it('hands over the newest 16 blocks after a long gap, and reads it in bounded pages', async () => {
    const chain = new TreeChain()
    for (let i = 0; i < 5_000; i++) chain.mine(i % 100 === 0 ? 1 : 0)
    chain.finalize()
    const { source, tips, seen } = await follow(chain)
    await seen()
    assert.equal(source.count, 50)
    assert.deepEqual(tips, tipsOf(chain).slice(-16))
    assert.ok(chain.ranges.length >= 3)
    for (let i = 0; i < 40; i++) chain.mine(1)
    chain.finalize()
    await seen()
    assert.deepEqual(tips, [...tipsOf(chain).slice(-56, -40), ...tipsOf(chain).slice(-16)])
  })

  it('reads fewer blocks at a time where there is much in them', async () => {
    const chain = new TreeChain()
    for (let i = 0; i < 300; i++) chain.mine(8)
    chain.finalize()
    chain.mine()
    const { source, seen } = await follow(chain)
    await seen()
    for (let i = 0; i < 2_000; i++) chain.mine()
    chain.finalize()
    await seen()
    assert.equal(source.count, 2_400)
    const spans = chain.ranges.map(({ from, to }) => Number(to - from) + 1)
    assert.ok(Math.max(...spans) <= 2_000)
    assert.ok(spans.includes(1_000), 'the page after the full one is not shorter')
  })

  it('hands over the same tips whatever heads it happens to see', async function () {
    this.timeout(60_000)
    for (let seed = 1; seed <= 8; seed++) {
      const random = seededRandom(seed)
      const chain = new TreeChain()
      const nodes = await Promise.all([0, 1, 2].map(() => follow(chain)))
      for (let step = 0; step < 12; step++) {
        for (let i = Math.floor(random() * 4); i >= 0; i--) chain.mine(Math.floor(random() * 4))
        // Each of them misses some heads; none misses 16 blocks with leaves.
        chain.final = Math.min(chain.blocks.length - 1, chain.final + Math.floor(random() * 5))
        const node = nodes[Math.floor(random() * nodes.length)]
        await node?.seen()
      }
      chain.finalize()
      for (const { seen } of nodes) await seen()
      const expected = tipsOf(chain)
      for (const [n, { tips }] of nodes.entries()) assert.deepEqual(tips, expected, `seed ${seed}, node ${n}`)
      for (const { stop } of nodes) await stop()
    }
  })

  it('hands nothing over while its chain is not to be trusted, and all of it afterwards', async () => {
    const chain = new TreeChain()
    chain.mine(1)
    chain.finalize()
    const { source, tips, seen, log } = await follow(chain)
    await seen()
    chain.trust = { code: 'chain.contradiction', reason: 'two say different things' }
    chain.mine(2)
    chain.mine(1)
    chain.finalize()
    await eventually(() => log.entries.some(({ fields }) => String(fields.reason).includes('two say')), 'no word')
    assert.deepEqual([tips.length, source.halted()], [1, undefined])
    chain.trust = undefined
    await seen()
    assert.deepEqual(tips, tipsOf(chain))
  })

  it('hands nothing over of what it read while its chain came to be distrusted', async () => {
    const chain = new TreeChain()
    chain.mine(1)
    chain.finalize()
    const { tips, seen, log } = await follow(chain)
    await seen()
    chain.mine(1)
    chain.onLogs = () => {
      chain.trust = { code: 'chain.contradiction', reason: 'two say different things' }
    }
    chain.finalize()
    await eventually(() => log.entries.some(({ fields }) => String(fields.reason).includes('two say')), 'no word')
    assert.equal(tips.length, 1)
    chain.onLogs = undefined
    chain.trust = undefined
    await seen()
    assert.deepEqual(tips, tipsOf(chain))
  })

  it('says that nothing may be signed while final blocks of its chain are undone', async () => {
    const chain = new TreeChain()
    chain.mine(1)
    chain.finalize()
    const { source, seen, metric } = await follow(chain)
    await seen()
    chain.trust = { code: 'chain.reorged', reason: 'block 1 was another' }
    assert.equal(source.halted(), 'block 1 was another')
    chain.tell('finalized')
    await eventually(async () => (await metric('lariat_bridge_halted')) === 1, 'no alarm')
  })

  it('goes on by itself when the chain could not be read', async () => {
    const chain = new TreeChain()
    chain.mine(1)
    chain.finalize()
    chain.failure = new Error('nobody answers')
    const { tips, seen, log } = await follow(chain)
    await eventually(() => log.entries.some(({ fields }) => fields.reason === 'nobody answers'), 'no word')
    chain.failure = undefined
    await seen()
    assert.deepEqual(tips, tipsOf(chain))
    const held = log.entries.filter(({ message }) => message.includes('held up'))
    assert.equal(held.length, 1, 'the same reason is told once')
  })

  it('keeps handlers apart, and goes on when one throws', async () => {
    const chain = new TreeChain()
    const { source, tips, seen, log } = await follow(chain)
    const heard: number[] = []
    const listen = (to: Source) => to.onTip(1, ({ index }) => void heard.push(index))
    const [end] = [listen(source), listen(source)]
    source.onTip(1, () => {
      throw new Error('not I')
    })
    chain.mine(1)
    chain.finalize()
    await seen()
    end?.()
    chain.mine(1)
    chain.finalize()
    await seen()
    assert.deepEqual([heard, tips.length], [[0, 0, 1], 2])
    assert.equal(log.entries.filter(({ fields }) => fields.error === 'not I').length, 2)
  })
})
