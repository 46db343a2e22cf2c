import { allocationManagerAbi } from '../../chain/abi/allocationManager.ts'
import { delegationManagerAbi } from '../../chain/abi/delegationManager.ts'
import type { OperatorSet } from '../../chain/core.ts'
import type { CoreAddresses } from '../../chain/deployment.ts'
import type { ChainReader } from '../../chain/types.ts'
import type { Address } from '../../util/hex.ts'
import { type SetAllocation, type StakeAtRisk, type StrategyStake, stakeAtRisk } from './loss.ts'
import type { WorthOf } from './worth.ts'

/** Operator sets and strategies of one operator that are looked at: each takes a few calls. More are told as not complete. */
export const MAX_SETS = 64
export const MAX_STRATEGIES = 32

/** A set to which the operator allocates and that hands what it slashes to an address of its choice. */
export interface Redistribution {
  readonly set: OperatorSet
  readonly recipient: Address
}

export interface OperatorRisk extends StakeAtRisk {
  readonly redistributing: readonly Redistribution[]
  /** False if there are more sets or strategies than are looked at: then the figures are too small. */
  readonly complete: boolean
}

/**
 * What an operator's delegators can lose, and to whom. Reads the core at the newest block: about 4 calls a set and 2 a
 * strategy.
 * @throws LariatError `chain.unavailable`, `chain.reverted`, `chain.no-contract`
 */
export async function readOperatorRisk(
  chain: Pick<ChainReader, 'read'>,
  core: CoreAddresses,
  operator: Address,
  worthOf: WorthOf,
): Promise<OperatorRisk> {
  const allocation = { address: core.allocationManager, abi: allocationManagerAbi } as const
  const all = await chain.read({ ...allocation, functionName: 'getAllocatedSets', args: [operator] })
  const sets = await Promise.all(
    all.slice(0, MAX_SETS).map(async ({ avs, id }) => {
      const set = { avs, id }
      const [slashable, redistributing, strategies] = await Promise.all([
        chain.read({ ...allocation, functionName: 'isOperatorSlashable', args: [operator, set] }),
        chain.read({ ...allocation, functionName: 'isRedistributingOperatorSet', args: [set] }),
        chain.read({ ...allocation, functionName: 'getAllocatedStrategies', args: [operator, set] }),
      ])
      return { set, slashable, redistributing, strategies }
    }),
  )
  const everyStrategy = [...new Set(sets.flatMap(({ strategies }) => strategies))]
  const strategies = everyStrategy.slice(0, MAX_STRATEGIES)
  const [stakes, allocations, redistributing] = await Promise.all([
    readStakes(chain, core, operator, strategies, worthOf),
    Promise.all(
      sets
        .filter(({ slashable }) => slashable)
        .map(({ set, strategies: own }) =>
          Promise.all(
            own
              .filter((strategy) => strategies.includes(strategy))
              .map(async (strategy): Promise<SetAllocation> => {
                const args = [operator, set, strategy] as const
                const { currentMagnitude, pendingDiff } = await chain.read({
                  ...allocation,
                  functionName: 'getAllocation',
                  args,
                })
                return { set, strategy, magnitude: currentMagnitude + (pendingDiff > 0n ? pendingDiff : 0n) }
              }),
          ),
        ),
    ),
    Promise.all(
      sets
        .filter((each) => each.redistributing)
        .map(async ({ set }): Promise<Redistribution> => {
          const args = [set] as const
          const recipient = await chain.read({ ...allocation, functionName: 'getRedistributionRecipient', args })
          return { set, recipient }
        }),
    ),
  ])
  return {
    ...stakeAtRisk(stakes, allocations.flat()),
    redistributing,
    complete: all.length <= MAX_SETS && everyStrategy.length <= MAX_STRATEGIES,
  }
}

async function readStakes(
  chain: Pick<ChainReader, 'read'>,
  core: CoreAddresses,
  operator: Address,
  strategies: readonly Address[],
  worthOf: WorthOf,
): Promise<StrategyStake[]> {
  if (strategies.length === 0) return []
  const delegation = { address: core.delegationManager, abi: delegationManagerAbi } as const
  const list = [...strategies]
  const [shares, magnitudes, queued, worths] = await Promise.all([
    chain.read({ ...delegation, functionName: 'getOperatorShares', args: [operator, list] }),
    chain.read({
      address: core.allocationManager,
      abi: MAX_MAGNITUDES_ABI,
      functionName: 'getMaxMagnitudes',
      args: [operator, list],
    }),
    Promise.all(
      list.map((strategy) =>
        chain.read({ ...delegation, functionName: 'getSlashableSharesInQueue', args: [operator, strategy] }),
      ),
    ),
    Promise.all(list.map(worthOf)),
  ])
  return list.map((strategy, i) => ({
    strategy,
    shares: (shares[i] ?? 0n) + (queued[i] ?? 0n),
    maxMagnitude: magnitudes[i] ?? 0n,
    worth: worths[i],
  }))
}

/** One of two functions of this name, so that the arguments decide nothing. */
const MAX_MAGNITUDES_ABI = [
  {
    type: 'function',
    name: 'getMaxMagnitudes',
    inputs: [
      { name: 'operator', type: 'address' },
      { name: 'strategies', type: 'address[]' },
    ],
    outputs: [{ name: '', type: 'uint64[]' }],
    stateMutability: 'view',
  },
] as const
