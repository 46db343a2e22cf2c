import type { Address } from '../../src/util/hex.ts'
import { anvilAccount } from './anvil.ts'
import type { ShortCore } from './shortCore.ts'

const DAY = 86_400

/** A RewardsCoordinator of a chain, whose owner and updater is anvil's first account, and two tokens that account has. */
export interface RewardsOnChain {
  readonly coordinator: Address
  readonly gold: Address
  readonly silver: Address
}

/** Deploys a RewardsCoordinator with EigenLayer's limits. @param activationDelay seconds from a root until it is active */
export async function deployRewards(core: ShortCore, activationDelay: number): Promise<RewardsOnChain> {
  const owner = anvilAccount(0).address
  const batch = await core.batch()
  const { delegationManager, strategyManager, allocationManager, permissionController } = core.deployment.core
  const { timestamp } = await core.client.getBlock()
  const coordinator = batch.deploy(core.artifacts, 'RewardsCoordinator', [
    { delegationManager, strategyManager, allocationManager, permissionController },
    {
      calculationInterval: DAY,
      maxDuration: 70 * DAY,
      maxRetroactiveLength: 84 * DAY,
      maxFutureLength: 30 * DAY,
      genesisTimestamp: Math.floor(Number(timestamp) / DAY) * DAY - 84 * DAY,
    },
    { owner, rewardsUpdater: owner, activationDelay, defaultOperatorSplitBips: 1_000 },
  ])
  const token = (symbol: string): Address => {
    const address = batch.deploy(core.artifacts, 'TestToken', [symbol, symbol])
    const abi = core.artifacts.get('TestToken').abi
    batch.call({ what: 'mint', address, abi, functionName: 'mint', args: [owner, 10n ** 24n] })
    return address
  }
  const [gold, silver] = [token('gold'), token('silver')]
  await batch.land(new AbortController().signal)
  return { coordinator, gold, silver }
}
