import { type AbiEvent, type GetLogsReturnType, parseAbiItem } from 'viem'
import type { Address } from '../util/hex.ts'
import type { Chain } from './clients.ts'
import type { OperatorSet } from './core.ts'
import { unavailability, unavailable } from './errors.ts'

/** Blocks of one request, to begin with: what most providers allow for the logs of one event. */
const MAX_RANGE = 10_000n

/** One kind of event of one contract in the blocks `from` to `to`; none when `to` is below `from`. */
export interface EventQuery<event extends AbiEvent> {
  readonly address: Address
  readonly event: event
  /** Values of indexed arguments. */
  readonly args?: Readonly<Record<string, unknown>>
  readonly from: bigint
  readonly to: bigint
}

/** All logs of a query, oldest first. @throws LariatError `chain.unavailable` */
export async function readEvents<const event extends AbiEvent>(
  { providers }: Pick<Chain, 'providers'>,
  { address, event, args, from, to }: EventQuery<event>,
): Promise<GetLogsReturnType<event, [event], true>> {
  const what = `the events ${event.name} of ${address}`
  const found: unknown[] = []
  let range = MAX_RANGE
  for (let start = from < 0n ? 0n : from; start <= to; ) {
    const end = start + range - 1n < to ? start + range - 1n : to
    try {
      const logs = await providers.ask(what, async (client, provider) => {
        // one that lacks the last block would answer with the logs it has
        if ((await client.getBlockNumber({ cacheTime: 0 })) < end) {
          throw unavailable('behind', provider, what, `it lacks block ${end}`)
        }
        const query = { address, event, args, strict: true, fromBlock: start, toBlock: end }
        return client.getLogs(query as Parameters<typeof client.getLogs>[0])
      })
      found.push(...logs)
      start = end + 1n
    } catch (error) {
      // a range that is too large shows as a refusal, an answer over the limit or a timeout
      const why = unavailability(error)
      if (start === end || why === undefined || why === 'unreachable' || why === 'behind') throw error
      range = (end - start + 1n) / 2n
    }
  }
  return found as GetLogsReturnType<event, [event], true>
}

/** An operator's leaving of a set. */
export interface Departure {
  readonly set: OperatorSet
  readonly block: bigint
}

/** Of IAllocationManager.sol; the core keeps the block only where no view function reads it. */
const LEFT = parseAbiItem(
  'event OperatorRemovedFromOperatorSet(address indexed operator, (address avs, uint32 id) operatorSet)',
)

/** The sets that the operator left in the blocks `from` to `to`, oldest first. @throws LariatError `chain.unavailable` */
export async function findDepartures(
  chain: Pick<Chain, 'providers'>,
  allocationManager: Address,
  operator: Address,
  from: bigint,
  to: bigint,
): Promise<readonly Departure[]> {
  const logs = await readEvents(chain, { address: allocationManager, event: LEFT, args: { operator }, from, to })
  return logs.map(({ args, blockNumber }) => ({ set: args.operatorSet, block: blockNumber }))
}
