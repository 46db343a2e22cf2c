import { parseAbiItem } from 'viem'
import type { Address } from '../util/hex.ts'
import type { Chain } from './clients.ts'
import type { OperatorSet } from './core.ts'
import { unavailability, unavailable } from './errors.ts'

/** An operator's leaving of a set. */
export interface Departure {
  readonly set: OperatorSet
  readonly block: bigint
}

/** Of IAllocationManager.sol; the core keeps the block only where no view function reads it. */
const LEFT = parseAbiItem(
  'event OperatorRemovedFromOperatorSet(address indexed operator, (address avs, uint32 id) operatorSet)',
)
/** Blocks of one request, to begin with: what most providers allow for logs of one topic. */
const MAX_RANGE = 10_000n

/**
 * The sets that the operator left in the blocks `from` to `to`, oldest first.
 * @throws LariatError `chain.unavailable`
 */
export async function findDepartures(
  { providers }: Pick<Chain, 'providers'>,
  allocationManager: Address,
  operator: Address,
  from: bigint,
  to: bigint,
): Promise<readonly Departure[]> {
  const what = `the sets that ${operator} left`
  const found: Departure[] = []
  let range = MAX_RANGE
  for (let start = from; start <= to; ) {
    const end = start + range - 1n < to ? start + range - 1n : to
    try {
      const logs = await providers.ask(what, async (client, provider) => {
        // one that lacks the last block would answer with the logs it has
        if ((await client.getBlockNumber({ cacheTime: 0 })) < end) {
          throw unavailable('behind', provider, what, `it lacks block ${end}`)
        }
        return client.getLogs({
          address: allocationManager,
          event: LEFT,
          args: { operator },
          strict: true,
          fromBlock: start,
          toBlock: end,
        })
      })
      for (const { args, blockNumber } of logs) found.push({ set: args.operatorSet, block: blockNumber })
      start = end + 1n
    } catch (error) {
      // a range that is too large shows as a refusal, an answer over the limit or a timeout
      const why = unavailability(error)
      if (start === end || why === undefined || why === 'unreachable' || why === 'behind') throw error
      range = (end - start + 1n) / 2n
    }
  }
  return found
}
