import { allocationManagerAbi } from '../../chain/abi/allocationManager.ts'
import type { CoreAddresses } from '../../chain/deployment.ts'
import type { Snapshot } from '../../chain/snapshot.ts'
import type { Address } from '../../util/hex.ts'
import { list } from '../operator/words.ts'
import { CHAIN_EVERY_MS, CHAIN_TRUST_MS } from './registration.ts'
import { type Finding, fail, type SelfCheck, warn } from './types.ts'

/** AVSs to which the operator has allocated stake, or will when what is pending counts. @throws LariatError `chain.…` */
export async function readEncumbering(
  { read }: Pick<Snapshot, 'read'>,
  core: CoreAddresses,
  operator: Address,
): Promise<readonly Address[]> {
  const allocation = { address: core.allocationManager, abi: allocationManagerAbi } as const
  // the core goes on listing sets whose stake was taken back until somebody clears its queue
  const sets = await read({ ...allocation, functionName: 'getAllocatedSets', args: [operator] })
  const avss = await Promise.all(
    sets.map(async ({ avs, id }) => {
      const args = [operator, { avs, id }] as const
      const strategies = await read({ ...allocation, functionName: 'getAllocatedStrategies', args })
      const allocations = await Promise.all(
        strategies.map((strategy) => read({ ...allocation, functionName: 'getAllocation', args: [...args, strategy] })),
      )
      return allocations.some((each) => each.currentMagnitude > 0n || each.pendingDiff > 0n) ? [avs] : []
    }),
  )
  return [...new Map(avss.flat().map((avs) => [avs.toLowerCase(), avs])).values()]
}

export interface EncumberedOptions {
  readonly avss: () => Promise<readonly Address[]>
  /** AVSs that this node serves, or that are named as served elsewhere. */
  readonly known: readonly Address[]
  /** `checks.maxAvss` */
  readonly most: number | undefined
}

/** Stake is promised to nobody but those whom somebody serves. */
export function encumberedCheck({ avss, known, most }: EncumberedOptions): SelfCheck {
  return {
    name: 'encumbered',
    everyMs: CHAIN_EVERY_MS,
    trustMs: CHAIN_TRUST_MS,
    run: async () => findEncumbering(await avss(), known, most),
  }
}

export function findEncumbering(
  avss: readonly Address[],
  known: readonly Address[],
  most: number | undefined,
): Finding | undefined {
  const names = new Set(known.map((address) => address.toLowerCase()))
  const unserved = avss.filter((address) => !names.has(address.toLowerCase()))
  if (unserved.length > 0) {
    return fail(
      `stake is allocated to ${list(unserved)}, which this node does not serve: list it under services, name it in operator.servedElsewhere, or take the stake back with lariat operator deallocate`,
    )
  }
  return most !== undefined && avss.length > most
    ? warn(`stake is allocated to ${avss.length} AVSs, and checks.maxAvss is ${most}: take some back, or raise it`)
    : undefined
}
