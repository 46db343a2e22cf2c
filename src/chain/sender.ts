import type { Abi, LocalAccount } from 'viem'
import { describe, isAbort, LariatError } from '../util/errors.ts'
import type { Address, Hex } from '../util/hex.ts'
import type { Log } from '../util/log.ts'
import type { Call } from './call.ts'
import type { Chain } from './clients.ts'
import { createDesk, type DeskEntry } from './desk.ts'
import { isReverted, reverted } from './errors.ts'
import { DEFAULT_MAX_FEE_PER_GAS } from './fees.ts'
import type { Intent, TransactionJournal } from './journal.ts'
import { explainRefusal } from './knownErrors.ts'
import { createLander, type Lander } from './lander.ts'
import type { TransactionOutcome } from './metrics.ts'
import type { SentRecord, SentTransaction } from './sent.ts'
import { rerun, simulate } from './simulate.ts'
import type { Receipt } from './types.ts'

/** A transaction to be sent. Without `to` it creates a contract. */
export interface TransactionRequest {
  /** Names it in logs and errors. */
  readonly what: string
  readonly to?: Address
  readonly data?: Hex
  /** wei */
  readonly value?: bigint
  /** Gas limit; estimated unless given. */
  readonly gas?: bigint
  /** Where the gas limit is estimated: what needs more is not sent. */
  readonly maxGas?: bigint
  /** Decodes a revert. */
  readonly abi?: Abi
  /** Stops waiting. A transaction that was sent may land all the same. */
  readonly signal?: AbortSignal
  /** What it is for: with a journal, the same call for the same intent is made once, ever. */
  readonly intent?: Intent
}

export interface TransactionReceipt extends Receipt {
  /** Address of the contract that the transaction created. */
  readonly contractAddress: Address | null
}

/** Sends transactions of one account, one at a time, in the order of the calls. */
export interface TransactionSender {
  readonly address: Address
  /**
   * Simulates, sends, raises the fees while it is not mined, and resolves when it is in a block.
   * @throws LariatError `chain.reverted` (by simulation, or in its block), `chain.no-funds`, `chain.fee-cap`, `chain.too-much-gas`,
   * `chain.rejected`, `chain.not-mined`, `chain.backlogged`, `chain.unavailable`, `chain.closed`; the signal's reason when it aborts
   */
  send(request: TransactionRequest): Promise<TransactionReceipt>
  /**
   * Goes on with what an earlier process sent: hands it out again, raises its fees, and resolves when it is in a block, or
   * with undefined when another transaction took its nonce, so that it never will be. Nothing new is sent for it.
   * @throws LariatError as `send`
   */
  resume(sent: SentTransaction, signal?: AbortSignal): Promise<TransactionReceipt | undefined>
  /** Refuses what waits, stops waiting for what was sent, and resolves when nothing of it runs any more. */
  close(): Promise<void>
}

export interface SenderOptions {
  readonly chain: Chain
  readonly account: LocalAccount
  readonly log: Log
  /** wei per gas */
  readonly maxFeePerGas?: bigint
  /** ms without a block until fees are raised. */
  readonly bumpAfterMs?: number
  /** ms from the first sending until it is given up. */
  readonly giveUpAfterMs?: number
  /** ms between looks for the receipt. */
  readonly receiptPollMs?: number
  /** Transactions that may wait. */
  readonly maxQueued?: number
  /** Remembers what is under way beyond the life of this process. */
  readonly record?: SentRecord
  /** Remembers every transaction by what it is for, beyond the life of this process. What is open in it is taken up at once. */
  readonly journal?: TransactionJournal
}

/** Three of mainnet's slots, ms: one missed block is common, three are a fee that is too low. */
export const DEFAULT_BUMP_AFTER_MS = 36_000
/** ms; a transaction that is not mined in so long is of no use to any slot, and its nonce is then reused. */
export const DEFAULT_GIVE_UP_AFTER_MS = 180_000
/** ms; a small part of the shortest block time (devnet: 1 s). */
export const DEFAULT_RECEIPT_POLL_MS = 200
/** A node has a few transactions a minute; more waiting than this means that none get mined. */
export const DEFAULT_MAX_QUEUED = 64
/** Times that a transaction starts over because another of the account took its nonce. */
const MAX_STARTS = 4

