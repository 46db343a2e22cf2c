import type { LocalAccount } from 'viem'
import { type Identity, loadOrCreateIdentity } from '../p2p/identity.ts'
import { openEcdsaAccount } from '../signer/ecdsa.ts'
import { openBlsKeystore } from '../signer/keystore/bls.ts'
import { LariatError } from '../util/errors.ts'
import type { Log } from '../util/log.ts'
import type { Secret } from '../util/secret.ts'
import type { LoadedConfig } from './config/load.ts'
import { files } from './files.ts'

/** Everything that makes this node the one it is. */
export interface NodeIdentity {
  readonly account: LocalAccount
  readonly bls: Secret<Uint8Array>
  readonly p2p: Identity
}

/**
 * Opens the keystores and the libp2p key, which is made if there is none.
 * @throws LariatError `keystore.…`, `p2p.key…`, or `identity.account` when the ECDSA key is not the operator's
 */
export async function openIdentity(
  config: Pick<LoadedConfig, 'keys' | 'operator' | 'dataDir'>,
  log: Log,
): Promise<NodeIdentity> {
  const [account, bls, p2p] = await Promise.all([
    openEcdsaAccount(config.keys.ecdsa, log),
    openBlsKeystore(config.keys.bls, log),
    loadOrCreateIdentity(files(config.dataDir).p2pKey),
  ])
  if (account.address !== config.operator.address) {
    throw new LariatError(
      'identity.account',
      `keys.ecdsa is the key of ${account.address}, not of operator.address ${config.operator.address}: name the operator's keystore, or correct the address`,
      { account: account.address, operator: config.operator.address },
    )
  }
  return { account, bls, p2p }
}
