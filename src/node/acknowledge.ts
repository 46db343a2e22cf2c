import { openChain } from '../chain/clients.ts'
import { loadDeployment } from '../chain/deployment.ts'
import { createMetrics } from '../metrics/registry.ts'
import { openDataStore } from '../store/sqlite/data.ts'
import { systemClock } from '../util/clock.ts'
import { silentLog } from '../util/log.ts'
import { loadConfig } from './config/load.ts'
import { files } from './files.ts'
import { PLUGINS } from './plugins.ts'
import { describeOne } from './selfcheck/slashed.ts'
import { openSlashes } from './selfcheck/slashes.ts'

export interface Acknowledged {
  /** The slashes, each in a line. */
  readonly slashes: readonly string[]
  /** Whether they are acknowledged now; false when `yes` was not given. */
  readonly done: boolean
}

/**
 * Shows the slashes of the operator that are not acknowledged, and with `yes` acknowledges exactly those. The node may run: it
 * sees it within seconds.
 * @throws LariatError `config.…`, `chain.…`, `store.…`
 */
export async function acknowledgeSlashes(configFile: string, yes: boolean): Promise<Acknowledged> {
  const config = await loadConfig(configFile, PLUGINS)
  const deployment = await loadDeployment(config.chain.deployment)
  const chain = await openChain({
    ...config.chain,
    genesisHash: deployment.genesisHash,
    clock: systemClock,
    log: silentLog,
    metrics: createMetrics(),
  })
  try {
    const data = openDataStore(files(config.dataDir).data)
    try {
      const slashes = openSlashes({
        chain,
        allocationManager: deployment.core.allocationManager,
        operator: config.operator.address,
        cursors: data.cursors,
      })
      const found = await slashes.read()
      const newest = found.at(-1)
      if (yes && newest !== undefined) slashes.acknowledge(newest.block)
      return { slashes: found.map(describeOne), done: yes }
    } finally {
      data.close()
    }
  } finally {
    chain.close()
  }
}
