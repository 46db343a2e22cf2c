import type { Abi } from 'viem'
import { allocationManagerAbi } from './abi/allocationManager.ts'
import { delegationManagerAbi } from './abi/delegationManager.ts'
import { keyRegistrarAbi } from './abi/keyRegistrar.ts'
import { lrtEntryAbi } from './abi/lrtEntry.ts'
import { lrtVaultAbi } from './abi/lrtVault.ts'
import { permissionControllerAbi } from './abi/permissionController.ts'
import { rETHAbi } from './abi/rETH.ts'
import { rewardsCoordinatorAbi } from './abi/rewardsCoordinator.ts'
import { serviceManagerAbi } from './abi/serviceManager.ts'
import { stakingPoolAbi } from './abi/stakingPool.ts'
import { strategyAbi } from './abi/strategy.ts'
import { strategyManagerAbi } from './abi/strategyManager.ts'
import { testTokenAbi } from './abi/testToken.ts'
import { validatorsAbi } from './abi/validators.ts'
import { wstETHAbi } from './abi/wstETH.ts'
import { CORE_REFUSALS } from './refusals/core.ts'
import { LRT_REFUSALS } from './refusals/lrt.ts'
import { LST_REFUSALS } from './refusals/lst.ts'
import { REWARDS_REFUSALS } from './refusals/rewards.ts'
import { SERVICE_REFUSALS } from './refusals/services.ts'

const SENTENCES: ReadonlyMap<string, string> = new Map(
  [CORE_REFUSALS, LRT_REFUSALS, LST_REFUSALS, REWARDS_REFUSALS, SERVICE_REFUSALS].flatMap((refusals) =>
    Object.entries(refusals),
  ),
)

/** What a contract's error means: why it refused and how to mend it. Undefined for one that we have no words for. */
export function explainRefusal(error: string): string | undefined {
  return SENTENCES.get(error)
}

/** Contracts whose errors may come up through a call to another one. */
const ABIS: readonly Abi[] = [
  delegationManagerAbi,
  strategyManagerAbi,
  strategyAbi,
  allocationManagerAbi,
  permissionControllerAbi,
  rewardsCoordinatorAbi,
  keyRegistrarAbi,
  serviceManagerAbi,
  testTokenAbi,
  stakingPoolAbi,
  wstETHAbi,
  rETHAbi,
  validatorsAbi,
  lrtVaultAbi,
  lrtEntryAbi,
]

const declared = ABIS.flatMap((abi) => abi.filter((item) => item.type === 'error'))
const names = new Set(declared.map(({ name }) => name))

/** Every error that we have words for; those that only the real core has take no arguments. */
export const KNOWN_ERRORS: Abi = [
  ...declared,
  ...[...SENTENCES.keys()]
    .filter((name) => !names.has(name))
    .map((name) => ({ type: 'error', name, inputs: [] }) as const),
]
