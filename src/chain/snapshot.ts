import { sleep } from '../util/clock.ts'
import { type ContractRead, readContract } from './call.ts'
import type { Chain } from './clients.ts'
import { unavailability, unavailable } from './errors.ts'
import type { BlockHead, ChainReader, ReadCall } from './types.ts'

/** The chain as of one block: everything that is read fits together. */
export interface Snapshot {
  readonly block: BlockHead
  /** @throws LariatError `chain.unavailable`, `chain.no-contract`, or `chain.reverted` with the decoded name in details.error */
  readonly read: SnapshotRead
}

/** As `ChainReader.read`, at the snapshot's block. */
export type SnapshotRead = ChainReader['read']

/** ms for which providers may lack a block that another has shown. */
const CATCH_UP_MS = 30_000
const PAUSE_MS = 500

/**
 * The chain as of its newest block.
 * @param atLeast a block that is known to exist, such as the one of our last transaction: an older state is never taken
 * @throws LariatError `chain.unavailable`
 */
export async function takeSnapshot(chain: Chain, atLeast = 0n): Promise<Snapshot> {
  const { providers, clock } = chain
  const what = 'the newest block'
  const deadline = clock.now() + CATCH_UP_MS
  for (;;) {
    try {
      const block = await providers.ask(what, async (client, provider) => {
        const { number, hash, timestamp } = await client.getBlock({ blockTag: 'latest' })
        if (number < atLeast) throw unavailable('behind', provider, what, `it lacks block ${atLeast}`)
        return { number, hash, timestamp }
      })
      const read = (call: ReadCall) =>
        readContract(providers, { ...(call as unknown as ContractRead), block: block.number })
      return { block, read: read as unknown as SnapshotRead }
    } catch (error) {
      if (unavailability(error) !== 'behind' || clock.now() >= deadline) throw error
      await sleep(clock, PAUSE_MS, chain.closed)
    }
  }
}

/** Blocks over which the time of a block is measured: an hour and a half of mainnet's. */
const TIMED_BLOCKS = 500n

/** Seconds from block to block lately; undefined on a chain without a regular rhythm, such as a test chain that mines on demand. */
export async function secondsPerBlock(chain: Chain, { number, timestamp }: BlockHead): Promise<number | undefined> {
  const span = number < TIMED_BLOCKS ? number : TIMED_BLOCKS
  if (span === 0n) return undefined
  const earlier = await chain.providers.ask('an earlier block', (client) =>
    client.getBlock({ blockNumber: number - span }),
  )
  const seconds = Number(timestamp - earlier.timestamp) / Number(span)
  return seconds > 0 ? seconds : undefined
}
