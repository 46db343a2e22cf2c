import type { LocalAccount } from 'viem'
import { permissionControllerAbi } from '../chain/abi/permissionController.ts'
import type { Chain } from '../chain/clients.ts'
import type { Deployment } from '../chain/deployment.ts'
import { takeSnapshot } from '../chain/snapshot.ts'
import { type Identity, loadOrCreateIdentity } from '../p2p/identity.ts'
import { openEcdsaAccount } from '../signer/ecdsa.ts'
import { LariatError } from '../util/errors.ts'
import type { Address } from '../util/hex.ts'
import type { Log } from '../util/log.ts'
import type { LoadedConfig } from './config/load.ts'
import { files } from './files.ts'

/** What makes this node the one it is, its signing keys apart (operatorKeys.ts). */
export interface NodeIdentity {
  readonly account: LocalAccount
  readonly p2p: Identity
}

/**
 * Opens the account's keystore and the libp2p key, which is made if there is none.
 * @throws LariatError `keystore.…`, `p2p.key…`
 */
export async function openIdentity(config: Pick<LoadedConfig, 'keys' | 'dataDir'>, log: Log): Promise<NodeIdentity> {
  const [account, p2p] = await Promise.all([
    openEcdsaAccount(config.keys.ecdsa, log),
    loadOrCreateIdentity(files(config.dataDir).p2pKey),
  ])
  return { account, p2p }
}

/**
 * Sees that the account that sends is the operator's, or one that it appointed or made an admin in the core: any other is a
 * mistake of the configuration.
 * @throws LariatError `identity.account`; what reading throws
 */
export async function checkAccount({
  chain,
  deployment,
  operator,
  account,
}: {
  readonly chain: Chain
  readonly deployment: Pick<Deployment, 'core'>
  readonly operator: Address
  readonly account: Address
}): Promise<void> {
  if (account === operator) return
  const { permissionController } = deployment.core
  if (permissionController !== undefined) {
    const { read } = await takeSnapshot(chain)
    const contract = { address: permissionController, abi: permissionControllerAbi } as const
    const [isAdmin, [targets]] = await Promise.all([
      read({ ...contract, functionName: 'isAdmin', args: [operator, account] }),
      read({ ...contract, functionName: 'getAppointeePermissions', args: [operator, account] }),
    ])
    if (isAdmin || targets.length > 0) return
  }
  throw new LariatError(
    'identity.account',
    `keys.ecdsa is the key of ${account}, not of operator.address ${operator}, nor of an account that this has appointed in the core: name the operator's keystore, or correct the address`,
    { account, operator },
  )
}
