import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { hashMessage } from 'viem'
import { branchRoot, MessageTree, TREE_DEPTH } from '../../../../src/avs/bridge/tree.ts'
import { bytesToHex, type Hex, hexToBytes } from '../../../../src/util/hex.ts'

interface Vectors {
  readonly zeroHashes: readonly Hex[]
  readonly trees: readonly {
    readonly words: readonly string[]
    readonly root: Hex
    readonly proofs: readonly { readonly leaf: Hex; readonly index: number; readonly path: readonly Hex[] }[]
  }[]
}
const vectors: Vectors = JSON.parse(readFileSync(new URL('../../../vectors/hyperlane.json', import.meta.url), 'utf8'))

const leafOf = (word: string) => hexToBytes(hashMessage(word))
const treeOf = (leaves: readonly Uint8Array[]) => {
  const tree = new MessageTree()
  for (const leaf of leaves) tree.append(leaf)
  return tree
}
const hexes = (hashes: readonly Uint8Array[]) => hashes.map(bytesToHex)

describe('tree of messages', () => {
  for (const { words, root, proofs } of vectors.trees) {
    it(`has the root and proofs that Hyperlane publishes for ${words.length} leaves`, () => {
      const tree = treeOf(words.map(leafOf))
      assert.equal(bytesToHex(tree.root()), root)
      for (const { leaf, index, path } of proofs) {
        assert.equal(bytesToHex(tree.leaf(index)), leaf)
        assert.deepEqual(hexes(tree.proof(index)), path)
        assert.equal(bytesToHex(branchRoot(hexToBytes(leaf), index, path.map(hexToBytes))), root)
      }
    })
  }

  it('has Hyperlane’s hashes of empty subtrees', () => {
    assert.deepEqual(hexes(treeOf([leafOf('one')]).proof(0)), vectors.zeroHashes)
  })

  it('tells root and proofs of every earlier count, which lead to each other and to no other leaf', () => {
    const words = vectors.trees.at(-1)?.words ?? []
    const whole = treeOf(words.map(leafOf))
    fc.assert(
      fc.property(fc.integer({ min: 1, max: words.length }), fc.nat(), fc.nat(), (count, a, b) => {
        const then = treeOf(words.slice(0, count).map(leafOf))
        const [index, other] = [a % count, b % count]
        assert.deepEqual(whole.root(count), then.root())
        assert.deepEqual(hexes(whole.proof(index, count)), hexes(then.proof(index)))
        assert.deepEqual(branchRoot(whole.leaf(index), index, whole.proof(index, count)), then.root())
        if (other !== index) {
          assert.notDeepEqual(branchRoot(whole.leaf(other), index, whole.proof(index, count)), then.root())
          assert.notDeepEqual(branchRoot(whole.leaf(index), other, whole.proof(index, count)), then.root())
        }
      }),
    )
  })

  it('keeps what it was given when the giver changes it', () => {
    const leaf = leafOf('one')
    const tree = treeOf([leaf])
    const root = bytesToHex(tree.root())
    leaf.fill(7)
    assert.equal(bytesToHex(tree.root()), root)
  })

  it('refuses what it has not, and what is no leaf or proof', () => {
    const tree = treeOf([leafOf('one'), leafOf('two')])
    const refused = { code: 'bridge.tree' }
    assert.throws(() => tree.append(new Uint8Array(31)), refused)
    for (const index of [-1, 2, 0.5]) {
      assert.throws(() => tree.leaf(index), refused)
      assert.throws(() => tree.proof(index), refused)
    }
    assert.throws(() => tree.proof(1, 1), refused)
    for (const count of [-1, 3, 1.5]) assert.throws(() => tree.root(count), refused)
    const proof = tree.proof(0)
    assert.throws(() => branchRoot(tree.leaf(0), 0, proof.slice(1)), refused)
    assert.throws(() => branchRoot(tree.leaf(0), 0, [...proof.slice(1), new Uint8Array(33)]), refused)
    assert.equal(proof.length, TREE_DEPTH)
  })
})
