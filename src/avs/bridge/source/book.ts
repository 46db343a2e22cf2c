import { setImmediate } from 'node:timers/promises'
import { bigToBytes, bytesToBig, bytesToHex, equalBytes, type Hex, hexToBytes, LariatError } from 'lariat/avs'
import { messageId } from '../message.ts'
import type { Dispatched } from '../ports.ts'
import { MessageTree } from '../tree.ts'
import type { FoundLeaf } from './pages.ts'
import {
  decodeKeptMessage,
  decodeLeaf,
  encodeKeptMessage,
  encodeLeaf,
  indexKey,
  type KeptLeaf,
  MAX_MESSAGES,
  pagesOf,
  type SourceStores,
} from './stores.ts'

/** Blocks with leaves that are handed over after a long gap, the newest ones. */
export const NEWEST_BLOCKS = 16

/** A block that added leaves. */
export interface LeafBlock {
  /** Of its last leaf. */
  readonly index: number
  readonly block: bigint
  readonly hash: Hex
  /** Of the block, Unix seconds. */
  readonly time: bigint
}

/** How far the chain is read. */
export interface Position {
  /** The last block that is read; -1 before the first one. */
  readonly block: bigint
  /** Undefined where it was not the newest final one. */
  readonly hash: Hex | undefined
  /** Leaves of the blocks up to it. */
  readonly count: number
}

const POSITION = Buffer.from('position')
const IDENTITY = Buffer.from('identity')
/** Bytes of a position: block 8, count 4, hash 32 (zeros: not known). */
const POSITION_BYTES = 44
const NO_HASH: Hex = `0x${'00'.repeat(32)}`

/** What of the leaves lies in memory. */
class Memory {
  readonly tree = new MessageTree()
  /** The newest blocks with leaves, oldest first. */
  readonly blocks: LeafBlock[] = []
  /** Indices of the newest messages, by id. */
  readonly byId = new Map<Hex, number>()

  id(index: number): Hex {
    return bytesToHex(this.tree.leaf(index))
  }

  enter({ id, block, blockHash: hash, time }: KeptLeaf): void {
    const index = this.tree.count
    this.tree.append(id)
    if (this.blocks.at(-1)?.hash === hash) this.blocks.pop()
    this.blocks.push({ index, block, hash, time })
    // One more than are handed over, so that the first leaf of the oldest of these is known.
    if (this.blocks.length > NEWEST_BLOCKS + 1) this.blocks.shift()
    const name = bytesToHex(id)
    if (!this.byId.has(name)) this.byId.set(name, index)
    const old = index - MAX_MESSAGES
    if (old < 0) return
    const gone = this.id(old)
    if (this.byId.get(gone) === old) this.byId.delete(gone)
  }
}

/** The leaves of final blocks and their messages, on disk, and as a tree in memory. */
export class LeafBook {
  readonly #stores: SourceStores
  readonly #identity: Uint8Array
  readonly #from: bigint
  #memory = new Memory()
  #position: Position

  /** @param identity 32 bytes that name the tree: what is kept of another one is dropped @param from the first block to be read */
  constructor(stores: SourceStores, identity: Hex, from: bigint) {
    this.#stores = stores
    this.#identity = hexToBytes(identity)
    this.#from = from
    this.#position = this.#beginning
  }

  get tree(): MessageTree {
    return this.#memory.tree
  }

  get position(): Position {
    return this.#position
  }

  /** Whether all leaves in the tree are of blocks up to the position. */
  get isWhole(): boolean {
    return this.#memory.tree.count === this.#position.count
  }

  /** The newest blocks with leaves, oldest first. */
  get blocks(): readonly LeafBlock[] {
    return this.#memory.blocks
  }

