import { type Abi, encodeErrorResult, pad } from 'viem'
import type { Clock, Timer } from '../util/clock.ts'
import { describe, LariatError } from '../util/errors.ts'
import type { Address, Hex } from '../util/hex.ts'
import type { Log } from '../util/log.ts'
import { reverted } from './errors.ts'
import type {
  BlockHead,
  ChainLog,
  CursorStore,
  Finality,
  LogQuery,
  LogRange,
  ReadCall,
  Receipt,
  ServiceChain,
} from './types.ts'
import { watchLogs } from './watcher.ts'

/** What a scripted function gets. */
export interface MemoryCall {
  readonly args: readonly unknown[]
  /** Who sends; undefined for a view. */
  readonly from: Address | undefined
  /** The block that the transaction is in, or the one that is read. */
  readonly block: BlockHead
  /** Emits an event of the same contract in that block. */
  emit(eventName: string, args: unknown): void
}

/** Answers a view, or changes the script's state. Throws `MemoryRevert` to revert. */
export type MemoryFunction = (call: MemoryCall) => unknown

/** Makes a scripted function revert with an error of its contract. */
export class MemoryRevert extends Error {
  readonly errorName: string
  readonly args: readonly unknown[]

  constructor(errorName: string, args: readonly unknown[] = []) {
    super(errorName)
    this.errorName = errorName
    this.args = args
  }
}

export interface MemoryChainOptions {
  readonly clock: Clock
  readonly log: Log
  readonly chainId?: number
  /** Blocks by which `finalized` is behind `latest`. */
  readonly finalityLag?: bigint
  /** ms between blocks, from the first `start`; without it each write makes a block, and `mine` does. */
  readonly blockMs?: number
  readonly cursors?: CursorStore
}

/** A chain without EVM: the in-memory form of `ServiceChain`, for simulations. Contracts are functions of the test. */
export interface MemoryChain {
  readonly genesisHash: Hex
  /** Puts functions at an address; later ones replace those of the same name. */
  contract(address: Address, functions: Readonly<Record<string, MemoryFunction>>): void
  /** The chain as one account sees it. */
  as(account: Address): ServiceChain
  /** Makes blocks, each at the clock's time, or one second after the last. */
  mine(blocks?: number): BlockHead
  /** Emits an event in the next block. */
  emit(address: Address, eventName: string, args: unknown): void
  /** Puts a word of 32 bytes into a contract's storage, from the next block on. */
  store(address: Address, slot: Hex, value: Hex): void
  /** Every transaction so far, in order. */
  readonly sent: readonly { readonly from: Address; readonly address: Address; readonly functionName: string }[]
  /** Makes blocks from now on, if `blockMs` is given. */
  start(): void
  stop(): void
}

type Pending = { readonly address: Address; readonly eventName: string; readonly args: unknown; readonly by: Hex }

/** wei per gas */
const GAS_PRICE = 1_000_000_000n

