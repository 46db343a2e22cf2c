import { stopAfterSighting } from '../avs/secondSelf/gates.ts'
import { type CheckpointKey, type CheckpointSigner, openCheckpointKey } from '../signer/checkpoints.ts'
import type { KeystoreLocation } from '../signer/keystore/files.ts'
import { LariatError } from '../util/errors.ts'
import type { Address } from '../util/hex.ts'
import type { Log } from '../util/log.ts'
import { gateOf } from './selfcheck/gate.ts'
import type { Shared } from './service.ts'

/**
 * Opens `keys.checkpoints`.
 * @param others accounts that the key must not be of: who has a signature of 32 bytes by an account that holds or may do something
 * could pass it for that account’s consent elsewhere
 * @throws LariatError `keystore.…`, `config.mismatch`
 */
export async function openNodeCheckpointKey(
  location: KeystoreLocation,
  others: readonly (Address | undefined)[],
  log: Log,
): Promise<CheckpointKey> {
  const key = await openCheckpointKey(location, log)
  if (!others.includes(key.address)) return key
  key.close()
  throw new LariatError(
    'config.mismatch',
    `keys.checkpoints.keystore ${location.keystore} has the operator’s own account ${key.address}: make a key for checkpoints alone (lariat keys create --kind checkpoints --dir FOLDER)`,
    { file: location.keystore },
  )
}

/** The key as a service may use it: while a self-check that bears on signing fails, or another instance was seen, it signs no checkpoints either. */
export function checkpointSignerOf(
  key: CheckpointKey,
  shared: Pick<Shared, 'chain' | 'genesisHash' | 'operator' | 'guard' | 'clock' | 'log' | 'metrics'> &
    Pick<Shared, 'selfChecks' | 'sightings'>,
  service: string,
): CheckpointSigner {
  const { chain, genesisHash, operator, guard: store, clock, log, metrics, selfChecks, sightings } = shared
  return key.signer({
    chain: { chainId: chain.chainId, genesisHash },
    gates: [gateOf(selfChecks, service), stopAfterSighting(sightings)],
    ...{ operator, store, clock, metrics },
    log: log.child({ service }),
  })
}
