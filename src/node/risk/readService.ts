import { allocationManagerAbi } from '../../chain/abi/allocationManager.ts'
import { serviceManagerAbi } from '../../chain/abi/serviceManager.ts'
import type { CoreAddresses } from '../../chain/deployment.ts'
import type { ChainReader } from '../../chain/types.ts'
import type { Address } from '../../util/hex.ts'
import { ethOf } from './loss.ts'
import type { WorthOf } from './worth.ts'

/** Operators of one call: with 16 strategies some 15M gas of reading, well below what providers allow. */
const PAGE = 50
/** Operators of one service that are looked at. More are told as not complete. */
export const MAX_MEMBERS = 1_000

export interface ServiceStake {
  /** Wei of ETH that the service can slash now, of all its operators. */
  readonly slashable: bigint
  /** False if there are more operators than are looked at, or strategies without a known worth: then it is too small. */
  readonly complete: boolean
}

/**
 * The slashable stake behind a service, at its worth: multipliers and caps that its weights may have play no part.
 * @throws LariatError `chain.unavailable`, `chain.reverted`, `chain.no-contract`
 */
export async function readServiceStake(
  chain: Pick<ChainReader, 'read' | 'head'>,
  core: CoreAddresses,
  serviceManager: Address,
  worthOf: WorthOf,
): Promise<ServiceStake> {
  const service = { address: serviceManager, abi: serviceManagerAbi } as const
  const allocation = { address: core.allocationManager, abi: allocationManagerAbi } as const
  const [id, strategies] = await Promise.all([
    chain.read({ ...service, functionName: 'operatorSetId', args: [] }),
    chain.read({ ...service, functionName: 'strategies', args: [] }),
  ])
  const set = { avs: serviceManager, id }
  const [all, worths] = await Promise.all([
    chain.read({ ...allocation, functionName: 'getMembers', args: [set] }),
    Promise.all(strategies.map(worthOf)),
  ])
  const members = all.slice(0, MAX_MEMBERS)
  const futureBlock = Number(chain.head('latest').number) + 1
  let slashable = 0n
  // One page after the other: they are the largest answers that a node asks for.
  for (let from = 0; from < members.length; from += PAGE) {
    const page = members.slice(from, from + PAGE)
    const args = [set, page, [...strategies], futureBlock] as const
    const stakes = await chain.read({ ...allocation, functionName: 'getMinimumSlashableStake', args })
    for (const row of stakes) {
      for (const [i, shares] of row.entries()) slashable += ethOf({ shares, worth: worths[i] })
    }
  }
  return { slashable, complete: all.length <= MAX_MEMBERS && worths.every((worth) => worth !== undefined) }
}
