import { type AbiEvent, decodeEventLog, type PublicClient, toEventSelector } from 'viem'
import type { Address, Hex } from '../../util/hex.ts'
import { hexToBytes } from '../../util/hex.ts'
import { Lie, toChainError, unavailability } from '../errors.ts'
import type { Heads } from '../heads.ts'
import type { LogReader } from '../logReader.ts'
import type { Providers } from '../providers.ts'
import type { BlockHead, ChainLog } from '../types.ts'
import { mayContain } from './bloom.ts'
import type { Header } from './header.ts'
import { fetchHeader, type Headers } from './headers.ts'
import { type ProvenLog, provenLogs } from './receipts.ts'

export interface ProvenLogReaderOptions {
  readonly providers: Providers
  readonly heads: Pick<Heads, 'current'>
  readonly headers: Headers
  readonly blocks: BlockLogs
  readonly address: Address
  readonly events: readonly AbiEvent[]
}

/** Blocks of one page: their headers take 0.8 MB. */
const PAGE = 512n

/**
 * Reads the logs of final blocks so that none can be left out or invented: each block's header is linked to the agreed final
 * head, its bloom says for certain when it holds no log that is asked for, and where it may, its receipts must hash to its
 * receiptsRoot. Who serves the pieces does not matter. `transactionHash` alone is not covered by that.
 */
export function createProvenLogReader(options: ProvenLogReaderOptions): LogReader {
  const { providers, heads, headers, blocks, address, events } = options
  const selectors = new Map(events.map((event) => [toEventSelector(event) as Hex, event]))

  function wanted({ logsBloom }: Header): boolean {
    const bloom = hexToBytes(logsBloom)
    return mayContain(bloom, address) && [...selectors.keys()].some((selector) => mayContain(bloom, selector))
  }

  function decode(log: ProvenLog, header: Header): ChainLog | undefined {
    const [selector, ...rest] = log.topics
    const event = selector === undefined ? undefined : selectors.get(selector)
    if (event === undefined || log.address !== address.toLowerCase()) return undefined
    try {
      const topics = [selector as Hex, ...rest] as [Hex, ...Hex[]]
      const { args } = decodeEventLog({ abi: [event], topics, data: log.data, strict: true })
      return {
        ...{ address, eventName: event.name, args },
        ...{ blockNumber: header.number, blockHash: header.hash, blockTimestamp: header.timestamp },
        ...{ transactionHash: log.transactionHash, logIndex: log.logIndex },
      }
    } catch {
      // Another event of the same signature, with other indexed arguments.
      return undefined
    }
  }

  /** The header at `number` of the chain that ends in `head`. */
  async function headerAt(number: bigint, head: Header): Promise<Header> {
    if (number === head.number) return head
    const { answers } = await providers.collect(`block ${number}`, (client, provider) =>
      fetchHeader(client, provider, number),
    )
    const [first] = answers
    const same = answers.every(({ value }) => value.hash === first?.value.hash)
    if (first !== undefined && same && answers.length >= providers.needed) return first.value
    // The chain itself decides, block by block down from the agreed one.
    const truth = await headers.below(head, number)
    for (const { provider, value } of answers) {
      if (value.hash === truth.hash) continue
      const lie = `its block ${number} is ${value.hash}, and that of the agreed chain is ${truth.hash}`
      providers.accuse(provider, new Lie('header', lie))
    }
    return truth
  }

  return {
    async read(from: bigint, { number: last }: BlockHead) {
      const head = heads.current('finalized')
      const end = last < head.number ? last : head.number
      const to = from + PAGE - 1n < end ? from + PAGE - 1n : end
      const logs: ChainLog[] = []
      for (const header of await headers.upTo(await headerAt(to, head), from)) {
        if (!wanted(header)) continue
        for (const log of await blocks.of(header)) {
          const decoded = decode(log, header)
          if (decoded !== undefined) logs.push(decoded)
        }
      }
      return { to, logs }
    },
  }
}

/** The logs of blocks, proven. */
export interface BlockLogs {
  /** @throws LariatError `chain.unavailable` when no provider has the block's receipts */
  of(header: Header): Promise<readonly ProvenLog[]>
}

/** Blocks whose logs are remembered for the next watch that asks: under 1 MB each. */
const MAX_BLOCKS = 16
/** Requests for single receipts that run at a time, where a provider gives them only so. */
const CONCURRENCY = 16

export function createBlockLogs(providers: Providers): BlockLogs {
  const remembered = new Map<Hex, readonly ProvenLog[]>()
  return {
    async of(header) {
      const known = remembered.get(header.hash)
      if (known !== undefined) return known
      const what = `the receipts of block ${header.number}`
      const logs = await providers.ask(what, async (client, provider) =>
        provenLogs(await fetchReceipts(client, provider, header, what), header),
      )
      remembered.set(header.hash, logs)
      if (remembered.size > MAX_BLOCKS) remembered.delete(remembered.keys().next().value as Hex)
      return logs
    },
  }
}

type Request = (args: { method: string; params: readonly unknown[] }) => Promise<unknown>

async function fetchReceipts(client: PublicClient, provider: string, { hash }: Header, what: string): Promise<unknown> {
  const request = client.request as Request
  try {
    return await request({ method: 'eth_getBlockReceipts', params: [hash] })
  } catch (error) {
    if (unavailability(toChainError(error, provider, what)) !== 'refused') throw error
    // Older nodes lack the method.
    const block = (await request({ method: 'eth_getBlockByHash', params: [hash, false] })) as { transactions?: unknown }
    const hashes = Array.isArray(block?.transactions) ? block.transactions : []
    const receipts: unknown[] = []
    for (let at = 0; at < hashes.length; at += CONCURRENCY) {
      const some = hashes.slice(at, at + CONCURRENCY)
      receipts.push(
        ...(await Promise.all(some.map((one) => request({ method: 'eth_getTransactionReceipt', params: [one] })))),
      )
    }
    return receipts
  }
}
