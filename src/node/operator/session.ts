import { type Chain, openChain } from '../../chain/clients.ts'
import { type Deployment, loadDeployment } from '../../chain/deployment.ts'
import { createSender, type TransactionSender } from '../../chain/sender.ts'
import { type Snapshot, secondsPerBlock, takeSnapshot } from '../../chain/snapshot.ts'
import { createMetrics } from '../../metrics/registry.ts'
import { openEcdsaAccount } from '../../signer/ecdsa.ts'
import { lockFolder } from '../../store/lock.ts'
import { type Clock, systemClock } from '../../util/clock.ts'
import { LariatError } from '../../util/errors.ts'
import type { Address } from '../../util/hex.ts'
import type { Log } from '../../util/log.ts'
import { type LoadedConfig, loadConfig } from '../config/load.ts'
import { files } from '../files.ts'
import { createLifecycle } from '../lifecycle.ts'
import { openLog } from '../logging.ts'
import { PLUGINS } from '../plugins.ts'
import { openTransactions, type TransactionsFile } from './transactions.ts'
import type { BlockTimes } from './words.ts'

/** What a command about the operator works with. */
export interface OperatorSession {
  readonly config: LoadedConfig
  readonly deployment: Deployment
  readonly operator: Address
  readonly chain: Chain
  readonly clock: Clock
  readonly log: Log
  /** What sends, and what it sent before; undefined when nothing shall be sent. */
  readonly sending: Sending | undefined
  /** The chain's state now, not older than what this session saw before. */
  look(): Promise<View>
  close(): Promise<void>
}

export interface Sending {
  /** The account of keys.ecdsa: the operator, or one that it appointed. */
  readonly account: Address
  readonly sender: TransactionSender
  readonly transactions: TransactionsFile
}

/** The chain as of one block, with the rhythm of its blocks. */
export interface View extends Snapshot, BlockTimes {}

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
  const log = openLog({ level: 'warn', format: 'pretty', destination: process.stderr })
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
    const chain = await lifecycle.open(
      'chain',
      () => openChain({ ...config.chain, genesisHash: deployment.genesisHash, clock, log, metrics: createMetrics() }),
      (opened) => opened.close(),
    )
    let seen = 0n
    let sending: Sending | undefined
    if (account !== undefined) {
      const { operatorFolder, transactions: path } = files(config.dataDir)
      await lifecycle.open(
        'operator commands',
        () =>
          lockFolder(
            operatorFolder,
            'in use by another lariat command that sends for this operator: wait until that has ended',
          ),
        (lock) => lock.release(),
      )
      const transactions = await openTransactions(path(account.address), {
        genesisHash: chain.genesisHash,
        account: account.address,
      })
      const record = {
        keep: transactions.keep,
        async settle(...[nonce, receipt]: Parameters<TransactionsFile['settle']>) {
          if (receipt !== undefined && receipt.blockNumber > seen) seen = receipt.blockNumber
          await transactions.settle(nonce, receipt)
        },
      }
      const sender = await lifecycle.open(
        'transactions',
        () => createSender({ chain, account, log, record }),
        (opened) => opened.close(),
      )
      sending = { account: account.address, sender, transactions }
    }
    return {
      config,
      deployment,
      operator: config.operator.address,
      chain,
      clock,
      log,
      sending,
      async look() {
        const snapshot = await takeSnapshot(chain, seen)
        seen = snapshot.block.number
        return { ...snapshot, now: snapshot.block, seconds: await secondsPerBlock(chain, snapshot.block) }
      },
      close: () => lifecycle.stop(),
    }
  } catch (error) {
    await lifecycle.stop()
    throw error
  }
}
