import assert from 'node:assert/strict'
import { sha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { stringToBytes } from 'viem'
import { TreeAhead } from '../../../../../src/avs/bridge/source/ahead.ts'
import { MessageTree } from '../../../../../src/avs/bridge/tree.ts'

const leafOf = (n: number) => sha256(stringToBytes(String(n)))
function treeOf(leaves: readonly number[]): MessageTree {
  const tree = new MessageTree()
  for (const leaf of leaves) tree.append(leafOf(leaf))
  return tree
}

describe('a tree with leaves behind its own', () => {
  it('is what the tree would be, through what is appended and taken back', () => {
    const step = fc.oneof(
      fc.record({ append: fc.integer({ min: 0, max: 1_000 }) }),
      fc.record({ truncate: fc.integer({ min: 0, max: 40 }) }),
    )
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), fc.array(step, { maxLength: 40 }), (count, later, steps) => {
        const own = Array.from({ length: count }, (_, i) => i)
        const base = treeOf(own)
        const tree = new TreeAhead(base, count)
        // What the base gets later does not count.
        for (let i = 0; i < later; i++) base.append(leafOf(2_000 + i))
        let leaves = own
        for (const one of steps) {
          if ('append' in one) {
            tree.append(leafOf(one.append))
            leaves = [...leaves, one.append]
          } else {
            tree.truncate(one.truncate)
            leaves = leaves.slice(0, Math.max(count, one.truncate))
          }
          const expected = treeOf(leaves)
          assert.equal(tree.count, leaves.length)
          assert.deepEqual(tree.root(), expected.root())
          for (const size of [0, Math.floor(leaves.length / 2)]) assert.deepEqual(tree.root(size), expected.root(size))
          for (const index of leaves.keys()) assert.deepEqual(tree.proof(index), expected.proof(index))
        }
      }),
      { numRuns: 50 },
    )
  })

  it('refuses what it has not', () => {
    const tree = new TreeAhead(treeOf([1, 2]), 1)
    tree.append(leafOf(3))
    const refused = { code: 'bridge.tree' }
    for (const count of [-1, 3, 0.5]) assert.throws(() => tree.root(count), refused)
    for (const index of [-1, 2, 0.5]) assert.throws(() => tree.proof(index), refused)
    assert.throws(() => tree.proof(1, 1), refused)
  })
})
