import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex, type Hex, hexToBytes, numberToHex } from 'viem'
import type { Prices } from './codec.ts'

/** A multiproof in the form of OpenZeppelin's `MerkleProof.multiProofVerify`. */
export interface Multiproof {
  /** Positions in the prices that the tree was made of, in the order in which the leaves must be given. */
  readonly leaves: readonly number[]
  readonly proof: readonly Hex[]
  readonly proofFlags: readonly boolean[]
}

/** keccak256(keccak256(abi.encode(uint256 feedIndex, int256 answer))): hashed twice, so that no inner node passes for a leaf. */
export function leafOf(feedIndex: number, answer: bigint): Uint8Array {
  const encoded = new Uint8Array(64)
  encoded.set(hexToBytes(numberToHex(feedIndex, { size: 32 })))
  encoded.set(hexToBytes(numberToHex(answer, { size: 32, signed: true })), 32)
  return keccak_256(keccak_256(encoded))
}

/**
 * The Merkle tree over prices that @openzeppelin/merkle-tree calls StandardMerkleTree, with leaves (uint256, int256): a
 * complete binary tree in an array, root first, sorted leaves filled in from the end, each inner node the hash of its two
 * children in ascending order.
 */
export class PriceTree {
  readonly #nodes: Uint8Array[]
  /** Node of each price. */
  readonly #nodeOf: readonly number[]

  /** @throws RangeError for no prices */
  constructor(prices: Prices) {
    if (prices.length === 0) throw new RangeError('a tree needs at least one price')
    const leaves = prices
      .map(({ feedIndex, answer }, position) => ({ position, hash: leafOf(feedIndex, answer) }))
      .sort((a, b) => Buffer.compare(a.hash, b.hash))
    const size = 2 * leaves.length - 1
    const nodes = new Array<Uint8Array>(size)
    const nodeOf = new Array<number>(leaves.length)
    leaves.forEach(({ position, hash }, i) => {
      nodes[size - 1 - i] = hash
      nodeOf[position] = size - 1 - i
    })
    for (let i = leaves.length - 2; i >= 0; i--) nodes[i] = hashPair(at(nodes, 2 * i + 1), at(nodes, 2 * i + 2))
    this.#nodes = nodes
    this.#nodeOf = nodeOf
  }

  get root(): Hex {
    return bytesToHex(at(this.#nodes, 0))
  }

  /** Siblings from the leaf of the price at `position` up to the root. */
  proof(position: number): Hex[] {
    const proof: Hex[] = []
    for (let i = at(this.#nodeOf, position); i > 0; i = parent(i)) proof.push(bytesToHex(at(this.#nodes, sibling(i))))
    return proof
  }

  /** One proof for several prices. @throws RangeError for none, for one that is not there or is named twice */
  multiproof(positions: readonly number[]): Multiproof {
    if (positions.length === 0 || new Set(positions).size !== positions.length) {
      throw new RangeError('a multiproof needs distinct prices')
    }
    const sorted = positions
      .map((position) => ({ position, node: at(this.#nodeOf, position) }))
      .sort((a, b) => b.node - a.node)
    const queue = sorted.map(({ node }) => node)
    const proof: Hex[] = []
    const proofFlags: boolean[] = []
    for (let node = queue.shift(); node !== undefined && node > 0; node = queue.shift()) {
      const known = queue[0] === sibling(node)
      proofFlags.push(known)
      if (known) queue.shift()
      else proof.push(bytesToHex(at(this.#nodes, sibling(node))))
      queue.push(parent(node))
    }
    return { leaves: sorted.map(({ position }) => position), proof, proofFlags }
  }
}

const parent = (node: number) => (node - 1) >> 1
const sibling = (node: number) => (node % 2 === 0 ? node - 1 : node + 1)

function hashPair(a: Uint8Array, b: Uint8Array): Uint8Array {
  return keccak_256(Buffer.compare(a, b) <= 0 ? Buffer.concat([a, b]) : Buffer.concat([b, a]))
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index]
  if (item === undefined) throw new RangeError(`there is nothing at ${index} of ${list.length}`)
  return item
}
