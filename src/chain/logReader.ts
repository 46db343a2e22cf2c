import type { Abi, AbiEvent, Address, Hex, Log, PublicClient } from 'viem'
import { LariatError } from '../util/errors.ts'
import { unavailability, unavailable } from './errors.ts'
import type { Providers } from './providers.ts'
import type { BlockHead, ChainLog } from './types.ts'

/** Blocks of one request, to begin with: what the strictest public providers allow. */
export const MAX_RANGE = 2_000n
/** Remembered timestamps of blocks, for providers whose logs lack them. */
const MAX_TIMESTAMPS = 256

/** Logs of the blocks up to `to`, in order. */
export interface LogPage {
  readonly to: bigint
  readonly logs: readonly ChainLog[]
}

/** Reads logs in ranges that shrink when a provider refuses them and grow again when it does not. */
export interface LogReader {
  /**
   * Logs from block `from` up to block `head` or an earlier one.
   * @throws LariatError `chain.unavailable`, `chain.inconsistent`
   */
  read(from: bigint, head: BlockHead): Promise<LogPage>
}

export interface LogReaderOptions {
  readonly providers: Providers
  readonly address: Address
  readonly abi: Abi
  readonly eventNames: readonly string[]
}

/** @throws LariatError `chain.unknown-event` */
export function createLogReader({ providers, address, abi, eventNames }: LogReaderOptions): LogReader {
  const events = eventNames.map((name) => findEvent(abi, name))
  const what = `the logs ${eventNames.join(', ')} of ${address}`
  const timestamps = new Map<Hex, bigint>()
  let range = MAX_RANGE

  async function timeOf(client: PublicClient, hash: Hex): Promise<bigint> {
    const before = timestamps.get(hash)
    if (before !== undefined) return before
    const { timestamp } = await client.getBlock({ blockHash: hash })
    if (timestamps.size >= MAX_TIMESTAMPS) timestamps.clear()
    timestamps.set(hash, timestamp)
    return timestamp
  }

  async function fetchLogs(from: bigint, to: bigint, head: BlockHead): Promise<ChainLog[]> {
    return providers.ask(what, async (client, provider) => {
      // A provider that lacks block `to` would answer with the logs it has, and the rest would be lost: ask it for both.
      const [last, raw] = await Promise.all([
        client.getBlock({ blockNumber: to }).catch((error: unknown) => {
          if (error instanceof Error && error.name === 'BlockNotFoundError') return undefined
          throw error
        }),
        client.getLogs({ address, events, strict: true, fromBlock: from, toBlock: to }),
      ])
      if (last === undefined) throw unavailable('behind', provider, what, `it lacks block ${to}`)
      if (to === head.number && last.hash !== head.hash) {
        throw unavailable('behind', provider, what, `its block ${to} is ${last.hash}, not ${head.hash}`)
      }
      const logs: ChainLog[] = []
      for (const log of raw) {
        const { blockNumber, blockHash, transactionHash, logIndex } = located(log, provider)
        if (blockNumber < from || blockNumber > to || log.address.toLowerCase() !== address.toLowerCase()) {
          throw unavailable('malformed', provider, what, `a log of block ${blockNumber} that was not asked for`)
        }
        const blockTimestamp = log.blockTimestamp ?? (await timeOf(client, blockHash))
        const { eventName, args } = log as { eventName: string; args: unknown }
        logs.push({ address, eventName, args, blockNumber, blockHash, blockTimestamp, transactionHash, logIndex })
      }
      return logs.sort((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex)
    })
  }

  function located(log: Log, provider: string) {
    const { blockNumber, blockHash, transactionHash, logIndex } = log
    if (blockNumber === null || blockHash === null || transactionHash === null || logIndex === null) {
      throw unavailable('malformed', provider, what, 'a log that is in no block')
    }
    return { blockNumber, blockHash, transactionHash, logIndex }
  }

  return {
    async read(from, head) {
      for (;;) {
        const to = from + range - 1n < head.number ? from + range - 1n : head.number
        try {
          const logs = await fetchLogs(from, to, head)
          if (range < MAX_RANGE) range *= 2n
          return { to, logs }
        } catch (error) {
          // Too many logs or blocks show as a refusal, an answer over the limit (malformed) or a timeout.
          const why = unavailability(error)
          const size = to - from + 1n
          if (size === 1n || why === undefined || why === 'unreachable' || why === 'behind') throw error
          range = size / 2n
        }
      }
    },
  }
}

/** @throws LariatError `chain.unknown-event` */
export function findEvent(abi: Abi, name: string): AbiEvent {
  const event = abi.find((item) => item.type === 'event' && item.name === name)
  if (event?.type === 'event') return event
  throw new LariatError('chain.unknown-event', `the ABI has no event ${name}: correct the name or the ABI`, { name })
}
