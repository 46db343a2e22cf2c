import { encodeFunctionData } from 'viem'
import { LariatError } from '../util/errors.ts'
import type { Log } from '../util/log.ts'
import { type ContractRead, decodeRead, encodeRead, readContract } from './call.ts'
import type { Chain } from './clients.ts'
import { createProvenLogReader } from './facts/logs.ts'
import { agreedCall } from './facts/read.ts'
import { createProvenState } from './facts/state.ts'
import { readFeeMarket } from './fees.ts'
import { createLogReader, findEvent, type LogReader } from './logReader.ts'
import type { TransactionSender } from './sender.ts'
import type { ChainLog, ChainReader, CursorStore, Finality, LogQuery, LogRange, ServiceChain } from './types.ts'
import { watchLogs } from './watcher.ts'

export interface ChainReaderOptions {
  readonly chain: Chain
  readonly log: Log
  /** Where named cursors are kept. Without it, every watch starts from the head. */
  readonly cursors?: CursorStore
}

/**
 * The chain to be read: under `finalized`, what the providers agree on or what is proven, and so may be signed over; under
 * `latest`, the word of one of them. Watches that are not ended by their function end with `chain.close()`.
 */
export function createChainReader({ chain, log, cursors }: ChainReaderOptions): ChainReader {
  const { providers, heads, clock, metrics, trust, facts } = chain

  async function read(call: ContractRead): Promise<unknown> {
    if (call.block !== 'finalized' || facts === undefined) return readContract(providers, call)
    const { what, data } = encodeRead(call)
    const options = { chainId: chain.id, providers, metrics, trust }
    const { address: to, abi } = call
    return decodeRead(call, await agreedCall(options, heads.current('finalized'), { to, data, abi, what }))
  }

  function readerOf({ address, abi, eventName }: Omit<LogRange, 'from' | 'to'>, finality: Finality): LogReader {
    const eventNames = namesOf(eventName)
    if (finality === 'latest' || facts === undefined) return createLogReader({ providers, address, abi, eventNames })
    return createProvenLogReader({
      ...{ providers, heads, address, headers: facts.headers, blocks: facts.blocks },
      events: eventNames.map((name) => findEvent(abi, name)),
    })
  }

  async function logs(range: LogRange): Promise<readonly ChainLog[]> {
    if (range.to - range.from >= MAX_LOG_RANGE) {
      const blocks = range.to - range.from + 1n
      throw new LariatError('chain.range', `logs of ${blocks} blocks: read ${MAX_LOG_RANGE} at a time, or watch them`)
    }
    const reader = readerOf(range, 'finalized')
    const head = heads.current('finalized')
    const found: ChainLog[] = []
    for (let at = range.from; at <= range.to && at <= head.number; ) {
      const page = await reader.read(at, head)
      found.push(...page.logs.filter(({ blockNumber }) => blockNumber <= range.to))
      at = page.to + 1n
    }
    return found
  }

  function watch(query: LogQuery, handler: (entry: ChainLog) => Promise<void>): () => void {
    const { address, eventName, finality, cursor, from } = query
    const reader = readerOf(query, finality)
    return watchLogs(
      {
        reader,
        heads,
        finality,
        clock,
        metrics,
        signal: chain.closed,
        from,
        log: log.child({ contract: address, events: namesOf(eventName).join(',') }),
        ...(cursor === undefined || cursors === undefined ? {} : { cursor: { store: cursors, name: cursor } }),
      },
      handler,
    )
  }

  return {
    chainId: chain.id,
    head: (finality) => heads.current(finality),
    // The caller's types follow from its ABI; the answer is decoded by that same ABI.
    read: (call) => read(call as unknown as ContractRead) as never,
    logs,
    async storageAt(address, slots) {
      const header = heads.current('finalized')
      const { number, hash, timestamp } = header
      const state = createProvenState(providers, header)
      return { block: { number, hash, timestamp }, values: await state.slots(address, slots) }
    },
    watch,
    heads: (finality, handler) => heads.follow(finality, handler),
  }
}

/** Blocks of one range: their headers take 16 MB, each page of them at a time. */
const MAX_LOG_RANGE = 10_000n

const namesOf = (eventName: string | readonly string[]): readonly string[] =>
  typeof eventName === 'string' ? [eventName] : eventName

export interface ServiceChainOptions extends ChainReaderOptions {
  readonly sender: TransactionSender
}

/** The chain with the operator's account on it. */
export function createServiceChain(options: ServiceChainOptions): ServiceChain {
  const { sender } = options
  return {
    ...createChainReader(options),
    account: sender.address,
    async write({ address, abi, functionName, args, signal, intent, maxGas }) {
      // One encoder for all calls; that `args` fit `functionName` is checked where the call is written.
      const data = encodeFunctionData({ abi, functionName, args } as Parameters<typeof encodeFunctionData>[0])
      const { hash, blockNumber, gasUsed, status } = await sender.send({
        what: `${functionName} on ${address}`,
        to: address,
        data,
        abi,
        ...(signal === undefined ? {} : { signal }),
        ...(intent === undefined ? {} : { intent }),
        ...(maxGas === undefined ? {} : { maxGas }),
      })
      return { hash, blockNumber, gasUsed, status }
    },
    async gasPrice() {
      const { baseFee, tip } = await readFeeMarket(options.chain.providers)
      return baseFee + tip
    },
  }
}
