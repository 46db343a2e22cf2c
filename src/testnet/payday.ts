import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { erc20Abi, type LocalAccount, maxUint256, type PublicClient } from 'viem'
import { rewardsCoordinatorAbi } from '../chain/abi/rewardsCoordinator.ts'
import { type Distribution, renderDistribution } from '../chain/rewards/distribution.ts'
import { lastInterval, type OperatorRewards, PAYING, payingArgs } from '../chain/rewards/submission.ts'
import { rewardsTree } from '../chain/rewards/tree.ts'
import type { Clock } from '../util/clock.ts'
import { writeFileAtomic } from '../util/files.ts'
import type { Address, Hex } from '../util/hex.ts'
import { Batch } from './batch.ts'
import { createCalculator, type RewardsCore } from './calculator.ts'
import type { Deployed } from './deploy.ts'
import type { Facts } from './report.ts'
import { createTask, type Task } from './task.ts'
import { wagesOf } from './wages.ts'

/** ms between payments: on a real network it is a week or so. */
const EVERY_MS = 20_000
/** Gas of a payment to 64 operators for stake in five strategies, doubled. */
const PAYING_GAS = 4_000_000n
const SMALL_GAS = 200_000n
/** Distributions that are kept: readers ask for the newest root's, and may be a few behind. */
const KEPT_FILES = 16
/** All stake counts alike. */
const MULTIPLIER = 10n ** 18n

/** Where what everybody has earned is published, by its root. @param folder of the testnet */
export const distributionFile = (folder: string, root: Hex | '{root}'): string =>
  join(folder, 'rewards', `${root}.json`)

/**
 * Pays the price service's operators for the rounds that they signed, and publishes what everybody has earned: what on a
 * real network the AVS's treasury and the rewards updater do.
 * @throws RangeError when the deployment pays no rewards
 */
export function createPayday(options: {
  readonly client: PublicClient
  /** Its price service has appointed `payer`, and its coordinator takes roots of `updater`. */
  readonly deployed: Deployed
  readonly payer: LocalAccount
  readonly updater: LocalAccount
  /** Of the testnet; that of the distributions is there. */
  readonly folder: string
  readonly facts: () => Facts
  readonly clock: Clock
  readonly onError: (what: string) => void
}): Task {
  const { client, deployed, payer, updater, folder, facts, clock, onError } = options
  const { deployment, priceFeeds } = deployed
  const { token, core } = payable(deployed)
  const coordinator = { address: core.rewardsCoordinator, abi: rewardsCoordinatorAbi } as const
  const calculator = createCalculator(client, core)
  /** As many as the collector has rounds. */
  const paidSlots = new Set<bigint>()
  const files: string[] = []
  let approved = false

  async function pay(signal: AbortSignal): Promise<void> {
    const { rounds, window, operators } = facts()
    const due = [...rounds.values()].filter(({ slot }) => !paidSlots.has(slot) && slot <= (window?.last ?? -1n))
    const rewards = wagesOf(due, operators)
    if (rewards.length === 0) return
    const [{ timestamp }, interval] = await Promise.all([
      client.getBlock(),
      client.readContract({ ...coordinator, functionName: 'CALCULATION_INTERVAL_SECONDS' }),
    ])
    const submission: OperatorRewards = {
      token,
      rewards,
      strategies: deployment.strategies.map(({ strategy }) => ({ strategy, multiplier: MULTIPLIER })),
      description: `${due.length} rounds of prices`,
    }
    const batch = await Batch.open(client, payer)
    if (!approved) {
      const args = [core.rewardsCoordinator, maxUint256]
      batch.call({ what: 'allowance', address: token, abi: erc20Abi, functionName: 'approve', args, gas: SMALL_GAS })
    }
    batch.call({
      what: 'payment',
      ...coordinator,
      functionName: PAYING,
      // the protocol pays for whole days that are over, and a testnet has no other than yesterday
      args: payingArgs(priceFeeds, submission, lastInterval(Number(timestamp), interval)),
      gas: PAYING_GAS,
    })
    await batch.land(signal)
    approved = true
    for (const { slot } of due) paidSlots.add(slot)
  }

  /** The file first: who reads the root finds its distribution. */
  async function publish(distribution: Distribution, signal: AbortSignal): Promise<void> {
    const { root } = await rewardsTree(distribution)
    const file = distributionFile(folder, root)
    if (files.includes(file)) return
    await writeFileAtomic(file, renderDistribution(distribution))
    const { timestamp } = await client.getBlock()
    const batch = await Batch.open(client, updater)
    const args = [root, Number(timestamp) - 1]
    batch.call({ what: 'root', ...coordinator, functionName: 'submitRoot', args, gas: SMALL_GAS })
    await batch.land(signal)
    files.push(file)
    for (const old of files.splice(0, Math.max(0, files.length - KEPT_FILES))) await rm(old, { force: true })
  }

  return createTask({
    everyMs: EVERY_MS,
    clock,
    onError: (what) => onError(`rewards of the price service: ${what}`),
    async work(signal) {
      await pay(signal)
      const distribution = await calculator.update()
      if (distribution.length > 0) await publish(distribution, signal)
    },
  })
}

function payable({ deployment, rewardToken: token }: Deployed): {
  readonly token: Address
  readonly core: RewardsCore
} {
  const { rewardsCoordinator, delegationManager } = deployment.core
  if (token === undefined || rewardsCoordinator === undefined) throw new RangeError('the deployment pays no rewards')
  return { token, core: { rewardsCoordinator, delegationManager } }
}
