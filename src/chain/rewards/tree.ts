import { setImmediate } from 'node:timers/promises'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { type Address, bigToBytes, bytesToHex, type Hex, hexToBytes } from '../../util/hex.ts'
import { type Distribution, PAIRS_A_TURN, type TokenEarnings } from './distribution.ts'
import { type MerkleTree, merkleTree } from './merkle.ts'

/** First byte of a leaf, so that a leaf of one tree is none of the other. */
const EARNER_SALT = Uint8Array.of(0)
const TOKEN_SALT = Uint8Array.of(1)

/** `RewardsMerkleClaim` of IRewardsCoordinator. */
export interface RewardsClaim {
  readonly rootIndex: number
  readonly earnerIndex: number
  readonly earnerTreeProof: Hex
  readonly earnerLeaf: { readonly earner: Address; readonly earnerTokenRoot: Hex }
  readonly tokenIndices: readonly number[]
  readonly tokenTreeProofs: readonly Hex[]
  readonly tokenLeaves: readonly { readonly token: Address; readonly cumulativeEarnings: bigint }[]
}

/** A distribution as two levels of Merkle trees. */
export interface RewardsTree {
  readonly root: Hex
  readonly earners: number
  /** What the earner has earned of each token in all, ascending by token; empty if it is not in the distribution. */
  earnings(earner: Address): readonly TokenEarnings[]
  /**
   * The claim that proves the earner's earnings of `tokens`, all of which must be in the distribution.
   * @throws RangeError for one that is not
   */
  claim(rootIndex: number, earner: Address, tokens: readonly Address[]): Promise<RewardsClaim>
}

/** keccak256(0x01 ‖ token ‖ cumulative earnings), packed. */
export function tokenLeaf({ token, cumulative }: TokenEarnings): Uint8Array {
  return keccak_256(concatBytes(TOKEN_SALT, hexToBytes(token), bigToBytes(cumulative, 32)))
}

/** keccak256(0x00 ‖ earner ‖ root of its token tree), packed. */
export function earnerLeaf(earner: Address, tokenRoot: Uint8Array): Uint8Array {
  return keccak_256(concatBytes(EARNER_SALT, hexToBytes(earner), tokenRoot))
}

/** Builds the trees of a distribution. Lets other work of the process run in between. */
export async function rewardsTree(distribution: Distribution): Promise<RewardsTree> {
  const places = new Map(distribution.map(({ earner }, index) => [earner, index]))
  const leaves: Uint8Array[] = []
  let hashed = 0
  for (const { earner, tokens } of distribution) {
    leaves.push(earnerLeaf(earner, (await tokenTree(tokens)).root))
    hashed += tokens.length
    if (hashed >= PAIRS_A_TURN) {
      hashed = 0
      await setImmediate()
    }
  }
  const tree = await merkleTree(leaves)
  const find = (earner: Address) => {
    const index = places.get(lower(earner))
    const entry = index === undefined ? undefined : distribution[index]
    return index === undefined || entry === undefined ? undefined : { index, ...entry }
  }

  return {
    root: bytesToHex(tree.root),
    earners: distribution.length,
    earnings: (earner) => find(earner)?.tokens ?? [],
    async claim(rootIndex, earner, tokens) {
      const entry = find(earner)
      if (entry === undefined) throw new RangeError(`${earner} is not in the distribution`)
      const subtree = await tokenTree(entry.tokens)
      const tokenIndices = tokens.map((token) => {
        const index = entry.tokens.findIndex((earned) => earned.token === lower(token))
        if (index < 0) throw new RangeError(`${earner} has no earnings of ${token} in the distribution`)
        return index
      })
      return {
        rootIndex,
        earnerIndex: entry.index,
        earnerTreeProof: bytesToHex(tree.proof(entry.index)),
        earnerLeaf: { earner: entry.earner, earnerTokenRoot: bytesToHex(subtree.root) },
        tokenIndices,
        tokenTreeProofs: tokenIndices.map((index) => bytesToHex(subtree.proof(index))),
        tokenLeaves: tokenIndices.flatMap((index) => {
          const leaf = entry.tokens[index]
          return leaf === undefined ? [] : [{ token: leaf.token, cumulativeEarnings: leaf.cumulative }]
        }),
      }
    },
  }
}

function tokenTree(tokens: readonly TokenEarnings[]): Promise<MerkleTree> {
  return merkleTree(tokens.map(tokenLeaf))
}

function lower(address: Address): Address {
  return address.toLowerCase() as Address
}
