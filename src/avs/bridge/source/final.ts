import { setImmediate } from 'node:timers/promises'
import {
  type Address,
  type BlockHead,
  bytesToHex,
  type FollowedChain,
  type Hex,
  LariatError,
  type Log,
} from 'lariat/avs'
import { encodeAbiParameters, keccak256, parseAbiParameters } from 'viem'
import type { Dispatched, Tip, TreeView } from '../ports.ts'
import type { Checkpoint } from '../statements.ts'
import { mailboxAbi, treeHookAbi } from './abi.ts'
import { LeafBook } from './book.ts'
import type { HaltCode } from './halt.ts'
import { type KeptTree, slotsOfTrees, TREE_SLOTS, treesIn } from './hookStorage.ts'
import { Pages, readLeaves } from './pages.ts'
import { MAX_LEAVES, type SourceStores } from './stores.ts'

export interface FinalTreeOptions {
  readonly chain: FollowedChain
  /** Of the chain, u32. */
  readonly domain: number
  readonly mailbox: Address
  readonly hook: Address
  /** First block that can have messages. */
  readonly from: bigint
  /** First slot of the tree in the hook's storage; found by itself where that is one of `TREE_SLOTS`. */
  readonly treeSlot?: bigint
  readonly stores: SourceStores
  /** Leaves that it may have; what the stores have room for unless given. */
  readonly maxLeaves?: number
  readonly log: Log
}

/** The chain contradicts itself, or what is known of it. */
export class Contradiction extends Error {
  readonly code: HaltCode

  constructor(code: HaltCode, message: string) {
    super(message)
    this.code = code
  }
}

/** What is configured cannot be followed. */
export class Unfollowable extends Error {}

/** Leaves that are written down before others have a turn: some 10 ms. */
const LEAVES_A_TURN = 64

const IDENTITY = parseAbiParameters('uint256 chainId, uint32 domain, address mailbox, address hook, uint256 from')

/** The leaves of final blocks, from the logs, as far as the hook's storage in one of them gives the same tree. */
export class FinalTree implements TreeView {
  readonly #options: FinalTreeOptions
  readonly #book: LeafBook
  readonly #pages: Pages
  /** Where the tree may lie; one place, once it is known. */
  #slots: readonly bigint[]
  #loaded = false
  #checked = false
  /** Whether something of the book is from disk, and was not compared with the chain's storage since. */
  #remembered = false
  /** Leaves that are compared. */
  #count = 0

  constructor(options: FinalTreeOptions) {
    const { chain, domain, mailbox, hook, from, treeSlot, stores } = options
    this.#options = options
    this.#slots = treeSlot === undefined ? TREE_SLOTS : [treeSlot]
    this.#pages = new Pages(options)
    const identity = encodeAbiParameters(IDENTITY, [BigInt(chain.chainId), domain, mailbox, hook, from])
    this.#book = new LeafBook(stores, keccak256(identity), from)
  }

  /** Leaves that logs and storage agree on. */
  get count(): number {
    return this.#count
  }

  get book(): LeafBook {
    return this.#book
  }

