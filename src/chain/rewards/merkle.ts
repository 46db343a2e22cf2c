import { setImmediate } from 'node:timers/promises'
import { keccak_256 } from '@noble/hashes/sha3.js'

/** Bytes of a node. */
const NODE = 32

/** A Merkle tree as EigenLayer's rewards have them: keccak256(left ‖ right), unsorted, padded with zeros to a power of two. */
export interface MerkleTree {
  /** 32 bytes. */
  readonly root: Uint8Array
  /** Siblings of leaf `index` from the leaf up, 32 bytes each, joined: empty for a tree of one leaf. */
  proof(index: number): Uint8Array
}

/** Nodes hashed before other work of the process gets its turn: a few milliseconds. */
const NODES_A_TURN = 256

/**
 * The tree over `leaves` (32 bytes each, at least one). The nodes are those of wealdtech's go-merkletree, which EigenLayer's
 * distributions are built with: what is missing to a power of two is zero. Lets other work run in between.
 */
export async function merkleTree(leaves: readonly Uint8Array[]): Promise<MerkleTree> {
  const width = 2 ** Math.ceil(Math.log2(leaves.length))
  // node i has the children 2i and 2i + 1; 1 is the root, the leaves begin at `width`
  const nodes = new Uint8Array(2 * width * NODE)
  const at = (i: number) => nodes.subarray(i * NODE, (i + 1) * NODE)
  for (const [i, leaf] of leaves.entries()) at(width + i).set(leaf)
  for (let i = width - 1; i > 0; i--) {
    at(i).set(keccak_256(nodes.subarray(2 * i * NODE, (2 * i + 2) * NODE)))
    if (i % NODES_A_TURN === 0) await setImmediate()
  }
  return {
    root: at(1),
    proof(index) {
      const siblings: Uint8Array[] = []
      for (let i = width + index; i > 1; i >>= 1) siblings.push(at(i ^ 1))
      return Buffer.concat(siblings)
    },
  }
}
