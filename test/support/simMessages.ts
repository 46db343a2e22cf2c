import { keccak256 } from 'viem'
import type { ChainLog, FollowedChain } from '../../src/avs/api.ts'
import { encodeMessage, messageId } from '../../src/avs/bridge/message.ts'
import { type Checkpoint, checkpointPayload, Level, streamService } from '../../src/avs/bridge/statements.ts'
import { MessageTree } from '../../src/avs/bridge/tree.ts'
import type { LogRange } from '../../src/avs/ports.ts'
import type { BlockHead, Finality } from '../../src/chain/types.ts'
import type { Clock } from '../../src/util/clock.ts'
import { type Address, bigToBytes, bytesToBig, bytesToHex, type Hex, hexToBytes } from '../../src/util/hex.ts'

export const DOMAIN = 7_000
const CHAIN_ID = 7_000
export const MAILBOX: Address = `0x${'4a'.repeat(20)}`
export const HOOK: Address = `0x${'4b'.repeat(20)}`
/** Blocks that may be undone without harm. */
const FINALITY_LAG = 2
const BLOCK_MS = 1_000
/** Levels of the tree that a contract keeps. */
const DEPTH = 32

interface SimMessage {
  readonly id: Hex
  readonly encoded: Hex
}

interface SimBlock extends BlockHead {
  /** Messages that it dispatched. */
  readonly messages: readonly SimMessage[]
  /** What the contract keeps of the tree. */
  readonly branch: readonly Hex[]
  /** Leaves of its branch up to it. */
  readonly count: number
}

/** A chain with a mailbox and its tree, that reorganises, and that shows some nodes another branch: what their providers say is false. */
export class SimMessages {
  readonly name: string
  readonly #clock: Clock
  readonly #random: () => number
  #main: SimBlock[]
  /** The branches of those who are lied to. */
  readonly #astray = new Map<number, SimBlock[]>()
  readonly #followers: { view: number; finality: Finality; tell: (head: BlockHead) => void; last: Hex }[] = []
  #made = 0n

  constructor(name: string, clock: Clock, random: () => number) {
    this.name = name
    this.#clock = clock
    this.#random = random
    this.#main = [this.#block(undefined)]
    for (let i = 0; i < 3 * FINALITY_LAG; i++) this.#main.push(this.#block(this.#main.at(-1)))
    this.#tick()
  }

  /** Undoes the newest `depth` blocks, for all that see the chain as it is. */
  reorg(depth: number): void {
    this.#main = this.#branch(this.#main, depth)
    this.#tell()
  }

  /** Shows a node another chain from `depth` blocks before the head on, with messages that were never sent. */
  leadAstray(view: number, depth: number): void {
    this.#astray.set(view, this.#branch(this.#see(view), depth))
    this.#tell()
  }

  /** Shows several nodes one and the same other chain. */
  leadTogether(views: readonly number[], depth: number): void {
    const branch = this.#branch(this.#main, depth)
    for (const view of views) this.#astray.set(view, [...branch])
    this.#tell()
  }

  /** Payloads of all true checkpoints so far, final or not, by index. */
  truth(): Map<bigint, Hex> {
    const tree = new MessageTree()
    const payloads = new Map<bigint, Hex>()
    for (const { messages } of this.#main) {
      for (const { id } of messages) {
        tree.append(hexToBytes(id))
        const checkpoint: Checkpoint = { root: bytesToHex(tree.root()), index: tree.count - 1, messageId: id }
        payloads.set(BigInt(checkpoint.index), checkpointPayload(checkpoint))
      }
    }
    return payloads
  }

  /** Leaves of the blocks up to a time, ms since the epoch. */
  finalCountAt(time: number): number {
    return this.#main.findLast(({ timestamp }) => Number(timestamp) * 1_000 <= time)?.count ?? 0
  }

