import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getAddress } from 'viem'
import { type Deployment, type LstEntry, loadDeployment } from '../../chain/deployment.ts'
import { openEcdsaAccount } from '../../signer/ecdsa.ts'
import { parseJson } from '../../signer/keystore/files.ts'
import { parseV3 } from '../../signer/keystore/v3.ts'
import { systemClock } from '../../util/clock.ts'
import { LariatError } from '../../util/errors.ts'
import type { Address } from '../../util/hex.ts'
import { besideProgress } from '../../util/progress.ts'
import { createLifecycle } from '../lifecycle.ts'
import { openLog } from '../logging.ts'
import { type Connection, connect } from '../operator/connection.ts'
import { createIntents, type Intents } from './intents.ts'
import type { StakeSetup } from './setup.ts'

/** What a command of a staker works with. */
export interface StakeSession extends Connection {
  readonly deployment: Deployment
  readonly lrt: NonNullable<Deployment['lrt']>
  readonly lsts: readonly LstEntry[]
  readonly account: Address
  /** What an earlier run began; undefined when nothing shall be sent. */
  readonly intents: Intents | undefined
  close(): Promise<void>
}

/**
 * Opens deployment, chain and, to send, the staker's key.
 * @throws LariatError `deployment.…`, `stake.no-lrt`, `usage.stake`, `chain.…`, `keystore.…`, `store.locked`
 */
export async function openStakeSession(setup: StakeSetup, send: boolean): Promise<StakeSession> {
  const log = openLog({ level: 'warn', format: 'pretty', destination: besideProgress() })
  const clock = systemClock
  // a signal simply ends the process: what was sent is written down, and the next run goes on from there
  const lifecycle = createLifecycle({ log, clock, signal: new AbortController().signal })
  try {
    const deployment = await loadDeployment(setup.deployment)
    const { lrt, lsts = [] } = deployment
    if (lrt === undefined || lsts.length === 0) {
      throw new LariatError(
        'stake.no-lrt',
        `${setup.deployment} names no LSTs and no LRT: there is nothing to stake in`,
      )
    }
    const signer = send ? await openKey(setup, log) : undefined
    const account = signer?.address ?? setup.account ?? (await addressOf(setup))
    const folder = join(setup.dataDir)
    const connection = await connect(lifecycle, {
      chain: {
        id: deployment.chainId,
        rpc: setup.rpc.map((url) => ({ url })),
        // whoever names one provider has chosen to believe it
        singleProvider: setup.rpc.length === 1,
        genesisHash: deployment.genesisHash,
      },
      sender:
        signer === undefined
          ? undefined
          : {
              account: signer,
              folder,
              record: join(folder, `transactions-${account}.json`),
              busy: 'in use by another lariat stake command: wait until that has ended',
            },
      clock,
      log,
    })
    return {
      ...connection,
      ...{ deployment, lrt, lsts, account },
      intents: send ? createIntents(join(folder, `intent-${account}.json`), connection.chain.genesisHash) : undefined,
      close: () => lifecycle.stop(),
    }
  } catch (error) {
    await lifecycle.stop()
    throw error
  }
}

async function openKey({ key }: StakeSetup, log: ReturnType<typeof openLog>) {
  if (key === undefined) {
    throw new LariatError('usage.stake', 'to send, give --keystore FILE and --password-file FILE; or use --calldata')
  }
  const { keystore, passwordFile } = key
  if (passwordFile === undefined)
    throw new LariatError('usage.stake', 'give --password-file FILE, the keystore’s password')
  return openEcdsaAccount({ keystore, passwordFile }, log)
}

/** A keystore tells its address without its password. */
async function addressOf({ key }: StakeSetup): Promise<Address> {
  if (key === undefined) throw new LariatError('usage.stake', 'give --account ADDRESS or --keystore FILE')
  const text = await readFile(key.keystore, 'utf8').catch((error: unknown) => {
    throw new LariatError('keystore.missing-file', `${key.keystore}: cannot be read; name a v3 keystore`, {}, error)
  })
  const { address } = parseV3(key.keystore, parseJson(key.keystore, text))
  if (address === undefined) {
    throw new LariatError('usage.stake', `${key.keystore} does not tell its address: give --account ADDRESS`)
  }
  return getAddress(`0x${address.replace(/^0x/, '')}`)
}
