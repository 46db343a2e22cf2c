import { concat, keccak256, numberToHex, stringToBytes } from 'viem'
import { encodeMessage, messageId } from '../../src/avs/bridge/message.ts'
import type { BlockHead, ChainDistrust, ChainLog, FollowedChain, LogQuery, LogRange } from '../../src/avs/ports.ts'
import { type Address, bytesToHex, type Hex } from '../../src/util/hex.ts'

export const MAILBOX: Address = `0x${'a1'.repeat(20)}`
export const HOOK: Address = `0x${'b2'.repeat(20)}`
export const DOMAIN = 1_000
const NONE: Hex = `0x${'00'.repeat(32)}`

/** A log of the mailbox or its hook. */
type TreeLog =
  | { readonly of: 'mailbox'; readonly message: Hex }
  | { readonly of: 'hook'; readonly id: Hex; readonly index: number }

interface TreeBlock extends BlockHead {
  readonly logs: readonly TreeLog[]
}

/** The n-th message of a test. */
export const testMessage = (n: number, body: Hex = '0x'): Uint8Array =>
  encodeMessage({
    ...{ nonce: n, origin: DOMAIN, destination: 2_000, body },
    ...{ sender: `0x${'5e'.repeat(32)}`, recipient: `0x${'ee'.repeat(32)}` },
  })

/** A chain in memory that has a mailbox and a hook, and can lie. Block 0 is there; `mine` adds blocks, `finalize` tells. */
export class TreeChain implements FollowedChain {
  readonly name = 'base'
  readonly chainId = 31_338
  /** Ranges that logs were read of. */
  readonly ranges: { readonly from: bigint; readonly to: bigint }[] = []
  /** First slot of the tree. */
  treeSlot = 0n
  mailboxOfHook = MAILBOX
  domain = DOMAIN
  trust: ChainDistrust | undefined
  /** What reads fail with. */
  failure: Error | undefined
  /** What storage answers instead. */
  storageLie: ((values: readonly Hex[]) => readonly Hex[]) | undefined
  /** Blocks that reads of the newest one are behind. */
  readLag = 0
  /** Whether watches bring nothing. */
  deaf = false
  /** Called when logs are read. */
  onLogs: (() => void) | undefined
  /** Times that storage was read. */
  looks = 0
  final = 0
  #blocks: TreeBlock[] = []
  #fork = 0
  #messages = 0
  readonly #handlers = { finalized: new Set<(head: BlockHead) => void>(), latest: new Set<(head: BlockHead) => void>() }

  readonly #now: (() => number) | undefined

  /** @param now time of the next block, Unix seconds; a second for each block unless given */
  constructor(now?: () => number) {
    this.#now = now
    this.#push([])
  }

  get blocks(): readonly TreeBlock[] {
    return this.#blocks
  }

  /** Ids of the leaves up to a block. */
  leaves(upTo = this.#blocks.length - 1): Hex[] {
    return this.#blocks
      .slice(0, upTo + 1)
      .flatMap(({ logs }) => logs.flatMap((log) => (log.of === 'hook' ? [log.id] : [])))
  }

  /** A block in which so many messages are dispatched through the hook. @returns its number */
  mine(messages = 0): number {
    let index = this.leaves().length
    const logs = Array.from({ length: messages }, () => this.message()).flatMap((message): TreeLog[] => [
      { of: 'mailbox', message: bytesToHex(message) },
      { of: 'hook', id: messageId(message), index: index++ },
    ])
    return this.mineLogs(logs)
  }

  mineLogs(logs: readonly TreeLog[]): number {
    this.#push(logs)
    return this.#blocks.length - 1
  }

