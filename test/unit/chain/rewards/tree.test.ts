import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { concat, encodePacked, keccak256 } from 'viem'
import { type DistributionLine, parseDistribution } from '../../../../src/chain/rewards/distribution.ts'
import { merkleTree } from '../../../../src/chain/rewards/merkle.ts'
import { type RewardsClaim, rewardsTree } from '../../../../src/chain/rewards/tree.ts'
import { type Address, bytesToHex, type Hex } from '../../../../src/util/hex.ts'

const vector = JSON.parse(readFileSync(new URL('../../../vectors/rewards-tree.json', import.meta.url), 'utf8')) as {
  distribution: DistributionLine[]
  root: Hex
  claims: (RewardsClaim & { rootIndex: number })[]
}

const tree = async (lines: readonly DistributionLine[]) =>
  rewardsTree(await parseDistribution(JSON.stringify(lines), 'test'))
const address = (n: number) => `0x${n.toString(16).padStart(40, '0')}` as const

/** Root that a proof leads to, as the RewardsCoordinator computes it. */
function climb(leaf: Hex, index: number, proof: Hex): Hex {
  const siblings = (proof.slice(2).match(/.{64}/g) ?? []).map((sibling): Hex => `0x${sibling}`)
  return siblings.reduce(
    (node, sibling, level) => keccak256(concat((index >> level) % 2 === 0 ? [node, sibling] : [sibling, node])),
    leaf,
  )
}

/** What the claim proves, by viem's encoding instead of ours. */
function rootOf(claim: RewardsClaim): Hex {
  for (const [i, { token, cumulativeEarnings }] of claim.tokenLeaves.entries()) {
    const leaf = keccak256(encodePacked(['uint8', 'address', 'uint256'], [1, token, cumulativeEarnings]))
    const root = climb(leaf, claim.tokenIndices[i] ?? -1, claim.tokenTreeProofs[i] ?? '0x')
    assert.equal(root, claim.earnerLeaf.earnerTokenRoot)
  }
  const { earner, earnerTokenRoot } = claim.earnerLeaf
  const leaf = keccak256(encodePacked(['uint8', 'address', 'bytes32'], [0, earner, earnerTokenRoot]))
  return climb(leaf, claim.earnerIndex, claim.earnerTreeProof)
}

describe('trees of rewards', () => {
  it('are those of the vector, which the contract takes', async () => {
    const made = await tree(vector.distribution)
    assert.equal(made.root, vector.root)
    assert.equal(made.earners, vector.claims.length)
    for (const expected of vector.claims) {
      const { earner } = expected.earnerLeaf
      const tokens = expected.tokenLeaves.map(({ token }) => token)
      const claim = await made.claim(expected.rootIndex, earner, tokens)
      const lower = JSON.parse(
        JSON.stringify(claim, (_, value) => (typeof value === 'bigint' ? `${value}` : value)).toLowerCase(),
      )
      assert.deepEqual(lower, JSON.parse(JSON.stringify(expected).toLowerCase()))
    }
  })

  it('of one earner and one token are a leaf', async () => {
    const made = await tree([{ earner: address(1), token: address(2), cumulative_amount: '3' }])
    const claim = await made.claim(0, address(1), [address(2)])
    assert.equal(claim.earnerTreeProof, '0x')
    assert.deepEqual(claim.tokenTreeProofs, ['0x'])
    assert.equal(rootOf(claim), made.root)
  })

  it('prove every leaf of every shape', async () => {
    const shape = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(shape, async (counts) => {
        const lines = counts.flatMap((count, i) =>
          Array.from({ length: count }, (_, j) => ({
            earner: address(1_000 - i),
            token: address(100 + j),
            cumulative_amount: `${i * 7 + j}`,
          })),
        )
        const made = await tree(lines)
        for (const { earner } of lines) {
          const tokens = made.earnings(earner).map(({ token }) => token)
          assert.equal(rootOf(await made.claim(0, earner, tokens)), made.root)
          assert.equal(rootOf(await made.claim(0, earner, tokens.slice(-1))), made.root)
        }
      }),
      { numRuns: 20 },
    )
  })

  it('are padded with zeros to a power of two', async () => {
    const leaf = (n: number) => new Uint8Array(32).fill(n)
    const pair = (a: Uint8Array, b: Uint8Array) => keccak256(concat([bytesToHex(a), bytesToHex(b)]))
    const { root } = await merkleTree([leaf(1), leaf(2), leaf(3)])
    assert.equal(bytesToHex(root), keccak256(concat([pair(leaf(1), leaf(2)), pair(leaf(3), leaf(0))])))
  })

  it('find an earner however its address is written, and know none that is not in them', async () => {
    const earner: Address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
    const made = await tree([{ earner: earner.toLowerCase(), token: address(2), cumulative_amount: '3' }])
    assert.deepEqual(made.earnings(earner), [{ token: address(2), cumulative: 3n }])
    assert.deepEqual(made.earnings(address(1)), [])
    await assert.rejects(made.claim(0, address(1), [address(2)]), RangeError)
    await assert.rejects(made.claim(0, earner, [address(3)]), RangeError)
  })
})
