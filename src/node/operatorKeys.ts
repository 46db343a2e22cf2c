import type { Metrics } from '../metrics/registry.ts'
import { openKeyRing } from '../signer/keyRing.ts'
import { localKeys, type OperatorKeys } from '../signer/operatorKeys.ts'
import { createRemoteClient } from '../signer/remote/client.ts'
import { openRemoteKeys } from '../signer/remote/keys.ts'
import { declareRemoteMetrics } from '../signer/remote/metrics.ts'
import { loadTls } from '../signer/remote/tls.ts'
import type { Clock } from '../util/clock.ts'
import { LariatError } from '../util/errors.ts'
import type { Hex } from '../util/hex.ts'
import type { Log } from '../util/log.ts'
import type { LoadedConfig } from './config/load.ts'

export interface OperatorKeysOptions {
  readonly config: Pick<LoadedConfig, 'keys' | 'signer' | 'operator' | 'chain'>
  readonly genesisHash: Hex
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

/**
 * The keys that sign this operator's statements: of the keystore, or of the remote signer that the configuration names.
 * @throws LariatError `keystore.…`, `signer.…`
 */
export async function openOperatorKeys(options: OperatorKeysOptions): Promise<OperatorKeys> {
  const { config, genesisHash, clock, log, metrics } = options
  const { signer, keys } = config
  // declared whether or not a signer is configured: what a node can tell does not hang on its configuration
  declareRemoteMetrics(metrics)
  if (signer !== undefined) {
    const client = createRemoteClient({ url: signer.url, tls: await loadTls(signer.tls, clock.now(), log), clock })
    const { address: operator } = config.operator
    return openRemoteKeys({ client, clock, metrics, operator, chainId: config.chain.id, genesisHash })
  }
  // the configuration is checked for this when it is loaded
  if (keys.bls === undefined) throw new LariatError('config.invalid', 'neither keys.bls nor signer is configured')
  return localKeys(await openKeyRing(keys.bls, log))
}