  /** A message that was not there before. */
  message(body?: Hex): Uint8Array {
    return testMessage(this.#messages++, body)
  }

  /** Takes the blocks from this one on back. */
  undo(from: number): void {
    this.#blocks.length = from
    this.#fork++
  }

  /** Blocks up to this one are final; whoever follows is told of that one alone. */
  finalize(number = this.#blocks.length - 1): void {
    this.final = number
    this.tell('finalized')
  }

  tell(finality: 'finalized' | 'latest'): void {
    const head = this.#head(finality === 'latest' ? this.#blocks.length - 1 : this.final)
    for (const handler of [...this.#handlers[finality]]) handler(head)
  }

  /** As a plain object, for whoever copies its members. */
  port(): FollowedChain {
    return {
      ...{ name: this.name, chainId: this.chainId, read: this.read, write: this.write, gasPrice: this.gasPrice },
      ...{ ready: () => this.ready(), distrust: () => this.distrust(), logs: (range) => this.logs(range) },
      storageAt: (address, slots) => this.storageAt(address, slots),
      watch: (query, handler) => this.watch(query, handler),
      heads: (finality, handler) => this.heads(finality, handler),
    }
  }

  async ready(): Promise<void> {}

  distrust(): ChainDistrust | undefined {
    return this.trust
  }

  async logs({ address, from, to }: LogRange): Promise<readonly ChainLog[]> {
    this.ranges.push({ from, to })
    this.onLogs?.()
    if (to - from >= 10_000n) throw new RangeError('too many blocks at a time')
    if (this.failure !== undefined) throw this.failure
    return this.#blocks
      .slice(Number(from), Math.min(Number(to), this.final) + 1)
      .flatMap((block) => logsOf(block, address))
  }

  async storageAt(_: Address, slots: readonly Hex[]): Promise<{ block: BlockHead; values: readonly Hex[] }> {
    if (slots.length > 128) throw new RangeError('too many slots at a time')
    if (this.failure !== undefined) throw this.failure
    this.looks++
    const [branch, count] = this.#kept(this.final)
    const words = [...branch, numberToHex(count, { size: 32 })]
    const values = slots.map((slot) => words[Number(BigInt(slot) - this.treeSlot)] ?? NONE)
    return { block: this.#head(this.final), values: this.storageLie?.(values) ?? values }
  }

  heads(finality: 'finalized' | 'latest', handler: (head: BlockHead) => void): () => void {
    const call = (head: BlockHead) => handler(head)
    this.#handlers[finality].add(call)
    return () => void this.#handlers[finality].delete(call)
  }

  read: FollowedChain['read'] = async ({ functionName }) => {
    const [branch, count] = this.#kept(Math.max(0, this.#blocks.length - 1 - this.readLag))
    const answers: Readonly<Record<string, unknown>> = {
      ...{ mailbox: this.mailboxOfHook, localDomain: this.domain },
      tree: { branch, count },
    }
    return answers[functionName] as never
  }

  /** Under `latest`, as the real one: each log once for each block that has it, and never that one was undone. */
  watch({ address, from = 0n }: LogQuery, handler: (log: ChainLog) => Promise<void>): () => void {
    const handled = new Set<string>()
    let [next, ended] = [Number(from), false]
    let turn = Promise.resolve()
    const pass = async () => {
      for (const block of this.#blocks.slice(next)) {
        for (const log of logsOf(block, address)) {
          const key = `${log.blockHash}:${log.logIndex}`
          if (ended || handled.has(key) || this.deaf) continue
          handled.add(key)
          await handler(log)
        }
      }
      next = Math.max(next, this.final + 1)
    }
    const look = () => {
      turn = turn.then(pass)
    }
    const end = this.heads('latest', look)
    look()
    return () => {
      ended = true
      end()
    }
  }

  write(): never {
    throw new RangeError('nothing is written here')
  }

  gasPrice(): never {
    throw new RangeError('nothing is written here')
  }

  /** What the hook keeps of its tree after a block, from MerkleTree.sol. */
  #kept(block: number): [branch: Hex[], count: bigint] {
    const branch: Hex[] = Array.from({ length: 32 }, () => NONE)
    const leaves = this.leaves(block)
    for (const [n, leaf] of leaves.entries()) {
      let [level, node] = [0, leaf]
      for (let size = n + 1; size % 2 === 0; size /= 2) node = keccak256(concat([branch[level++] as Hex, node]))
      branch[level] = node
    }
    return [branch, BigInt(leaves.length)]
  }

  #head(number: number): BlockHead {
    const block = this.#blocks[number]
    if (block === undefined) throw new RangeError(`there is no block ${number}`)
    const { hash, timestamp } = block
    return { number: BigInt(number), hash, timestamp }
  }

  #push(logs: readonly TreeLog[]): void {
    const number = BigInt(this.#blocks.length)
    const hash = keccak256(stringToBytes(`block ${number} of fork ${this.#fork}`))
    this.#blocks.push({
      number,
      hash,
      timestamp: this.#now === undefined ? 1_700_000_000n + number : BigInt(this.#now()),
      logs,
    })
  }
}

function logsOf(block: TreeBlock, address: Address): ChainLog[] {
  return block.logs.flatMap((log, logIndex): ChainLog[] => {
    const at = {
      ...{ address, blockNumber: block.number, blockHash: block.hash, blockTimestamp: block.timestamp },
      ...{ transactionHash: keccak256(stringToBytes(`${block.hash} ${logIndex}`)), logIndex },
    }
    if (log.of === 'mailbox' && address.toLowerCase() === MAILBOX) {
      return [{ ...at, eventName: 'Dispatch', args: { message: log.message } }]
    }
    if (log.of === 'hook' && address.toLowerCase() === HOOK) {
      return [{ ...at, eventName: 'InsertedIntoTree', args: { messageId: log.id, index: log.index } }]
    }
    return []
  })
}
