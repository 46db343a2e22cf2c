import assert from 'node:assert/strict'
import type { SourceOptions } from '../../../../../src/avs/bridge/source/source.ts'
import type { KeyValueStores } from '../../../../../src/store/keyValue.ts'
import { seededRandom } from '../../../../../src/util/random.ts'
import { eventually } from '../../../../support/eventually.ts'
import { type FollowedTree, followTree, rootOf, sourceDisk, storesOn } from '../../../../support/followedTree.ts'
import { TreeChain } from '../../../../support/treeChain.ts'

describe('what is kept of a tree of messages', () => {
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
  /** Follows until all final blocks are read, and stops. */
  async function once(options: Partial<SourceOptions> = {}): Promise<void> {
    const { seen, stop } = await follow(options)
    await seen()
    await stop()
    chain.ranges.length = 0
  }
  const same = ({ source }: FollowedTree) => {
    assert.equal(source.halted(), undefined)
    assert.equal(source.count, chain.leaves(chain.final).length)
    assert.equal(source.tip()?.root, rootOf(chain.leaves(chain.final)))
  }

  it('is taken up after a restart: what is read is not read again but for the block of the newest leaf', async () => {
    for (const messages of [1, 0, 2, 0, 0]) chain.mine(messages)
    chain.finalize()
    await once()
    for (const messages of [0, 3]) chain.mine(messages)
    chain.finalize()
    const one = await follow()
    await one.seen()
    same(one)
    assert.deepEqual(
      one.tips.map(({ index }) => index),
      [0, 2, 5],
    )
    const [newest, ...rest] = chain.ranges
    assert.deepEqual([newest, rest[1]?.from], [{ from: 3n, to: 3n }, 6n])
    assert.equal(Number(one.source.messageAt(1)?.block), 3)
  })

  it('hands nothing over before it is compared with the chain again', async () => {
    chain.mine(2)
    chain.finalize()
    await once()
    chain.failure = new Error('nobody answers')
    const { source, tips, seen, log } = await follow()
    await eventually(() => log.entries.some(({ fields }) => fields.reason === 'nobody answers'), 'no word')
    assert.deepEqual([source.count, source.tip(), source.checkpoint(0), tips], [0, undefined, undefined, []])
    chain.failure = undefined
    await seen()
    assert.equal(tips.length, 1)
  })

  it('is taken up as far as it was written whole, wherever the process ended', async () => {
    const random = seededRandom(7)
    for (let i = 0; i < 30; i++) chain.mine(Math.floor(random() * 3))
    chain.finalize(9)
    await once()
    const stores = storesOn(disk)
    for (let writes = 0; writes < 40; writes++) {
      let left = writes % 7
      const cut = (store: (typeof stores)['leaves']) => ({
        ...{ get: store.get, delete: store.delete, list: store.list, size: 0 },
        put(key: Uint8Array, value: Uint8Array) {
          if (left-- <= 0) throw new Error('the process ended')
          store.put(key, value)
        },
      })
      chain.final = 10 + Math.floor(writes / 2)
      const { source, stop } = await follow({
        stores: { ...stores, leaves: cut(stores.leaves), messages: cut(stores.messages), marks: cut(stores.marks) },
      })
      await eventually(() => left < 0 || source.count === chain.leaves(chain.final).length, 'nothing is read')
      await stop()
      const one = await follow()
      await one.seen()
      same(one)
      await one.stop()
    }
    assert.ok(
      chain.ranges.every(({ from }) => from > 1n),
      'it was thrown away',
    )
  })

  it('goes on in the same process after a write that failed', async () => {
    const stores = storesOn(disk)
    let failures = 2
    const put = (key: Uint8Array, value: Uint8Array) => {
      if (Buffer.from(key).readUInt32BE() === 3 && failures-- > 0) throw new Error('the disk is full')
      stores.leaves.put(key, value)
    }
    const { get, delete: remove, list } = stores.leaves
    for (const messages of [2, 3]) chain.mine(messages)
    chain.finalize()
    const one = await follow({ stores: { ...stores, leaves: { get, delete: remove, list, size: 0, put } } })
    await eventually(() => one.source.count === 5, 'it does not go on')
    same(one)
    assert.ok(failures < 0, 'no write failed')
  })

  for (const [what, spoil] of [
    ['a leaf that is another', (stores) => stores.leaves.put(Buffer.from('00000001', 'hex'), Buffer.alloc(80, 7))],
    ['a leaf that is missing', (stores) => stores.leaves.delete(Buffer.from('00000001', 'hex'))],
    ['a position that is missing', (stores) => stores.marks.delete(Buffer.from('position'))],
  ] as readonly (readonly [string, (stores: ReturnType<typeof storesOn>) => void])[]) {
    it(`is thrown away and read anew with ${what}`, async () => {
      for (const messages of [1, 1, 1, 2]) chain.mine(messages)
      chain.finalize()
      await once()
      spoil(storesOn(disk))
      const one = await follow()
      await one.seen()
      same(one)
      assert.ok(one.log.entries.some(({ message }) => message.includes('anew')))
    })
  }

  it('is thrown away when the section names another tree or another beginning', async () => {
    for (const messages of [0, 1, 1]) chain.mine(messages)
    chain.finalize()
    await once()
    const one = await follow({ from: 2n })
    await one.seen()
    same(one)
    assert.equal(chain.ranges[0]?.from, 2n)
  })

  it('waits for providers that are behind what it has read', async () => {
    for (const messages of [1, 1, 1]) chain.mine(messages)
    chain.finalize()
    await once()
    chain.final = 2
    const { source, seen, log } = await follow()
    await eventually(
      () => log.entries.some(({ fields }) => String(fields.reason).includes('block 3 was read')),
      'no word',
    )
    assert.equal(source.count, 0)
    chain.finalize(3)
    await seen()
    assert.deepEqual([source.count, source.halted()], [3, undefined])
  })
})
