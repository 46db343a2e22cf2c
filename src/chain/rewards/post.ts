import { erc20Abi } from 'viem'
import type { Address, Hex } from '../../util/hex.ts'
import { rewardsCoordinatorAbi } from '../abi/rewardsCoordinator.ts'
import type { Receipt, ServiceChain } from '../types.ts'
import type { Distribution } from './distribution.ts'
import { rewardsTree } from './tree.ts'

/** A root on chain. */
export interface PostedRoot {
  readonly root: Hex
  readonly rootIndex: number
  /** Unix seconds from which it can be claimed against. */
  readonly activatedAt: number
  /** Unix seconds up to which earnings are in it. */
  readonly endTimestamp: number
}

/**
 * Posts the root of a distribution: what a network's rewards updater does, here for testnets and tests.
 * @param options.chain sends from the coordinator's rewards updater
 * @param options.endTimestamp unix seconds, in the past, later than the last root's; the latest that is allowed unless given
 * @throws what `ServiceChain.write` throws
 */
export async function postRewards(options: {
  readonly chain: ServiceChain
  readonly coordinator: Address
  readonly distribution: Distribution
  readonly endTimestamp?: number
}): Promise<PostedRoot> {
  const { chain, coordinator, distribution } = options
  const contract = { address: coordinator, abi: rewardsCoordinatorAbi } as const
  const { root } = await rewardsTree(distribution)
  const endTimestamp = options.endTimestamp ?? Number(chain.head('latest').timestamp) - 1
  await chain.write({ ...contract, functionName: 'submitRoot', args: [root, endTimestamp] })
  const rootIndex = await chain.read({ ...contract, functionName: 'getRootIndexFromHash', args: [root] })
  const { activatedAt } = await chain.read({
    ...contract,
    functionName: 'getDistributionRootAtIndex',
    args: [BigInt(rootIndex)],
  })
  return { root, rootIndex, activatedAt, endTimestamp }
}

/** What operators get for a period that is over. */
export interface OperatorRewards {
  readonly token: Address
  /** In the token's smallest unit; in any order. */
  readonly rewards: readonly { readonly operator: Address; readonly amount: bigint }[]
  /** Stake that the rewards are for, with weights; in any order. */
  readonly strategies: readonly { readonly strategy: Address; readonly multiplier: bigint }[]
  /** Unix seconds and seconds, multiples of the coordinator's interval; the last whole interval unless given. */
  readonly period?: { readonly start: number; readonly duration: number }
  readonly description: string
}

/**
 * Pays operator-directed rewards of the chain's account, as an AVS of its own, into the coordinator, after approving the sum.
 * @throws what `ServiceChain.write` throws
 */
export async function payRewards(options: {
  readonly chain: ServiceChain
  readonly coordinator: Address
  readonly submission: OperatorRewards
}): Promise<Receipt> {
  const { chain, coordinator, submission } = options
  const contract = { address: coordinator, abi: rewardsCoordinatorAbi } as const
  const total = submission.rewards.reduce((sum, { amount }) => sum + amount, 0n)
  await chain.write({
    address: submission.token,
    abi: erc20Abi,
    functionName: 'approve',
    args: [coordinator, total],
  })
  const period = submission.period ?? (await lastInterval())
  return chain.write({
    ...contract,
    functionName: 'createOperatorDirectedAVSRewardsSubmission',
    args: [
      chain.account,
      [
        {
          strategiesAndMultipliers: submission.strategies.toSorted(ascending(({ strategy }) => strategy)),
          token: submission.token,
          operatorRewards: submission.rewards.toSorted(ascending(({ operator }) => operator)),
          startTimestamp: period.start,
          duration: period.duration,
          description: submission.description,
        },
      ],
    ],
  })

  async function lastInterval(): Promise<{ start: number; duration: number }> {
    const duration = await chain.read({ ...contract, functionName: 'CALCULATION_INTERVAL_SECONDS', args: [] })
    // one second off, as the period must be over
    const now = Number(chain.head('latest').timestamp) - 1
    return { start: now - (now % duration) - duration, duration }
  }
}

function ascending<T>(key: (entry: T) => Address): (a: T, b: T) => number {
  return (a, b) => (key(a).toLowerCase() < key(b).toLowerCase() ? -1 : 1)
}
