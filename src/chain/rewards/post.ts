import { erc20Abi } from 'viem'
import type { Address, Hex } from '../../util/hex.ts'
import { rewardsCoordinatorAbi } from '../abi/rewardsCoordinator.ts'
import type { Receipt, ServiceChain } from '../types.ts'
import type { Distribution } from './distribution.ts'
import { lastInterval, type OperatorRewards, PAYING, payingArgs, totalOf } from './submission.ts'
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

/**
 * Pays operator-directed rewards into the coordinator from the chain's account, after approving the sum.
 * @param options.avs in whose name: the AVS must have appointed the account for `PAYING_SELECTOR` on the coordinator
 * (`ServiceManager.setAppointee`); the account itself unless given
 * @throws what `ServiceChain.write` throws
 */
export async function payRewards(options: {
  readonly chain: ServiceChain
  readonly coordinator: Address
  readonly avs?: Address
  readonly submission: OperatorRewards
}): Promise<Receipt> {
  const { chain, coordinator, submission, avs = chain.account } = options
  const contract = { address: coordinator, abi: rewardsCoordinatorAbi } as const
  await chain.write({
    address: submission.token,
    abi: erc20Abi,
    functionName: 'approve',
    args: [coordinator, totalOf(submission)],
  })
  const period = submission.period ?? lastInterval(Number(chain.head('latest').timestamp), await interval())
  return chain.write({ ...contract, functionName: PAYING, args: payingArgs(avs, submission, period) })

  function interval(): Promise<number> {
    return chain.read({ ...contract, functionName: 'CALCULATION_INTERVAL_SECONDS', args: [] })
  }
}
