import {
  type BlockHead,
  bytesToHex,
  type ChainLog,
  describe,
  equalBytes,
  type FollowedChain,
  type Hex,
  hexToBytes,
  type Log,
} from 'lariat/avs'
import type { Dispatched, Tip, TreeView } from '../ports.ts'
import type { Checkpoint } from '../statements.ts'
import { rootOfBranch } from '../tree.ts'
import { mailboxAbi, treeHookAbi } from './abi.ts'
import { TreeAhead } from './ahead.ts'
import { NEWEST_BLOCKS } from './book.ts'
import type { FinalTree } from './final.ts'
import { type FoundLeaf, type FoundMessage, type LogSource, leafOf, messageOf } from './pages.ts'
import { MAX_MESSAGE_BYTES } from './stores.ts'
import { Worker } from './worker.ts'

export interface FastTreeOptions extends LogSource {
  readonly chain: FollowedChain
  /** Blocks that must lie upon a block before it is a tip. */
  readonly fast: number
  readonly final: FinalTree
  readonly log: Log
}

/** Leaves behind the final ones, at most: they are hashed anew when more become final. Beyond, there are no fast tips until these are. */
const MAX_AHEAD = 8_192
/** Bytes of messages behind the final ones that are kept. */
const MAX_BYTES = 67_108_864
/** Looks in which logs and storage may differ by leaves that one of them does not have yet. */
const PATIENCE = 3

/**
 * The leaves of the newest blocks, on one provider's word: what its logs say, as far as its storage says the same. When these differ,
 * the chain undid blocks or the logs of some were missed, and all of it is read anew.
 */
export class FastTree {
  readonly #options: FastTreeOptions
  readonly #onTip: (tip: Tip) => boolean
  readonly #worker = new Worker(() => this.#work())
  #endHeads: (() => void) | undefined
  #ends: (() => void)[] = []
  #head: BlockHead | undefined
  /** The block up to which all is final, and leaves up to it. */
  #base = { count: 0, block: -1n }
  #tree: TreeAhead | undefined
  /** Those of the tree behind the final ones. */
  #leaves: FoundLeaf[] = []
  /** Changes with the leaves. */
  #version = 0
  #messages = new Map<Hex, FoundMessage & { readonly block: bigint }>()
  #bytes = 0
  /** Leaves of the tree that logs and storage agreed on last. */
  #agreed = 0
  #differing = 0
  /** Hashes of blocks that were handed over. */
  #told = new Set<Hex>()

  /** @param onTip takes each block that added leaves when enough blocks lie upon it; false leaves it for later */
  constructor(options: FastTreeOptions, onTip: (tip: Tip) => boolean) {
    this.#options = options
    this.#onTip = onTip
  }

