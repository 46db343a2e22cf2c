import { keccak_256 } from '@noble/hashes/sha3.js'
import { LariatError } from 'lariat/avs'

/** Levels of Hyperlane's tree above its leaves. */
export const TREE_DEPTH = 32
/** The deepest tree is never full: a count has 32 bits. */
const MAX_LEAVES = 2 ** TREE_DEPTH - 1
const HASH_BYTES = 32
/** Roots that are remembered. */
const MAX_ROOTS = 64

/** Hash of a whole subtree without leaves, by level. */
export const EMPTY: readonly Uint8Array[] = Array.from({ length: TREE_DEPTH }).reduce<Uint8Array[]>(
  (hashes) => [...hashes, join(hashes.at(-1) as Uint8Array, hashes.at(-1) as Uint8Array)],
  [new Uint8Array(HASH_BYTES)],
)

/**
 * The tree of a MerkleTreeHook: depth 32, leaves are message ids in the order of dispatch, what is not there yet is zero. It can
 * tell the root and proofs of every earlier count, as certificates are of such. 64 bytes a leaf.
 */
export class MessageTree {
  /** Nodes of whole subtrees that are full, by level. */
  readonly #full: Uint8Array[][] = [[]]
  #count = 0
  /** Roots that were asked for last, by count: they never change, and each takes 32 hashes. */
  readonly #roots = new Map<number, Uint8Array>()

  /** Number of leaves. */
  get count(): number {
    return this.#count
  }

  /** @param leaf 32 bytes @throws LariatError `bridge.tree` for another length, or when the tree is full */
  append(leaf: Uint8Array): void {
    if (leaf.length !== HASH_BYTES) throw outside(`a leaf has 32 bytes, not ${leaf.length}`)
    if (this.#count === MAX_LEAVES) throw outside('it is full')
    this.#count++
    let node: Uint8Array = Uint8Array.from(leaf)
    for (let level = 0; ; level++) {
      const nodes = this.#level(level)
      nodes.push(node)
      if (nodes.length % 2 === 1) return
      node = join(nodes.at(-2) as Uint8Array, node)
    }
  }

  /** @throws LariatError `bridge.tree` when there is no such leaf */
  leaf(index: number): Uint8Array {
    const leaf = Number.isInteger(index) ? this.#full[0]?.[index] : undefined
    if (leaf === undefined) throw outside(`there is no leaf ${index} among ${this.#count}`)
    return leaf
  }

  /** The root when the tree had `count` leaves. @throws LariatError `bridge.tree` when it never had so many */
  root(count = this.#count): Uint8Array {
    this.#check(count)
    let root = this.#roots.get(count)
    if (root === undefined) {
      root = this.#node(TREE_DEPTH, 0, count)
      this.#roots.set(count, root)
      const [oldest] = this.#roots.keys()
      if (this.#roots.size > MAX_ROOTS && oldest !== undefined) this.#roots.delete(oldest)
    }
    return root
  }

  /**
   * The 32 siblings, from below, of leaf `index` in the tree of `count` leaves.
   * @throws LariatError `bridge.tree` when there is no such leaf, or it was not there yet
   */
  proof(index: number, count = this.#count): Uint8Array[] {
    this.#check(count)
    if (!Number.isInteger(index) || index < 0 || index >= count)
      throw outside(`there is no leaf ${index} among ${count}`)
    return Array.from({ length: TREE_DEPTH }, (_, level) => {
      const at = Math.floor(index / 2 ** level)
      return this.#node(level, at % 2 === 0 ? at + 1 : at - 1, count)
    })
  }

  /** The root of a whole subtree that is full; undefined for one that is not. Subtrees of level 0 are leaves. */
  subtree(level: number, at: number): Uint8Array | undefined {
    return this.#full[level]?.[at]
  }

  #check(count: number): void {
    if (!Number.isInteger(count) || count < 0 || count > this.#count) {
      throw outside(`it never had ${count} leaves, it has ${this.#count}`)
    }
  }

  /** Node `at` of a level, as it was with `count` leaves: whole, empty, or on the one way between, which is hashed anew. */
  #node(level: number, at: number, count: number): Uint8Array {
    const width = 2 ** level
    if ((at + 1) * width <= count) return this.#full[level]?.[at] as Uint8Array
    if (at * width >= count) return EMPTY[level] as Uint8Array
    return join(this.#node(level - 1, 2 * at, count), this.#node(level - 1, 2 * at + 1, count))
  }

  #level(level: number): Uint8Array[] {
    let nodes = this.#full[level]
    if (nodes === undefined) {
      nodes = []
      this.#full.push(nodes)
    }
    return nodes
  }
}

/** The root that a leaf and its proof lead to. @throws LariatError `bridge.tree` unless there are 32 siblings of 32 bytes */
export function branchRoot(leaf: Uint8Array, index: number, proof: readonly Uint8Array[]): Uint8Array {
  if (proof.length !== TREE_DEPTH || proof.some(({ length }) => length !== HASH_BYTES)) {
    throw outside('a proof has 32 siblings of 32 bytes')
  }
  return proof.reduce(
    (node, sibling, level) => (Math.floor(index / 2 ** level) % 2 === 0 ? join(node, sibling) : join(sibling, node)),
    leaf,
  )
}

/**
 * The root of a tree of which a hook keeps only the branch: at each level the left sibling of the way to the next leaf, where it has
 * one. @param branch 32 words of 32 bytes
 */
export function rootOfBranch(branch: readonly Uint8Array[], count: number): Uint8Array {
  if (branch.length !== TREE_DEPTH) throw outside('a branch has 32 words')
  return branch.reduce(
    (node, sibling, level) =>
      Math.floor(count / 2 ** level) % 2 === 1 ? join(sibling, node) : join(node, EMPTY[level] as Uint8Array),
    EMPTY[0] as Uint8Array,
  )
}

export function join(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(2 * HASH_BYTES)
  both.set(left)
  both.set(right, HASH_BYTES)
  return keccak_256(both)
}

function outside(why: string): LariatError<'bridge.tree'> {
  return new LariatError('bridge.tree', `the tree of messages: ${why}`)
}
