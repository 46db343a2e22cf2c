import type { Clock } from '../util/clock.ts'
import type { Artifacts } from './artifacts.ts'
import { Batch, localClient } from './batch.ts'
import { countedStake, type Deployed } from './deploy.ts'
import { ACCOUNTS } from './network.ts'
import { deployRandomness, type TestnetRandomness } from './randomness.ts'

/**
 * Blocks of a second for the phases of key generation. Nodes act on final blocks, which lag two, and one that is killed is back
 * within ten; dealings of many operators take their machine's cores a while.
 */
const phasesOf = (operators: number) => ({
  dealBlocks: 15 + Math.ceil(operators / 2),
  complaintBlocks: 10 + Math.ceil(operators / 4),
  foldBlocks: 30,
})

/** Puts the beacon's contracts on chain, which wait for operators then. @param period seconds from round to round */
export async function deployBeacon(options: {
  readonly rpcUrl: string
  readonly artifacts: Artifacts
  readonly deployed: Deployed
  readonly operators: number
  readonly period: number
  readonly clock: Clock
  readonly signal: AbortSignal
}): Promise<TestnetRandomness> {
  const { rpcUrl, artifacts, deployed, operators, period, clock, signal } = options
  const batch = await Batch.open(localClient(rpcUrl), ACCOUNTS.beacon)
  const contracts = deployRandomness(batch, artifacts, {
    allocationManager: deployed.deployment.core.allocationManager,
    owner: ACCOUNTS.beacon.address,
    genesis: Math.floor(clock.now() / 1_000),
    stake: countedStake(deployed.deployment),
    settings: { period, ...phasesOf(operators) },
  })
  await batch.land(signal)
  return contracts
}
