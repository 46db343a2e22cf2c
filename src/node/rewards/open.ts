import type { Deployment } from '../../chain/deployment.ts'
import { createLedger, type RewardsLedger } from '../../chain/rewards/ledger.ts'
import { openSource } from '../../chain/rewards/source.ts'
import type { Clock } from '../../util/clock.ts'
import { LariatError } from '../../util/errors.ts'
import type { Address } from '../../util/hex.ts'
import { createHttpClient } from '../../util/http.ts'
import type { LoadedConfig } from '../config/load.ts'

export interface OpenedRewards {
  readonly coordinator: Address
  readonly ledger: RewardsLedger
}

/**
 * The rewards that a configuration points to.
 * @throws LariatError `config.rewards` without a section `rewards`, `deployment.rewards` without a coordinator
 */
export function openRewards(
  config: Pick<LoadedConfig, 'file' | 'rewards' | 'chain'>,
  deployment: Deployment,
  clock: Clock,
): OpenedRewards {
  if (config.rewards === undefined) {
    throw new LariatError(
      'config.rewards',
      `${config.file} says nothing of rewards: add rewards.source, the file or URL of the distribution (docs/rewards.md)`,
      { file: config.file },
    )
  }
  const coordinator = deployment.core.rewardsCoordinator
  if (coordinator === undefined) {
    throw new LariatError(
      'deployment.rewards',
      `${config.chain.deployment} names no core.rewardsCoordinator: add its address, if this network has one`,
      { file: config.chain.deployment },
    )
  }
  const source = openSource(config.rewards.source, createHttpClient({ clock }))
  return { coordinator, ledger: createLedger(coordinator, source) }
}