export function createSender(options: SenderOptions): TransactionSender {
  const { chain, account, log, maxQueued = DEFAULT_MAX_QUEUED } = options
  const { clock, metrics } = chain
  const lander: Lander = createLander({
    chain,
    account,
    log,
    maxFeePerGas: options.maxFeePerGas ?? DEFAULT_MAX_FEE_PER_GAS,
    bumpAfterMs: options.bumpAfterMs ?? DEFAULT_BUMP_AFTER_MS,
    giveUpAfterMs: options.giveUpAfterMs ?? DEFAULT_GIVE_UP_AFTER_MS,
    receiptPollMs: options.receiptPollMs ?? DEFAULT_RECEIPT_POLL_MS,
  })
  const { journal } = options
  const desk = journal === undefined ? undefined : createDesk({ journal, chain, log, account: account.address })
  const closing = new AbortController()
  let queued = 0
  let tail: Promise<unknown> = Promise.resolve()
  desk?.start({
    resume(sent, record) {
      const { call, what } = sent
      tail = tail
        .then(() => land(call, { what, signal: closing.signal, earlier: sent, record }))
        .catch((error: unknown) =>
          log.warn('a transaction of an earlier run did not land', { what, error: describe(error) }),
        )
    },
    adopt: lander.adopt,
  })

  async function process(request: TransactionRequest, signal: AbortSignal): Promise<TransactionReceipt> {
    const { what, abi = [], to, data, value } = request
    const call: Call = {
      from: account.address,
      ...(to === undefined ? {} : { to }),
      ...(data === undefined ? {} : { data }),
      ...(value === undefined ? {} : { value }),
      ...(request.gas === undefined ? {} : { gas: request.gas }),
    }
    const entry = desk?.enter(request, call)
    const before = entry?.landed()
    if (before !== undefined) return before
    const failed = entry?.failed()
    // a second transaction beside it, and a reorg could land both
    if (failed !== undefined) throw await explain(call, abi, what, failed)
    const earlier = entry?.underway()
    if (earlier !== undefined) {
      const receipt = await land(earlier.call, { what, signal, earlier, record: entry })
      if (receipt !== undefined) return ended(receipt, call, abi, what)
    }
    for (let start = 1; ; start++) {
      signal.throwIfAborted()
      const gas = await simulate(chain, call, abi, what, request.maxGas)
      signal.throwIfAborted()
      const receipt = await land({ ...call, gas }, { what, signal, record: entry ?? options.record })
      if (receipt !== undefined) return ended(receipt, call, abi, what)
      if (start === MAX_STARTS) {
        throw new LariatError(
          'chain.rejected',
          `${what}: others take the nonces of ${account.address}; let only one program use this account`,
          { what, account: account.address },
        )
      }
      log.warn('another transaction of the account took the nonce; starting over', { what, start })
    }
  }

  /** Lands it, and has the journal say how it ended when it did not. */
  async function land(...[call, how]: Parameters<Lander['land']>): Promise<TransactionReceipt | undefined> {
    try {
      return await lander.land(call, how)
    } catch (error) {
      if (how.record !== undefined && 'fail' in how.record) (how.record as DeskEntry).fail(error)
      throw error
    }
  }

  /** @throws LariatError `chain.reverted` */
  async function ended(receipt: TransactionReceipt, call: Call, abi: Abi, what: string): Promise<TransactionReceipt> {
    metrics.transactionGas.inc({}, Number(receipt.gasUsed))
    if (receipt.status === 'success') return receipt
    throw await explain(call, abi, what, receipt)
  }

  async function explain(call: Call, abi: Abi, what: string, receipt: TransactionReceipt): Promise<LariatError> {
    const { hash, blockNumber } = receipt
    let cause = reverted(what, '0x', abi)
    try {
      await rerun(chain, call, abi, what, blockNumber)
    } catch (error) {
      // Why it failed is a courtesy; that it failed is certain.
      if (isReverted(error)) cause = error
    }
    const { error = 'unknown' } = cause.details
    const why = explainRefusal(String(error))
    return new LariatError(
      'chain.reverted',
      `${what} reverted in block ${blockNumber}: ${error}${why === undefined ? '' : `: ${why}`}`,
      { ...cause.details, hash, blockNumber },
      cause,
    )
  }

  /** Counts every end of a transaction once. */
  async function counted(request: TransactionRequest, signal: AbortSignal): Promise<TransactionReceipt> {
    const since = clock.now()
    try {
      const receipt = await process(request, signal)
      metrics.transactions.inc({ outcome: 'landed' })
      metrics.transactionSeconds.observe({}, (clock.now() - since) / 1_000)
      log.debug('transaction landed', { what: request.what, hash: receipt.hash, block: receipt.blockNumber })
      return receipt
    } catch (error) {
      const outcome = outcomeOf(error, signal)
      metrics.transactions.inc({ outcome })
      throw error
    }
  }

  function closed(): LariatError {
    return new LariatError('chain.closed', 'the transaction sender is closed: the node is stopping')
  }

  return {
    address: account.address,
    send(request) {
      if (closing.signal.aborted) return Promise.reject(closed())
      if (queued >= maxQueued) {
        return Promise.reject(
          new LariatError(
            'chain.backlogged',
            `${request.what}: ${queued} transactions of ${account.address} already wait; see why none is mined`,
            { what: request.what, queued },
          ),
        )
      }
      metrics.queued.set({}, ++queued)
      const signal = request.signal === undefined ? closing.signal : AbortSignal.any([closing.signal, request.signal])
      const result = tail.then(() => counted(request, signal))
      tail = result
        .catch(() => {})
        .finally(() => {
          metrics.queued.set({}, --queued)
        })
      return whicheverFirst(result, signal)
    },
    resume(sent, given) {
      const signal = given === undefined ? closing.signal : AbortSignal.any([closing.signal, given])
      const { call, what } = sent
      const result = tail.then(() => lander.land(call, { what, signal, earlier: sent, record: options.record }))
      tail = result.catch(() => {})
      return whicheverFirst(result, signal)
    },
    async close() {
      closing.abort(closed())
      desk?.close()
      await tail
    },
  }
}

function outcomeOf(error: unknown, signal: AbortSignal): TransactionOutcome {
  if (isReverted(error)) return error.details.hash === undefined ? 'refused' : 'reverted'
  if (signal.aborted || isAbort(error)) return 'abandoned'
  const code = error instanceof LariatError ? error.code : undefined
  if (code === 'chain.no-funds') return 'out-of-funds'
  return code === 'chain.not-mined' || code === 'chain.fee-cap' ? 'stuck' : 'failed'
}

/** `result`, or a rejection with the signal's reason as soon as it aborts: a caller in the queue need not wait for its turn. */
function whicheverFirst<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
