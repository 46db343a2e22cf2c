import type { PublicClient } from 'viem'
import { delegationManagerAbi } from '../chain/abi/delegationManager.ts'
import { rewardsCoordinatorAbi } from '../chain/abi/rewardsCoordinator.ts'
import type { Distribution } from '../chain/rewards/distribution.ts'
import { createEarnings, shareReward } from '../chain/rewards/earnings.ts'
import type { Address } from '../util/hex.ts'

/** What a rewards updater does off chain: from what AVSs have paid, what everybody has earned. */
export interface Calculator {
  /** Reads what is new on chain. @returns what everybody has earned since the beginning; empty before the first payment */
  update(): Promise<Distribution>
}

/** The contracts of the core that say what was paid, and whose stake it is for. */
export interface RewardsCore {
  readonly rewardsCoordinator: Address
  readonly delegationManager: Address
}

/** A strategy as a submission names it. */
interface Weighed {
  readonly strategy: Address
  readonly multiplier: bigint
}

/**
 * Calculates from operator-directed submissions of whole AVSs, which the testnet's are. Stake counts as it is when a
 * submission is seen: a real network takes snapshots of the days that are paid for, and a testnet has none behind it.
 */
export function createCalculator(client: PublicClient, core: RewardsCore): Calculator {
  const coordinator = { address: core.rewardsCoordinator, abi: rewardsCoordinatorAbi } as const
  const delegation = { address: core.delegationManager, abi: delegationManagerAbi } as const
  const earnings = createEarnings()
  const everDelegated = new Set<Address>()
  let read = -1n

  /** Who is delegated to whom now. */
  async function stakersByOperator(): Promise<Map<Address, Address[]>> {
    const byOperator = new Map<Address, Address[]>()
    await Promise.all(
      [...everDelegated].map(async (staker) => {
        const operator = await client.readContract({ ...delegation, functionName: 'delegatedTo', args: [staker] })
        byOperator.set(operator, [...(byOperator.get(operator) ?? []), staker])
      }),
    )
    return byOperator
  }

  async function stakeOf(staker: Address, weighed: readonly Weighed[]): Promise<bigint> {
    const [shares] = await client.readContract({
      ...delegation,
      functionName: 'getWithdrawableShares',
      args: [staker, weighed.map(({ strategy }) => strategy)],
    })
    return weighed.reduce((sum, { multiplier }, i) => sum + (shares[i] ?? 0n) * multiplier, 0n)
  }

  return {
    async update() {
      const head = await client.getBlockNumber()
      if (head <= read) return earnings.distribution()
      const range = { fromBlock: read + 1n, toBlock: head, strict: true } as const
      const [delegated, paid] = await Promise.all([
        client.getContractEvents({ ...delegation, eventName: 'StakerDelegated', ...range }),
        client.getContractEvents({
          ...coordinator,
          eventName: 'OperatorDirectedAVSRewardsSubmissionCreated',
          ...range,
        }),
      ])
      for (const { args } of delegated) everDelegated.add(args.staker)
      const stakers = paid.length === 0 ? new Map<Address, Address[]>() : await stakersByOperator()
      const parts = await Promise.all(
        paid.flatMap(({ args: { avs, operatorDirectedRewardsSubmission: submission } }) =>
          submission.operatorRewards.map(async ({ operator, amount }) => ({
            token: submission.token,
            operator,
            amount,
            splitBps: await client.readContract({
              ...coordinator,
              functionName: 'getOperatorAVSSplit',
              args: [operator, avs],
            }),
            stakers: await Promise.all(
              (stakers.get(operator) ?? []).map(async (staker) => ({
                staker,
                stake: await stakeOf(staker, submission.strategiesAndMultipliers),
              })),
            ),
          })),
        ),
      )
      // only now that all was read: what failed half way is read again as a whole
      for (const part of parts) earnings.add(part.token, shareReward(part))
      read = head
      return earnings.distribution()
    },
  }
}
