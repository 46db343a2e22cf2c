import { allocationManagerAbi } from '../../src/chain/abi/allocationManager.ts'
import { delegationManagerAbi } from '../../src/chain/abi/delegationManager.ts'
import { serviceManagerAbi } from '../../src/chain/abi/serviceManager.ts'
import type { OperatorSet } from '../../src/chain/core.ts'
import type { CoreAddresses } from '../../src/chain/deployment.ts'
import type { ChainReader } from '../../src/chain/types.ts'
import type { Address } from '../../src/util/hex.ts'

/** What an operator has in one strategy. */
export interface OperatorStake {
  readonly strategy: Address
  /** Shares delegated to it. */
  readonly shares: bigint
  /** Part of 1e18 of them that the set can slash now. */
  readonly magnitude: bigint
  /** A change of it that is on its way, and the block from which it counts. */
  readonly pending: { readonly magnitude: bigint; readonly effectBlock: number } | undefined
  /** Shares that the set can slash at any block from now to the next. */
  readonly slashable: bigint
}

/** How far an operator has come with one operator set. */
export interface OperatorStatus {
  readonly isOperator: boolean
  readonly isMember: boolean
  /** Whether the ServiceManager knows a BLS key of it. */
  readonly hasKey: boolean
  readonly stakes: readonly OperatorStake[]
}

/** @throws LariatError `chain.unavailable`, `chain.reverted`, `chain.no-contract` */
export async function readOperatorStatus(
  chain: ChainReader,
  addresses: CoreAddresses,
  operator: Address,
  set: OperatorSet,
  strategies: readonly Address[],
): Promise<OperatorStatus> {
  const delegation = { address: addresses.delegationManager, abi: delegationManagerAbi } as const
  const allocation = { address: addresses.allocationManager, abi: allocationManagerAbi } as const
  const list = [...strategies]
  const futureBlock = Number(chain.head('latest').number) + 1
  const [isOperator, isMember, key, shares, [slashable], allocations] = await Promise.all([
    chain.read({ ...delegation, functionName: 'isOperator', args: [operator] }),
    chain.read({ ...allocation, functionName: 'isMemberOfOperatorSet', args: [operator, set] }),
    chain.read({ address: set.avs, abi: serviceManagerAbi, functionName: 'keyOf', args: [operator] }),
    chain.read({ ...delegation, functionName: 'getOperatorShares', args: [operator, list] }),
    chain.read({
      ...allocation,
      functionName: 'getMinimumSlashableStake',
      args: [set, [operator], list, futureBlock],
    }),
    Promise.all(
      list.map((strategy) =>
        chain.read({ ...allocation, functionName: 'getAllocation', args: [operator, set, strategy] }),
      ),
    ),
  ])
  const stakes = list.map((strategy, i): OperatorStake => {
    const { currentMagnitude = 0n, pendingDiff = 0n, effectBlock = 0 } = allocations[i] ?? {}
    return {
      strategy,
      shares: shares[i] ?? 0n,
      magnitude: currentMagnitude,
      pending: pendingDiff === 0n ? undefined : { magnitude: currentMagnitude + pendingDiff, effectBlock },
      slashable: slashable?.[i] ?? 0n,
    }
  })
  return { isOperator, isMember, hasKey: key !== '0x', stakes }
}
