import { LariatError } from 'lariat/avs'
import { EMPTY, join, type MessageTree, TREE_DEPTH } from '../tree.ts'

/** A tree with leaves behind its own, which may be taken back. */
export class TreeAhead {
  readonly #base: MessageTree
  /** Leaves of the base that count; those that it gets later do not. */
  readonly #baseCount: number
  /** Nodes of whole subtrees that are full and do not lie in the base alone, by level. */
  readonly #nodes: Uint8Array[][] = Array.from({ length: TREE_DEPTH + 1 }, () => [])
  #count: number

  /** @param count leaves of the base that count */
  constructor(base: MessageTree, count: number) {
    this.#base = base
    this.#baseCount = count
    this.#count = count
  }

  get count(): number {
    return this.#count
  }

  /** @param leaf 32 bytes */
  append(leaf: Uint8Array): void {
    let [at, node] = [this.#count++, leaf]
    for (const [level, nodes] of this.#nodes.entries()) {
      nodes.push(node)
      if (at % 2 === 0) return
      node = join(this.#whole(level, at - 1) as Uint8Array, node)
      at = (at - 1) / 2
    }
  }

  /** Takes the leaves from number `count` on back; none of the base. */
  truncate(count: number): void {
    this.#count = Math.min(this.#count, Math.max(count, this.#baseCount))
    for (const [level, nodes] of this.#nodes.entries()) {
      nodes.length = Math.min(nodes.length, Math.floor(this.#count / 2 ** level) - this.#inBase(level))
    }
  }

  /** The root when it had `count` leaves. @throws LariatError `bridge.tree` */
  root(count = this.#count): Uint8Array {
    this.#check(0, count + 1, count)
    return this.#node(TREE_DEPTH, 0, count)
  }

  /** The 32 siblings, from below, of a leaf in the tree of `count` leaves. @throws LariatError `bridge.tree` */
  proof(index: number, count = this.#count): Uint8Array[] {
    this.#check(index, count, count)
    return Array.from({ length: TREE_DEPTH }, (_, level) => {
      const at = Math.floor(index / 2 ** level)
      return this.#node(level, at % 2 === 0 ? at + 1 : at - 1, count)
    })
  }

  #check(index: number, below: number, count: number): void {
    const whole = Number.isInteger(index) && Number.isInteger(count)
    if (whole && index >= 0 && index < below && count <= this.#count) return
    throw new LariatError('bridge.tree', `the tree of messages: no leaf ${index} among ${count} of ${this.#count}`)
  }

  /** Full subtrees of a level that the base has. */
  #inBase(level: number): number {
    return Math.floor(this.#baseCount / 2 ** level)
  }

  #whole(level: number, at: number): Uint8Array | undefined {
    const first = this.#inBase(level)
    return at < first ? this.#base.subtree(level, at) : this.#nodes[level]?.[at - first]
  }

  #node(level: number, at: number, count: number): Uint8Array {
    const width = 2 ** level
    if ((at + 1) * width <= count) return this.#whole(level, at) as Uint8Array
    if (at * width >= count) return EMPTY[level] as Uint8Array
    return join(this.#node(level - 1, 2 * at, count), this.#node(level - 1, 2 * at + 1, count))
  }
}
