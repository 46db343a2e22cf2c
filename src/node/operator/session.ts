import { type Deployment, loadDeployment } from '../../chain/deployment.ts'
import { openEcdsaAccount } from '../../signer/ecdsa.ts'
import { type Clock, systemClock } from '../../util/clock.ts'
import { LariatError } from '../../util/errors.ts'
import type { Address } from '../../util/hex.ts'
import type { Log } from '../../util/log.ts'
import { besideProgress } from '../../util/progress.ts'
import { type LoadedConfig, loadConfig } from '../config/load.ts'
import { files } from '../files.ts'
import { createLifecycle } from '../lifecycle.ts'
import { openLog } from '../logging.ts'
import { PLUGINS } from '../plugins.ts'
import { type Connection, connect } from './connection.ts'

export type { Sending, View } from './connection.ts'

/** What a command about the operator works with. */
export interface OperatorSession extends Connection {
  readonly config: LoadedConfig
  readonly deployment: Deployment
  readonly operator: Address
  readonly clock: Clock
  readonly log: Log
  close(): Promise<void>
}

export interface SessionOptions {
  /** Configuration file. */
  readonly config: string
  /** Whether transactions shall be sent: needs the ECDSA key, and that no other command sends on this data folder. */
  readonly send: boolean
}

/**
 * Opens configuration, deployment, chain and, to send, the operator's account.
 * @throws LariatError `config.…`, `deployment.…`, `chain.…`, `keystore.…`, `store.locked`, `operator.transactions`
 */
export async function openSession({ config: file, send }: SessionOptions): Promise<OperatorSession> {
  const config = await loadConfig(file, PLUGINS, { ecdsa: send })
  // results go to standard output, what happens meanwhile to standard error
  const log = openLog({ level: 'warn', format: 'pretty', destination: besideProgress() })
  const clock = systemClock
  // a signal simply ends the process: what was sent is written down, and the next run goes on from there
  const lifecycle = createLifecycle({ log, clock, signal: new AbortController().signal })
  try {
    const deployment = await loadDeployment(config.chain.deployment)
    if (deployment.chainId !== config.chain.id) {
      throw new LariatError(
        'config.mismatch',
        `${config.file}: chain.id is ${config.chain.id}, and ${config.chain.deployment} is of chain ${deployment.chainId}: correct one of them`,
      )
    }
    const account = send ? await openEcdsaAccount(config.keys.ecdsa, log) : undefined
    const { operatorFolder, transactions } = files(config.dataDir)
    const connection = await connect(lifecycle, {
      chain: { ...config.chain, genesisHash: deployment.genesisHash },
      sender:
        account === undefined
          ? undefined
          : {
              account,
              folder: operatorFolder,
              record: transactions(account.address),
              busy: 'in use by another lariat command that sends for this operator: wait until that has ended',
            },
      clock,
      log,
    })
    return {
      config,
      deployment,
      operator: config.operator.address,
      ...connection,
      clock,
      log,
      close: () => lifecycle.stop(),
    }
  } catch (error) {
    await lifecycle.stop()
    throw error
  }
}