  /** The tree when leaf `index` was its newest; undefined unless it is among those that logs and storage agree on. */
  checkpoint(index: number): Checkpoint | undefined {
    if (!Number.isInteger(index) || index < 0 || index >= this.#count) return undefined
    const { tree } = this.#book
    return { root: bytesToHex(tree.root(index + 1)), index, messageId: bytesToHex(tree.leaf(index)) }
  }

  /** That checkpoint with the block of its leaf. */
  tipAt(index: number): Tip | undefined {
    const checkpoint = this.checkpoint(index)
    if (checkpoint === undefined) return undefined
    const { block, hash, time } = this.#book.blockOf(index)
    return { ...checkpoint, block, blockHash: hash, time: Number(time) * 1_000 }
  }

  message(id: Hex): Dispatched | undefined {
    const index = this.#book.indexOf(id)
    return index === undefined ? undefined : this.messageAt(index)
  }

  messageAt(index: number): Dispatched | undefined {
    return index < this.#count ? this.#book.message(index) : undefined
  }

  /** The 32 siblings of a leaf. @throws LariatError `bridge.tree` */
  proof(index: number, count: number): Uint8Array[] {
    if (count <= this.#count) return this.#book.tree.proof(index, count)
    throw new LariatError(
      'bridge.tree',
      `the tree of messages: it has ${this.#count} leaves that are final, not ${count}`,
    )
  }

  /** Drops what is on disk, after a halt that an operator has looked at. */
  async forget(): Promise<void> {
    await this.#book.clear()
    this.#loaded = true
  }

  /**
   * Reads on to the newest final block, and compares.
   * @param onRead takes how many final blocks are not read yet
   * @returns that block
   * @throws Contradiction; Unfollowable; LariatError `chain.…`, `bridge.behind`; the signal's reason
   */
  async look(signal: AbortSignal, onRead: (behind: bigint) => void): Promise<BlockHead> {
    // What a failure left half read is read again.
    if (!this.#loaded || !this.#book.isWhole) await this.#load()
    if (!this.#checked) await this.#checkContracts()
    const { chain, hook } = this.#options
    const slots = this.#slots
    const { block, values } = await chain.storageAt(hook, slotsOfTrees(slots))
    const { position } = this.#book
    if (block.number < position.block) {
      throw new LariatError(
        'bridge.behind',
        `block ${block.number} is the newest final one of ${chain.name}, and block ${position.block} was read before: waiting for the providers`,
      )
    }
    if (this.#remembered) await this.#compareNewestBlock()
    if (block.number === position.block && position.hash !== undefined && position.hash !== block.hash) {
      throw new Contradiction('reorged', `final block ${block.number} was ${position.hash}, and is ${block.hash}`)
    }
    const before = this.#book.tree.count
    try {
      await this.#read(block, signal, onRead)
      this.#compare(block, treesIn(slots, values), before)
    } catch (error) {
      if (!(error instanceof Contradiction) || error.code === 'shrank' || !this.#remembered) throw error
      this.#options.log.warn('what is on disk of the tree does not fit the chain: reading it anew', {
        reason: error.message,
      })
      this.#remembered = false
      this.#count = 0
      await this.#book.clear()
      return this.look(signal, onRead)
    }
    this.#remembered = false
    this.#count = this.#book.tree.count
    return block
  }

  async #load(): Promise<void> {
    const dropped = await this.#book.load()
    if (dropped) this.#options.log.warn('what was on disk is of another tree, or not whole: reading the tree anew')
    this.#loaded = true
    this.#remembered = this.#book.tree.count > 0
  }

  async #checkContracts(): Promise<void> {
    const { chain, domain, mailbox, hook } = this.#options
    const [of, localDomain] = await Promise.all([
      chain.read({ address: hook, abi: treeHookAbi, functionName: 'mailbox', args: [], block: 'finalized' }),
      chain.read({ address: mailbox, abi: mailboxAbi, functionName: 'localDomain', args: [], block: 'finalized' }),
    ])
    if (of.toLowerCase() !== mailbox.toLowerCase()) {
      throw new Unfollowable(`hook ${hook} belongs to mailbox ${of}, not to ${mailbox}: correct mailbox or hook`)
    }
    if (localDomain !== domain) {
      throw new Unfollowable(`mailbox ${mailbox} says that its domain is ${localDomain}, not ${domain}: correct domain`)
    }
    this.#checked = true
  }

  /** The block of the newest leaf on disk must still be there: it commits to all blocks before it. */
  async #compareNewestBlock(): Promise<void> {
    const newest = this.#book.blocks.at(-1)
    if (newest === undefined) return
    const { block, hash } = newest
    const found = await readLeaves(this.#options, block, block)
    const before = this.#book.newestBlock()
    const same =
      found.length === before.length &&
      found.every((leaf, i) => {
        const kept = before[i]
        return leaf.blockHash === hash && leaf.index === kept?.index && leaf.id.toLowerCase() === kept.id
      })
    if (same) return
    const now = found.map((leaf) => `${leaf.index} (${leaf.id}) in ${leaf.blockHash}`).join(', ') || 'none'
    throw new Contradiction(
      'reorged',
      `final block ${block} was ${hash} and had leaves ${before.map(({ index }) => index).join(', ')}, and now it has ${now}`,
    )
  }

  async #read(last: BlockHead, signal: AbortSignal, onRead: (behind: bigint) => void): Promise<void> {
    const book = this.#book
    while (book.position.block < last.number) {
      signal.throwIfAborted()
      onRead(last.number - book.position.block)
      const { to, leaves } = await this.#pages.read(book.position.block + 1n, last.number)
      signal.throwIfAborted()
      for (const leaf of leaves) {
        const { count } = book.tree
        if (leaf.index !== count) this.#refuse(leaf.index, leaf.block, leaf.blockHash)
        const { maxLeaves = MAX_LEAVES } = this.#options
        if (count >= maxLeaves) {
          throw new Unfollowable(`it has more than ${maxLeaves} leaves, which is all that this lariat can follow`)
        }
        book.append(leaf)
        if (count % LEAVES_A_TURN === 0) await setImmediate()
      }
      const lost = leaves.filter(({ message }) => message === undefined)
      if (lost.length > 0) {
        this.#options.log.warn(
          'leaves whose messages were dispatched in earlier blocks: they are attested to, and not delivered from here',
          { indices: lost.slice(0, 10).map(({ index }) => index), leaves: lost.length },
        )
      }
      book.commit(to, to === last.number ? last.hash : undefined)
    }
    onRead(0n)
  }

  #refuse(index: number, block: bigint, hash: Hex): never {
    const { count } = this.#book.tree
    if (count === 0) {
      throw new Unfollowable(
        `leaf ${index} in block ${block} is the first one that was found: set from to a block before the first message`,
      )
    }
    throw new Contradiction('order', `leaf ${index} in final block ${block} (${hash}) is not the next one, ${count}`)
  }

  /** @param before how many leaves were known before this look @throws Contradiction unless one of the trees in storage is ours */
  #compare({ number, hash }: BlockHead, kept: readonly KeptTree[], before: number): void {
    const { tree } = this.#book
    const root = bytesToHex(tree.root())
    const same = kept.find((one) => one.count === tree.count && one.root === root)
    if (same !== undefined) {
      // An empty tree looks the same everywhere.
      if (tree.count > 0) this.#slots = [same.slot]
      return
    }
    const where = `in final block ${number} (${hash})`
    const [only] = kept
    if (kept.length === 1 && only !== undefined && only.count < before) {
      throw new Contradiction('shrank', `the tree has ${only.count} leaves ${where}, and had ${before}`)
    }
    const found = kept.map(({ slot, count, root }) => `${count} leaves with root ${root} from slot ${slot} on`)
    throw new Contradiction(
      'disagree',
      `the logs give ${tree.count} leaves with root ${root} ${where}, and storage has ${found.join('; ') || 'no tree'}`,
    )
  }
}