export function createMemoryChain(options: MemoryChainOptions): MemoryChain {
  const { clock, log, chainId = 31_337, finalityLag = 2n, blockMs, cursors } = options
  const contracts = new Map<string, Map<string, MemoryFunction>>()
  const blocks: BlockHead[] = [{ number: 0n, hash: hashOf(0n), timestamp: seconds(clock) }]
  const logs: ChainLog[] = []
  const words: { readonly key: string; readonly value: Hex; readonly block: bigint }[] = []
  const sent: { from: Address; address: Address; functionName: string }[] = []
  const handlers = { latest: new Set<(head: BlockHead) => void>(), finalized: new Set<(head: BlockHead) => void>() }
  const closing = new AbortController()
  const waiting: (() => void)[] = []
  let pending: Pending[] = []
  let transactions = 0n
  let timer: Timer | undefined

  function current(finality: Finality): BlockHead {
    const number = blocks.length - 1 - (finality === 'finalized' ? Number(finalityLag) : 0)
    return blocks[Math.max(0, number)] as BlockHead
  }

  function nextBlock(): BlockHead {
    const { number, timestamp } = current('latest')
    const now = seconds(clock)
    return { number: number + 1n, hash: hashOf(number + 1n), timestamp: now > timestamp ? now : timestamp + 1n }
  }

  function mineOne(): BlockHead {
    const finalBefore = current('finalized').number
    const block = nextBlock()
    blocks.push(block)
    for (const [logIndex, { address, eventName, args, by }] of pending.entries()) {
      const { number: blockNumber, hash: blockHash, timestamp: blockTimestamp } = block
      logs.push({ address, eventName, args, blockNumber, blockHash, blockTimestamp, transactionHash: by, logIndex })
    }
    pending = []
    for (const resolve of waiting.splice(0)) resolve()
    tell('latest', block)
    if (current('finalized').number > finalBefore) tell('finalized', current('finalized'))
    return block
  }

  function tell(finality: Finality, head: BlockHead): void {
    for (const handler of [...handlers[finality]]) {
      try {
        handler(head)
      } catch (error) {
        log.error('a handler of heads failed', { finality, error: describe(error) })
      }
    }
  }

  function follow(finality: Finality, handler: (head: BlockHead) => void): () => void {
    const call = (head: BlockHead) => handler(head)
    handlers[finality].add(call)
    return () => {
      handlers[finality].delete(call)
    }
  }

  function functionAt(address: Address, functionName: string): MemoryFunction {
    const found = contracts.get(address.toLowerCase())?.get(functionName)
    if (found === undefined) {
      throw new LariatError('chain.no-contract', `no function ${functionName} is scripted at ${address}`, { address })
    }
    return found
  }

  /** Runs a scripted function; what it emits is kept only if it does not revert. */
  function run(
    call: { address: Address; abi: Abi; functionName: string; args: readonly unknown[]; block?: Finality },
    from?: Address,
  ) {
    const { address, abi, functionName, args } = call
    const emitted: Pending[] = []
    const by = hashOf(++transactions + 2n ** 64n)
    const block = from === undefined ? current(call.block ?? 'latest') : nextBlock()
    const emit = (eventName: string, values: unknown) => emitted.push({ address, eventName, args: values, by })
    try {
      const result = functionAt(address, functionName)({ args, from, block, emit })
      return { result, emitted, by, block }
    } catch (error) {
      if (!(error instanceof MemoryRevert)) throw error
      const { errorName, args: values } = error
      const data = encodeErrorResult({ abi, errorName, args: values } as Parameters<typeof encodeErrorResult>[0])
      throw reverted(`${functionName} on ${address}`, data, abi)
    }
  }

  async function write(from: Address, call: Parameters<typeof run>[0], signal?: AbortSignal): Promise<Receipt> {
    signal?.throwIfAborted()
    const { emitted, by, block } = run(call, from)
    pending.push(...emitted)
    sent.push({ from, address: call.address, functionName: call.functionName })
    if (blockMs === undefined) mineOne()
    else await new Promise<void>((resolve) => waiting.push(resolve))
    return { hash: by, blockNumber: block.number, gasUsed: 100_000n, status: 'success' }
  }

  function logsOf({ address, eventName, from, to }: LogRange): ChainLog[] {
    const names = typeof eventName === 'string' ? [eventName] : eventName
    return logs.filter(
      (entry) =>
        entry.address.toLowerCase() === address.toLowerCase() &&
        names.includes(entry.eventName) &&
        entry.blockNumber >= from &&
        entry.blockNumber <= to,
    )
  }

  function watch(query: LogQuery, handler: (entry: ChainLog) => Promise<void>): () => void {
    const { finality, cursor, from: start } = query
    return watchLogs(
      {
        reader: { read: async (from, { number: to }) => ({ to, logs: logsOf({ ...query, from, to }) }) },
        heads: { current, follow },
        finality,
        from: start,
        signal: closing.signal,
        clock,
        log,
        metrics: { logs: { inc() {} }, logFailures: { inc() {} } },
        ...(cursor === undefined || cursors === undefined ? {} : { cursor: { store: cursors, name: cursor } }),
      },
      handler,
    )
  }

  return {
    genesisHash: hashOf(0n),
    sent,
    contract(address, functions) {
      const known = contracts.get(address.toLowerCase()) ?? new Map<string, MemoryFunction>()
      for (const [name, fn] of Object.entries(functions)) known.set(name, fn)
      contracts.set(address.toLowerCase(), known)
    },
    as: (account) => ({
      chainId,
      account,
      head: current,
      read: async (call) => run(call as unknown as ReadCall).result as never,
      gasPrice: async () => GAS_PRICE,
      write: (call) => write(account, call as unknown as Parameters<typeof run>[0], call.signal),
      async logs(range) {
        const final = current('finalized').number
        return logsOf({ ...range, to: range.to < final ? range.to : final })
      },
      async storageAt(where, slots) {
        const block = current('finalized')
        const last = (slot: Hex) =>
          words.findLast(({ key, block: since }) => key === wordKey(where, slot) && since <= block.number)
        return { block, values: slots.map((slot) => last(slot)?.value ?? ZERO_WORD) }
      },
      watch,
      heads: follow,
    }),
    mine(count = 1) {
      for (let i = 0; i < count; i++) mineOne()
      return current('latest')
    },
    emit(address, eventName, args) {
      pending.push({ address, eventName, args, by: hashOf(++transactions + 2n ** 64n) })
    },
    store: (where, slot, value) =>
      void words.push({ key: wordKey(where, slot), value, block: current('latest').number + 1n }),
    start() {
      if (blockMs === undefined) return
      const tick = () => {
        timer = clock.after(blockMs, () => {
          mineOne()
          tick()
        })
      }
      tick()
    },
    stop() {
      timer?.cancel()
      closing.abort()
    },
  }
}

const ZERO_WORD: Hex = `0x${'00'.repeat(32)}`
const wordKey = (address: Address, slot: Hex) => `${address.toLowerCase()}:${pad(slot, { size: 32 })}`

function seconds(clock: Clock): bigint {
  return BigInt(Math.floor(clock.now() / 1_000))
}

/** A hash that differs from number to number; nothing here depends on its content. */
function hashOf(number: bigint): Hex {
  return `0x${number.toString(16).padStart(64, '0')}`
}
