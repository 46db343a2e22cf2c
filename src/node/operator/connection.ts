import type { LocalAccount } from 'viem'
import { type Chain, type ChainOptions, openChain } from '../../chain/clients.ts'
import { createSender, type TransactionSender } from '../../chain/sender.ts'
import { type Snapshot, secondsPerBlock, takeSnapshot } from '../../chain/snapshot.ts'
import { createMetrics } from '../../metrics/registry.ts'
import { lockFolder } from '../../store/lock.ts'
import type { Clock } from '../../util/clock.ts'
import type { Address } from '../../util/hex.ts'
import type { Log } from '../../util/log.ts'
import type { Lifecycle } from '../lifecycle.ts'
import { openTransactions, type TransactionsFile } from './transactions.ts'
import type { BlockTimes } from './words.ts'

/** The chain as of one block, with the rhythm of its blocks. */
export interface View extends Snapshot, BlockTimes {}

/** What sends, and what it sent before. */
export interface Sending {
  /** Whose key is used. */
  readonly account: Address
  readonly sender: TransactionSender
  readonly transactions: TransactionsFile
}

/** A chain as a command uses it. */
export interface Connection {
  readonly chain: Chain
  /** Undefined when nothing shall be sent. */
  readonly sending: Sending | undefined
  /** The chain's state now, not older than what this command saw before. */
  look(): Promise<View>
}

export interface ConnectOptions {
  readonly chain: Pick<ChainOptions, 'id' | 'rpc' | 'singleProvider' | 'genesisHash'>
  readonly sender:
    | {
        readonly account: LocalAccount
        /** Of the lock: one command at a time sends there. */
        readonly folder: string
        /** File of the record of transactions. */
        readonly record: string
        /** What is said of `folder` when another command holds the lock. */
        readonly busy: string
      }
    | undefined
  readonly clock: Clock
  readonly log: Log
}

/**
 * Opens the chain and, to send, the lock, the record and the sender; `lifecycle` closes them.
 * @throws LariatError `chain.…`, `store.locked`, `operator.transactions`
 */
export async function connect(lifecycle: Lifecycle, options: ConnectOptions): Promise<Connection> {
  const { clock, log, sender: wanted } = options
  const chain = await lifecycle.open(
    'chain',
    () => openChain({ ...options.chain, unagreed: true, clock, log, metrics: createMetrics() }),
    (opened) => opened.close(),
  )
  let seen = 0n
  let sending: Sending | undefined
  if (wanted !== undefined) {
    const { account, folder, busy } = wanted
    await lifecycle.open(
      'commands that send',
      () => lockFolder(folder, busy),
      (lock) => lock.release(),
    )
    const transactions = await openTransactions(wanted.record, {
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
    chain,
    sending,
    async look() {
      const snapshot = await takeSnapshot(chain, seen)
      seen = snapshot.block.number
      return { ...snapshot, now: snapshot.block, seconds: await secondsPerBlock(chain, snapshot.block) }
    },
  }
}
