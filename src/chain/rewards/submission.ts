import { type ContractFunctionArgs, getAbiItem, toFunctionSelector } from 'viem'
import type { Address, Hex } from '../../util/hex.ts'
import { rewardsCoordinatorAbi } from '../abi/rewardsCoordinator.ts'

/** The coordinator's function by which an AVS pays operators by name. */
export const PAYING = 'createOperatorDirectedAVSRewardsSubmission'
/** What somebody must be appointed for, on the coordinator, to pay in an AVS's name. */
export const PAYING_SELECTOR: Hex = toFunctionSelector(getAbiItem({ abi: rewardsCoordinatorAbi, name: PAYING }))

/** Unix seconds and seconds, multiples of the coordinator's `CALCULATION_INTERVAL_SECONDS`. */
export interface RewardsPeriod {
  readonly start: number
  readonly duration: number
}

/** What operators get for a period that is over. */
export interface OperatorRewards {
  readonly token: Address
  /** In the token's smallest unit; in any order. */
  readonly rewards: readonly { readonly operator: Address; readonly amount: bigint }[]
  /** Stake that the rewards are for, with weights; in any order. */
  readonly strategies: readonly { readonly strategy: Address; readonly multiplier: bigint }[]
  /** The last whole interval unless given. */
  readonly period?: RewardsPeriod
  readonly description: string
}

type Args = ContractFunctionArgs<typeof rewardsCoordinatorAbi, 'nonpayable', typeof PAYING>

/** Arguments of the call that pays: the core wants operators and strategies in ascending order. */
export function payingArgs(avs: Address, rewards: OperatorRewards, period: RewardsPeriod): Args {
  return [
    avs,
    [
      {
        strategiesAndMultipliers: rewards.strategies.toSorted(ascending(({ strategy }) => strategy)),
        token: rewards.token,
        operatorRewards: rewards.rewards.toSorted(ascending(({ operator }) => operator)),
        startTimestamp: period.start,
        duration: period.duration,
        description: rewards.description,
      },
    ],
  ]
}

/**
 * The last whole interval that is over.
 * @param now unix seconds, of the newest block
 * @param interval seconds, the coordinator's
 */
export function lastInterval(now: number, interval: number): RewardsPeriod {
  // one second off, as the period must be over
  const end = now - 1 - ((now - 1) % interval)
  return { start: end - interval, duration: interval }
}

/** Of all `rewards`, in the token's smallest unit. */
export function totalOf({ rewards }: Pick<OperatorRewards, 'rewards'>): bigint {
  return rewards.reduce((sum, { amount }) => sum + amount, 0n)
}

function ascending<T>(key: (entry: T) => Address): (a: T, b: T) => number {
  return (a, b) => (key(a).toLowerCase() < key(b).toLowerCase() ? -1 : 1)
}
