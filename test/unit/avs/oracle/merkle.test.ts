import assert from 'node:assert/strict'
import { StandardMerkleTree } from '@openzeppelin/merkle-tree'
import fc from 'fast-check'
import { MAX_ANSWER, MIN_ANSWER, type Prices } from '../../../../src/avs/oracle/codec.ts'
import { PriceTree } from '../../../../src/avs/oracle/merkle.ts'

const TYPES = ['uint256', 'int256']
const rows = (prices: Prices) => prices.map(({ feedIndex, answer }) => [String(feedIndex), String(answer)])
const reference = (prices: Prices) => StandardMerkleTree.of(rows(prices), TYPES)

const pricesOf = (size: number, seed: bigint): Prices =>
  Array.from({ length: size }, (_, i) => ({
    feedIndex: i,
    answer: (seed * 7_919n + BigInt(i) * 104_729n) % 10n ** 13n,
  }))

/** Our multiproof against OpenZeppelin's: same leaves in the same order, same proof, same flags; and theirs verifies it. */
function compare(prices: Prices, positions: readonly number[]): void {
  const theirs = reference(prices)
  const ours = new PriceTree(prices).multiproof(positions)
  const expected = theirs.getMultiProof([...positions])
  assert.deepEqual(ours.proof, expected.proof)
  assert.deepEqual(ours.proofFlags, expected.proofFlags)
  const leaves = ours.leaves.map((position) => rows(prices)[position] ?? [])
  assert.deepEqual(leaves, expected.leaves)
  assert.ok(
    StandardMerkleTree.verifyMultiProof(theirs.root, TYPES, {
      leaves,
      proof: [...ours.proof],
      proofFlags: [...ours.proofFlags],
    }),
  )
}

describe('Merkle tree of prices', () => {
  it('has the root and proofs of @openzeppelin/merkle-tree, from 1 to 200 feeds', () => {
    for (let size = 1; size <= 200; size += size < 9 ? 1 : 38) {
      const prices = pricesOf(size, BigInt(size))
      const tree = new PriceTree(prices)
      const theirs = reference(prices)
      assert.equal(tree.root, theirs.root)
      for (const position of [0, size >> 1, size - 1]) assert.deepEqual(tree.proof(position), theirs.getProof(position))
    }
  })

  it('has the same multiproof for every subset of up to 5 feeds', () => {
    for (let size = 1; size <= 5; size++) {
      const prices = pricesOf(size, 3n)
      for (let mask = 1; mask < 1 << size; mask++) {
        compare(
          prices,
          prices.map((_, i) => i).filter((i) => (mask >> i) & 1),
        )
      }
    }
  })

  it('has the same multiproof for sampled subsets of up to 200 feeds, any answers', () => {
    const sampled = fc
      .array(fc.bigInt({ min: MIN_ANSWER, max: MAX_ANSWER }), { minLength: 1, maxLength: 200 })
      .map((answers): Prices => answers.map((answer, feedIndex) => ({ feedIndex, answer })))
      .chain((prices) =>
        fc.tuple(
          fc.constant(prices),
          fc.shuffledSubarray(
            prices.map((_, i) => i),
            { minLength: 1 },
          ),
        ),
      )
    fc.assert(
      fc.property(sampled, ([prices, positions]) => compare(prices, positions)),
      { numRuns: 40 },
    )
  })

  it('refuses no prices, and proofs of nothing, of the same twice, of what is not there', () => {
    assert.throws(() => new PriceTree([]), RangeError)
    const tree = new PriceTree(pricesOf(3, 1n))
    assert.throws(() => tree.multiproof([]), RangeError)
    assert.throws(() => tree.multiproof([1, 1]), RangeError)
    assert.throws(() => tree.multiproof([3]), RangeError)
    assert.throws(() => tree.proof(-1), RangeError)
  })
})
