import type { Address } from '../util/hex.ts'
import type { Artifacts } from './artifacts.ts'
import type { Batch } from './batch.ts'
import { PARAMETERS, type WEIGHT } from './deploy.ts'

/** How the randomness beacon of a testnet runs; times in seconds, phases in blocks of a second. */
export interface RandomnessSettings {
  readonly period: number
  readonly dealBlocks: number
  readonly complaintBlocks: number
  readonly foldBlocks: number
  /** Seconds between epochs at the least; that of all services when left out. */
  readonly minEpochAge?: number
  /** Length of a window of conduct, seconds; ten minutes when left out. */
  readonly windowSeconds?: number
  /** Seconds from the end of key generation to round 1, and from a resharing to its first round. */
  readonly startDelay?: number
  readonly switchDelay?: number
}

/** Its contracts. */
export interface TestnetRandomness {
  readonly service: Address
  readonly beacon: Address
  readonly keyGeneration: Address
}

/** Length of a window of conduct, seconds: who is away for more than half of one is thrown out, and people kill nodes to see what happens. */
const WINDOW_SECONDS = 600
/** Part of its stake that an operator loses which is convicted in key generation: a tenth. */
const CONVICTION_WAD = 10n ** 17n
/** Blocks from one session to the next: members register their next keys meanwhile. */
const GAP_BLOCKS = 5
/** Finality, and a poll or two. */
const START_DELAY = 6
const SWITCH_DELAY = 8

/** Queues the creation of the beacon's contracts, on a core with these strategies and what their stake counts for. @returns the addresses that they will have */
export function deployRandomness(
  batch: Batch,
  artifacts: Artifacts,
  options: {
    readonly allocationManager: Address
    readonly owner: Address
    /** Unix second. */
    readonly genesis: number
    readonly stake: readonly { readonly strategy: Address; readonly weight: typeof WEIGHT }[]
    readonly settings: RandomnessSettings
  },
): TestnetRandomness {
  const { allocationManager, owner, genesis, stake, settings } = options
  const { period, dealBlocks, complaintBlocks, foldBlocks } = settings
  const { startDelay = START_DELAY, switchDelay = SWITCH_DELAY } = settings
  const { minEpochAge = PARAMETERS.minEpochAge, windowSeconds = WINDOW_SECONDS } = settings
  const service = batch.deploy(artifacts, 'RandomnessService', [
    // an epoch's grace may not outlast the next one's age
    { ...PARAMETERS, minEpochAge, grace: Math.min(PARAMETERS.grace, minEpochAge) },
    allocationManager,
    owner,
    BigInt(genesis),
    windowSeconds,
    CONVICTION_WAD,
  ])
  const beacon = batch.deploy(artifacts, 'RandomnessBeacon', [service, period, PARAMETERS.secondsPerBlock, 0])
  const timing = {
    ...{ dealBlocks, complaintBlocks, foldBlocks, gapBlocks: GAP_BLOCKS },
    ...{ startDelay, switchDelay },
  }
  const keyGeneration = batch.deploy(artifacts, 'KeyGeneration', [service, beacon, timing])
  const { abi } = artifacts.get('RandomnessService')
  batch.call({
    what: 'naming the contract of key generation',
    ...{ address: service, abi, functionName: 'setKeyGeneration', args: [keyGeneration] },
  })
  batch.call({
    what: 'setting the randomness service up in the core',
    ...{ address: service, abi, functionName: 'initialize' },
    args: ['https://lariat.invalid/testnet', stake.map(({ strategy }) => strategy), stake.map(({ weight }) => weight)],
  })
  return { service, beacon, keyGeneration }
}