  /** All up to this block is final, and read. Begins with the first call. */
  rebase(block: bigint): void {
    const { final, chain } = this.#options
    const { count } = final
    this.#base = { count, block }
    this.#endHeads ??= chain.heads('latest', (head) => {
      this.#head = head
      this.#worker.kick()
    })
    const gone = this.#leaves.filter(({ index }) => index < count)
    const rest = this.#leaves.slice(gone.length)
    const isRight = gone.every(({ index, id }) => id === bytesToHex(final.book.tree.leaf(index)))
    const [first] = rest
    const goesOn = first === undefined || (first.index === count && first.block > block)
    if (this.#tree === undefined || !isRight || !goesOn) {
      this.#restart()
      return
    }
    this.#replant(rest)
    this.#agreed = Math.max(this.#agreed, count)
    for (const [id, message] of this.#messages) if (message.block <= block) this.#forget(id, message)
  }

  /** Good until the next turn of the event loop; undefined while logs and storage do not agree. */
  view(): TreeView | undefined {
    const tree = this.#tree
    const { count: base } = this.#base
    const count = this.#agreed
    if (tree === undefined || count < base) return undefined
    const { final } = this.#options
    const leaves = this.#leaves.slice(0, count - base)
    const messageAt = (index: number): Dispatched | undefined => {
      const leaf = leaves[index - base]
      return leaf === undefined ? final.messageAt(index) : this.#dispatched(leaf)
    }
    return {
      count,
      checkpoint(index) {
        const leaf = leaves[index - base]
        return leaf === undefined ? final.checkpoint(index) : checkpointOf(tree, leaf)
      },
      messageAt,
      message(id) {
        const index = leaves.find((leaf) => leaf.id === id)?.index
        return final.message(id) ?? (index === undefined ? undefined : messageAt(index))
      },
      proof: (index, size) => tree.proof(index, size),
    }
  }

  async stop(): Promise<void> {
    this.#endHeads?.()
    this.#unwatch()
    await this.#worker.stop()
  }

  #dispatched({ id, index, block, time }: FoundLeaf): Dispatched | undefined {
    const message = this.#messages.get(id)
    if (message === undefined) return undefined
    const { encoded, transaction } = message
    return { id, index, encoded, block, time: Number(time) * 1_000, transaction }
  }

  /** Reads all blocks that are not final, from what a provider says of them now. */
  #restart(): void {
    const { chain, hook, mailbox } = this.#options
    this.#unwatch()
    this.#replant([])
    this.#messages = new Map()
    this.#bytes = 0
    this.#agreed = 0
    const watched = { finality: 'latest', from: this.#base.block + 1n } as const
    let ended = false
    this.#ends = [
      () => {
        ended = true
      },
      chain.watch({ ...watched, address: mailbox, abi: mailboxAbi, eventName: 'Dispatch' }, async (log) => {
        if (!ended) this.#heard(log)
      }),
      chain.watch({ ...watched, address: hook, abi: treeHookAbi, eventName: 'InsertedIntoTree' }, async (log) => {
        if (!ended) this.#grow(leafOf(log, new Map()))
      }),
    ]
    this.#worker.kick()
  }

  #unwatch(): void {
    for (const end of this.#ends.splice(0)) end()
  }

  /** A tree of what is final and these leaves. */
  #replant(leaves: readonly FoundLeaf[]): void {
    const tree = new TreeAhead(this.#options.final.book.tree, this.#base.count)
    for (const { id } of leaves) tree.append(hexToBytes(id))
    this.#tree = tree
    this.#leaves = [...leaves]
    this.#changed()
    const here = new Set(leaves.map(({ blockHash }) => blockHash))
    for (const hash of this.#told) if (!here.has(hash)) this.#told.delete(hash)
  }

  #changed(): void {
    this.#version++
    this.#differing = 0
  }

  #heard(log: ChainLog): void {
    const [id, message] = messageOf(log)
    const size = message.encoded.length / 2
    if (size > MAX_MESSAGE_BYTES || this.#bytes + size > MAX_BYTES || this.#messages.has(id)) return
    this.#bytes += size
    this.#messages.set(id, { ...message, block: log.blockNumber })
  }

  #forget(id: Hex, { encoded }: FoundMessage): void {
    this.#messages.delete(id)
    this.#bytes -= encoded.length / 2
  }

  /** A leaf as a block says. Where there is one of its index, that one and what came behind it were undone. */
  #grow(leaf: FoundLeaf): void {
    const { count, block } = this.#base
    const at = leaf.index - count
    // Of a block that became final meanwhile, or behind a gap: that something is missing shows when storage is asked.
    if (leaf.block <= block || at < 0 || at > this.#leaves.length || at >= MAX_AHEAD) return
    this.#tree?.truncate(leaf.index)
    this.#tree?.append(hexToBytes(leaf.id))
    this.#leaves.length = at
    this.#leaves.push(leaf)
    this.#agreed = Math.min(this.#agreed, leaf.index)
    this.#changed()
    this.#worker.kick()
  }

  async #work(): Promise<void> {
    try {
      await this.#check()
    } catch (error) {
      this.#options.log.debug('the newest blocks could not be looked at; trying on with the next head', {
        error: describe(error),
      })
    }
  }

  async #check(): Promise<void> {
    const { chain, hook, fast } = this.#options
    const [head, tree, version] = [this.#head, this.#tree, this.#version]
    if (head === undefined || tree === undefined || this.#leaves.length >= MAX_AHEAD) return
    const call = { address: hook, abi: treeHookAbi, functionName: 'tree', args: [] } as const
    const stored = await chain.read({ ...call, block: 'latest' })
    if (version !== this.#version) {
      this.#worker.kick()
      return
    }
    const count = Number(stored.count)
    // a provider that is behind
    if (count < this.#base.count) return
    // What one of them has beyond the other may be on its way.
    if (count !== tree.count && this.#differing++ >= PATIENCE) this.#restart()
    else if (count <= tree.count) {
      const root = rootOfBranch(stored.branch.map(hexToBytes), count)
      if (!equalBytes(root, tree.root(count))) this.#restart()
      else {
        if (count === tree.count) this.#differing = 0
        this.#agreed = count
        this.#tell(tree, head.number - BigInt(fast))
      }
    }
  }

  /** Hands over blocks up to this one, the newest ones. */
  #tell(tree: TreeAhead, upTo: bigint): void {
    const agreed = this.#leaves.slice(0, this.#agreed - this.#base.count)
    const tips = agreed.filter(({ block, blockHash }, i) => {
      // The last of its block, all of which is agreed on.
      return block <= upTo && this.#leaves[i + 1]?.blockHash !== blockHash
    })
    for (const leaf of tips.slice(-NEWEST_BLOCKS)) {
      const { block, blockHash, time } = leaf
      if (this.#told.has(blockHash)) continue
      const tip = { ...checkpointOf(tree, leaf), block, blockHash, time: Number(time) * 1_000 }
      if (this.#onTip(tip)) this.#told.add(blockHash)
    }
  }
}

function checkpointOf(tree: TreeAhead, { index, id }: FoundLeaf): Checkpoint {
  return { root: bytesToHex(tree.root(index + 1)), index, messageId: id }
}
