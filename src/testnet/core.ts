import type { CoreAddresses } from '../chain/deployment.ts'
import type { Address } from '../util/hex.ts'
import type { Artifacts } from './artifacts.ts'
import type { Batch } from './batch.ts'

/** Blocks that stake stays slashable after it is taken away; EigenLayer's mainnet value. */
export const DEALLOCATION_DELAY = 100_800
/** Blocks until a changed allocation delay holds; a devnet does not wait for it. */
const CONFIGURATION_DELAY = 0
/**
 * Blocks until a queued withdrawal may be completed. On a real network it is as long as stake stays slashable (100,800
 * blocks); here it is short, so that whoever tries a withdrawal sees its end.
 */
export const WITHDRAWAL_DELAY = 20
const DAY = 86_400
/** Of rewards: EigenLayer's mainnet values, but roots and splits hold at once. Seconds. */
const REWARDS_LIMITS = {
  calculationInterval: DAY,
  maxDuration: 70 * DAY,
  maxRetroactiveLength: 84 * DAY,
  maxFutureLength: 30 * DAY,
} as const
/** Operators' part of rewards unless they say otherwise, as on mainnet. */
const DEFAULT_SPLIT_BPS = 1_000
/** Unix second before which no period of rewards starts: a whole day, 84 of them ago at the earliest. */
const rewardsGenesis = (now: number) => Math.floor(now / DAY) * DAY - 84 * DAY
/** What KeyRegistrar signs for: EigenLayer's release that the core speaks the dialect of. */
const CORE_VERSION = '1.12.0'

/** All of the core that a testnet has. */
export type TestnetCore = Required<CoreAddresses>

/** Queues the creation of the restaking core. */
export function deployCore(
  batch: Batch,
  artifacts: Artifacts,
  of: {
    readonly owner: Address
    /** Who posts the roots of rewards; the owner unless given. */
    readonly rewardsUpdater?: Address | undefined
    /** Unix second. */
    readonly now: number
    /** Blocks. */
    readonly withdrawalDelay: number
  },
): TestnetCore {
  const { owner, rewardsUpdater = owner, now, withdrawalDelay } = of
  const permissionController = batch.deploy(artifacts, 'PermissionController', [])
  const delegationManager = batch.deploy(artifacts, 'DelegationManager', [permissionController, withdrawalDelay])
  const strategyManager = batch.deploy(artifacts, 'StrategyManager', [delegationManager, owner])
  const allocationManager = batch.deploy(artifacts, 'AllocationManager', [
    delegationManager,
    permissionController,
    DEALLOCATION_DELAY,
    CONFIGURATION_DELAY,
  ])
  batch.call({
    what: 'connecting the core',
    address: delegationManager,
    abi: artifacts.get('DelegationManager').abi,
    functionName: 'connect',
    args: [strategyManager, allocationManager],
    gas: 200_000n,
  })
  const keyRegistrar = batch.deploy(artifacts, 'KeyRegistrar', [permissionController, allocationManager, CORE_VERSION])
  const rewardsCoordinator = batch.deploy(artifacts, 'RewardsCoordinator', [
    { delegationManager, strategyManager, allocationManager, permissionController },
    { ...REWARDS_LIMITS, genesisTimestamp: rewardsGenesis(now) },
    { owner, rewardsUpdater, activationDelay: 0, defaultOperatorSplitBips: DEFAULT_SPLIT_BPS },
  ])
  return {
    permissionController,
    delegationManager,
    strategyManager,
    allocationManager,
    keyRegistrar,
    rewardsCoordinator,
  }
}
