import assert from 'node:assert/strict'
import { messageId } from '../../../../../src/avs/bridge/message.ts'
import type { SourceOptions } from '../../../../../src/avs/bridge/source/source.ts'
import type { KeyValueStores } from '../../../../../src/store/keyValue.ts'
import { bytesToHex, type Hex } from '../../../../../src/util/hex.ts'
import { eventually } from '../../../../support/eventually.ts'
import { type FollowedTree, followTree, sourceDisk, storesOn } from '../../../../support/followedTree.ts'
import { TreeChain } from '../../../../support/treeChain.ts'

describe('a tree of messages that contradicts itself', () => {
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
  async function follow(options: Partial<SourceOptions> = {}): Promise<FollowedTree> {
    const one = await followTree(chain, disk, options)
    followed.push(one)
    return one
  }
  /** Follows a chain that has had so many leaves, each in a block. */
  async function three(): Promise<FollowedTree> {
    for (let i = 0; i < 3; i++) chain.mine(1)
    chain.finalize()
    const one = await follow()
    await one.seen()
    assert.equal(one.tips.length, 3)
    return one
  }
  /** A leaf of a message that is there. */
  function leaf(index: number): void {
    const message = chain.message()
    chain.mineLogs([
      { of: 'mailbox', message: bytesToHex(message) },
      { of: 'hook', id: messageId(message), index },
    ])
    chain.finalize()
  }
  async function refuses(one: FollowedTree, what: RegExp): Promise<void> {
    const { length } = one.tips
    await one.seen()
    assert.match(one.source.halted() ?? '', what)
    assert.equal(one.tips.length, length, 'it handed over a tip')
    assert.equal(await one.metric('lariat_bridge_halted'), 1)
    assert.ok(one.log.entries.some(({ level, message }) => level === 'error' && what.test(message)))
  }

  for (const [what, index] of [
    ['a gap', 4],
    ['a repetition', 2],
    ['a wrong order', 0],
  ] as const) {
    it(`halts at ${what} of indices`, async () => {
      const one = await three()
      leaf(index)
      await refuses(one, new RegExp(`leaf ${index} in final block 4 .* is not the next one, 3`))
    })
  }

  it('halts when logs and storage of one final block disagree', async () => {
    const one = await three()
    const { length } = chain.leaves()
    chain.storageLie = (values) => values.map((value, i) => (i === 0 ? (`0x${'0f'.repeat(32)}` as Hex) : value))
    chain.mine(1)
    chain.mine(1)
    chain.finalize()
    await refuses(one, new RegExp(`the logs give ${length + 2} leaves`))
  })

  it('halts when storage has more than the logs', async () => {
    const one = await three()
    chain.storageLie = (values) => values.map((value, i) => (i === 32 ? (`0x${'00'.repeat(31)}04` as Hex) : value))
    chain.mine()
    chain.finalize()
    await refuses(one, /the logs give 3 leaves with root .* in final block 4 .* and storage has 4 leaves/)
  })

  it('halts when the tree shrank', async () => {
    const one = await three()
    chain.storageLie = (values) => values.map((value, i) => (i === 32 ? (`0x${'00'.repeat(31)}02` as Hex) : value))
    chain.mine()
    chain.finalize()
    await refuses(one, /the tree has 2 leaves in final block 4 .*, and had 3/)
  })

  it('halts when the final block that it knows is another', async () => {
    const one = await three()
    chain.undo(3)
    chain.mine(1)
    chain.finalize()
    await refuses(one, /final block 3 was 0x[0-9a-f]{64}, and is 0x[0-9a-f]{64}/)
  })

  it('halts when a block with leaves was replaced while it was stopped', async () => {
    const { stop } = await three()
    await stop()
    chain.undo(3)
    for (let i = 0; i < 3; i++) chain.mine(1)
    chain.finalize()
    await refuses(await follow(), /final block 3 was 0x[0-9a-f]{64} and had leaves 2, and now it has 2 /)
  })

  it('stays halted over restarts, whatever the chain says then, until the operator names that halt', async () => {
    const one = await three()
    leaf(4)
    await refuses(one, /is not the next one/)
    await one.stop()
    chain.undo(4)
    chain.mine(1)
    chain.finalize()
    for (const acknowledge of [undefined, 'deadbeef']) {
      const again = await follow(acknowledge === undefined ? {} : { acknowledge })
      await refuses(again, /is not the next one/)
      assert.deepEqual(again.tips, [])
      assert.equal(again.source.count, 0)
      await again.stop()
    }
    const name = /acknowledge: "([0-9a-f]{8})"/.exec(one.source.halted() ?? '')?.[1] ?? ''
    const resumed = await follow({ acknowledge: name.toUpperCase() })
    await eventually(() => resumed.source.count === 4, 'it is not read anew')
    assert.equal(resumed.source.halted(), undefined)
    assert.equal(resumed.tips.length, 4)
    await resumed.stop()
    // The name in the configuration is of that halt alone.
    const later = await follow({ acknowledge: name })
    await later.seen()
    assert.equal(later.source.count, 4)
    leaf(9)
    await refuses(later, /leaf 9 .* is not the next one, 4/)
    await later.stop()
    await refuses(await follow({ acknowledge: name }), /leaf 9 /)
  })

  it('concludes nothing while the chain is not to be trusted', async () => {
    const one = await three()
    chain.storageLie = (values) => {
      // As when final blocks are undone between the reads of one look.
      chain.trust = { code: 'chain.contradiction', reason: 'they differ' }
      return values.map((value, i) => (i === 2 ? (`0x${'0f'.repeat(32)}` as Hex) : value))
    }
    chain.mine(1)
    chain.finalize()
    await eventually(
      () => one.log.entries.some(({ fields }) => String(fields.reason).includes('they differ')),
      'no word',
    )
    assert.equal(one.source.halted(), undefined)
    assert.equal(one.tips.length, 3)
    chain.storageLie = undefined
    chain.trust = undefined
    await one.seen()
    assert.equal(one.source.halted(), undefined)
    assert.equal(one.tips.length, 4)
  })

  it('says what is wrong with the configuration, and keeps no mark of it', async () => {
    for (let i = 0; i < 3; i++) chain.mine(1)
    chain.finalize()
    const late = await follow({ from: 2n })
    await refuses(late, /set from to a block before the first message/)
    await late.stop()
    chain.mailboxOfHook = `0x${'cc'.repeat(20)}`
    const foreign = await follow()
    await refuses(foreign, /belongs to mailbox 0xcccc/)
    await foreign.stop()
    chain.mailboxOfHook = `0x${'a1'.repeat(20)}`
    chain.domain = 7
    const named = await follow()
    await refuses(named, /says that its domain is 7, not 1000/)
    await named.stop()
    chain.domain = 1_000
    const right = await follow()
    await right.seen()
    assert.deepEqual([right.source.halted(), right.tips.length], [undefined, 3])
  })

  it('halts when there are more leaves than it can keep, and drops none', async () => {
    for (const messages of [2, 2]) chain.mine(messages)
    chain.finalize()
    const one = await follow({ maxLeaves: 4 })
    await one.seen()
    chain.mine(1)
    chain.finalize()
    await refuses(one, /more than 4 leaves/)
    assert.equal(one.source.count, 4)
    assert.ok(one.source.messageAt(0))
    await one.stop()
    const more = await follow({ maxLeaves: 5 })
    await more.seen()
    assert.deepEqual([more.source.count, more.source.halted()], [5, undefined])
  })

  it('halts although that cannot be written down', async () => {
    const stores = storesOn(disk)
    const broken = {
      ...stores,
      marks: {
        ...{ get: stores.marks.get, delete: stores.marks.delete, list: stores.marks.list, size: 0 },
        put(key: Uint8Array, value: Uint8Array) {
          if (Buffer.from(key).toString() === 'halt') throw new Error('the disk is full')
          stores.marks.put(key, value)
        },
      },
    }
    chain.mine(1)
    chain.finalize()
    const one = await follow({ stores: broken })
    await one.seen()
    leaf(5)
    await refuses(one, /is not the next one/)
    assert.ok(one.log.entries.some(({ fields }) => fields.error === 'the disk is full'))
  })
})