  /** Final messages that a node's providers show it, and that were never sent. */
  liesTo(view: number): number {
    const known = new Set(this.#main.map(({ hash }) => hash))
    const final = this.#head(view, 'finalized').number
    return this.#see(view)
      .filter(({ number, hash }) => number <= final && !known.has(hash))
      .reduce((sum, { messages }) => sum + messages.length, 0)
  }

  /** The chain as a node's providers show it. */
  as(view: number): FollowedChain {
    const refuse = () => Promise.reject(new Error('nobody does this here'))
    return {
      name: this.name,
      chainId: CHAIN_ID,
      ready: async () => {},
      distrust: () => undefined,
      read: (async ({ functionName }: { functionName: string }) => {
        if (functionName === 'mailbox') return MAILBOX
        if (functionName === 'localDomain') return DOMAIN
        throw new Error(`nobody reads ${functionName} here`)
      }) as FollowedChain['read'],
      write: refuse as FollowedChain['write'],
      gasPrice: async () => 1n,
      logs: async (range) => this.#logs(view, range),
      storageAt: async (_, slots) => this.#storage(view, slots),
      watch: () => () => undefined,
      heads: (finality, tell) => {
        const follower = { view, finality, tell, last: this.#head(view, finality).hash }
        this.#followers.push(follower)
        return () => void this.#followers.splice(this.#followers.indexOf(follower), 1)
      },
    }
  }

  #tick(): void {
    this.#clock.after(BLOCK_MS, () => {
      this.#main.push(this.#block(this.#main.at(-1)))
      // those who are shown one chain together keep seeing the same
      const grown = new Map<Hex, SimBlock>()
      for (const blocks of this.#astray.values()) {
        const head = blocks.at(-1) as SimBlock
        const next = grown.get(head.hash) ?? this.#block(head)
        grown.set(head.hash, next)
        blocks.push(next)
      }
      this.#tell()
      this.#tick()
    })
  }

  #draw(): SimMessage[] {
    const count = this.#random() < 0.5 ? 0 : 1 + Math.floor(this.#random() * 3)
    return Array.from({ length: count }, () => {
      const body = bytesToHex(bigToBytes(++this.#made, 8))
      const word = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`
      const nonce = Number(this.#made)
      const message = { nonce, origin: DOMAIN, sender: word(1), destination: 2, recipient: word(2), body }
      const encoded = encodeMessage(message)
      return { id: messageId(encoded), encoded: bytesToHex(encoded) }
    })
  }

  #block(parent: SimBlock | undefined): SimBlock {
    const hash = keccak256(bytesToHex(bigToBytes(++this.#made, 32)))
    const now = BigInt(Math.floor(this.#clock.now() / 1_000))
    if (parent === undefined) {
      return { number: 0n, hash, timestamp: now - BigInt(3 * FINALITY_LAG), messages: [], branch: EMPTY, count: 0 }
    }
    const messages = this.#draw()
    return {
      number: parent.number + 1n,
      hash,
      timestamp: parent.timestamp + 1n < now ? now : parent.timestamp + 1n,
      messages,
      branch: messages.reduce((branch, { id }, i) => insert(branch, parent.count + i + 1, id), parent.branch),
      count: parent.count + messages.length,
    }
  }

  #branch(blocks: readonly SimBlock[], depth: number): SimBlock[] {
    const branch = blocks.slice(0, Math.max(1, blocks.length - depth))
    while (branch.length < blocks.length) {
      const { timestamp } = blocks[branch.length] as SimBlock
      branch.push({ ...this.#block(branch.at(-1)), timestamp })
    }
    return branch
  }

  #see(view: number): readonly SimBlock[] {
    return this.#astray.get(view) ?? this.#main
  }

  #head(view: number, finality: Finality): SimBlock {
    const blocks = this.#see(view)
    return blocks[Math.max(0, blocks.length - 1 - (finality === 'finalized' ? FINALITY_LAG : 0))] as SimBlock
  }

  #tell(): void {
    for (const follower of [...this.#followers]) {
      const head = this.#head(follower.view, follower.finality)
      if (head.hash === follower.last) continue
      follower.last = head.hash
      follower.tell(head)
    }
  }

  #logs(view: number, { address, from, to }: LogRange): ChainLog[] {
    const final = this.#head(view, 'finalized').number
    const last = to < final ? to : final
    return this.#see(view)
      .slice(Number(from), Number(last) + 1)
      .flatMap(({ number, hash, timestamp, messages, count }) =>
        messages.map(({ id, encoded }, i) => ({
          address,
          eventName: address.toLowerCase() === HOOK ? 'InsertedIntoTree' : 'Dispatch',
          args:
            address.toLowerCase() === HOOK
              ? { messageId: id, index: count - messages.length + i }
              : { message: encoded },
          blockNumber: number,
          blockHash: hash,
          blockTimestamp: timestamp,
          transactionHash: hash,
          logIndex: i,
        })),
      )
  }

  /** The words that the contract of the tree keeps: its left branch, and the count. */
  #storage(view: number, slots: readonly Hex[]) {
    const { number, hash, timestamp, count, branch } = this.#head(view, 'finalized')
    const values = slots.map((slot): Hex => {
      const at = bytesToBig(hexToBytes(slot))
      if (at < BigInt(DEPTH)) return branch[Number(at)] ?? ZERO
      return at === BigInt(DEPTH) ? bytesToHex(bigToBytes(BigInt(count), 32)) : ZERO
    })
    return { block: { number, hash, timestamp }, values }
  }
}

const ZERO: Hex = `0x${'00'.repeat(32)}`

const EMPTY: readonly Hex[] = Array.from({ length: DEPTH }, () => ZERO)

/** The branch that Hyperlane's incremental tree keeps once it has a `size`-th leaf. */
function insert(branch: readonly Hex[], size: number, leaf: Hex): readonly Hex[] {
  const level = 31 - Math.clz32(size & -size)
  const node = branch.slice(0, level).reduce((right, left) => keccak256(`${left}${right.slice(2)}`), leaf)
  return branch.with(level, node)
}

/** Id of the finalized checkpoints of the simulated tree. */
export const STREAM = streamService(
  { domain: DOMAIN, hook: bytesToHex(bigToBytes(bytesToBig(hexToBytes(HOOK)), 32)) },
  Level.finalized,
)