  /**
   * Takes up what is on disk, as far as it was written down whole.
   * @returns whether there was something that had to be dropped
   */
  async load(): Promise<boolean> {
    const { marks, leaves } = this.#stores
    const identity = marks.get(IDENTITY)
    const position = decodePosition(marks.get(POSITION))
    if (identity === undefined || !equalBytes(identity, this.#identity) || position === undefined) {
      await this.clear()
      return identity !== undefined
    }
    const memory = new Memory()
    for (const page of pagesOf(leaves)) {
      for (const { key, value } of page) {
        const index = Number(bytesToBig(key))
        // beyond what the position says: the process ended while it wrote
        if (index >= position.count) leaves.delete(key)
        else if (index === memory.tree.count) memory.enter(decodeLeaf(value))
      }
      await setImmediate()
    }
    if (memory.tree.count !== position.count) {
      await this.clear()
      return true
    }
    this.#memory = memory
    this.#position = position
    return false
  }

  /** Drops all, on disk too. */
  async clear(): Promise<void> {
    const { marks, leaves, messages } = this.#stores
    // First of all: what is half deleted has no position.
    marks.delete(POSITION)
    this.#memory = new Memory()
    this.#position = this.#beginning
    for (const store of [leaves, messages]) {
      for (const page of pagesOf(store)) {
        for (const { key } of page) store.delete(key)
        await setImmediate()
      }
    }
    marks.put(IDENTITY, this.#identity)
  }

  /** Its block must be committed after it. */
  append(leaf: FoundLeaf): void {
    const { count } = this.tree
    const kept = { ...leaf, id: hexToBytes(leaf.id) }
    const message = leaf.message && encodeKeptMessage({ ...leaf, ...leaf.message })
    if (message !== undefined) this.#stores.messages.put(indexKey(count), message)
    this.#stores.leaves.put(indexKey(count), encodeLeaf(kept))
    this.#memory.enter(kept)
  }

  /** All blocks up to this one are read. @param hash of it, where that is known */
  commit(block: bigint, hash: Hex | undefined): void {
    const position = { block, hash, count: this.tree.count }
    this.#stores.marks.put(POSITION, encodePosition(position))
    this.#position = position
  }

  /** The leaves in the block of the newest one, as they are kept. */
  newestBlock(): readonly { readonly index: number; readonly id: Hex }[] {
    const { blocks } = this.#memory
    const newest = blocks.at(-1)
    if (newest === undefined) return []
    const first = (blocks.at(-2)?.index ?? -1) + 1
    return Array.from({ length: newest.index - first + 1 }, (_, i) => ({
      index: first + i,
      id: this.#memory.id(first + i),
    }))
  }

  /** The block of a leaf. @throws LariatError `bridge.tree` when there is no such leaf */
  blockOf(index: number): Omit<LeafBlock, 'index'> {
    const value = this.#stores.leaves.get(indexKey(index))
    if (value === undefined) throw new LariatError('bridge.tree', `leaf ${index} is not on disk`)
    const { block, blockHash: hash, time } = decodeLeaf(value)
    return { block, hash, time }
  }

  /** Its first leaf, where a message has several; undefined where it is not among the newest. */
  indexOf(id: Hex): number | undefined {
    return this.#memory.byId.get(id.toLowerCase() as Hex)
  }

  message(index: number): Dispatched | undefined {
    if (!Number.isInteger(index) || index < 0 || index >= this.tree.count) return undefined
    const value = this.#stores.messages.get(indexKey(index))
    if (value === undefined) return undefined
    const { encoded, block, time, transaction } = decodeKeptMessage(value)
    const id = this.#memory.id(index)
    // Left by a tree that was dropped meanwhile.
    if (messageId(hexToBytes(encoded)) !== id) return undefined
    return { id, index, encoded, block, time: Number(time) * 1_000, transaction }
  }

  get #beginning(): Position {
    return { block: this.#from - 1n, hash: undefined, count: 0 }
  }
}

function encodePosition({ block, hash = NO_HASH, count }: Position): Uint8Array {
  return Buffer.concat([bigToBytes(block, 8), bigToBytes(BigInt(count), 4), hexToBytes(hash)])
}

function decodePosition(value: Uint8Array | undefined): Position | undefined {
  if (value?.length !== POSITION_BYTES) return undefined
  const hash = bytesToHex(value.subarray(12))
  return {
    block: bytesToBig(value.subarray(0, 8)),
    count: Number(bytesToBig(value.subarray(8, 12))),
    hash: hash === NO_HASH ? undefined : hash,
  }
}
