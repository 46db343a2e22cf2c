import { keccak256, type LocalAccount } from 'viem'
import { sleep } from '../util/clock.ts'
import { LariatError } from '../util/errors.ts'
import type { Hex } from '../util/hex.ts'
import type { Log } from '../util/log.ts'
import type { Call } from './call.ts'
import type { Chain } from './clients.ts'
import { toChainError, unavailability } from './errors.ts'
import { type Fees, initialFees, raiseFees, readFeeMarket } from './fees.ts'
import { findReceipt } from './receipt.ts'
import { readSendFailure, type SendRefusal } from './sendErrors.ts'
import type { TransactionReceipt } from './sender.ts'
import type { SentRecord, SentTransaction } from './sent.ts'
import { noFunds } from './simulate.ts'

/** Gets one transaction into a block. */
export interface Lander {
  /**
   * Resolves with the receipt, or with undefined when another transaction of the account took the nonce and this one was
   * never mined. @throws LariatError as `TransactionSender.send`; the signal's reason
   */
  land(call: Call & { readonly gas: bigint }, landing: LandOptions): Promise<TransactionReceipt | undefined>
  /** Tells of what an earlier process left in the pool: the next transaction with its nonce pays more. */
  adopt(left: Pick<SentTransaction, 'nonce' | 'fees'>): void
}

export interface LandOptions {
  readonly what: string
  readonly signal: AbortSignal
  /** What was sent of it before, perhaps by another process: that goes on, nothing new is begun. */
  readonly earlier?: SentTransaction | undefined
  /** Where what is sent is written down. */
  readonly record?: SentRecord | undefined
}

export interface LanderOptions {
  readonly chain: Chain
  readonly account: LocalAccount
  readonly log: Log
  readonly maxFeePerGas: bigint
  readonly bumpAfterMs: number
  readonly giveUpAfterMs: number
  readonly receiptPollMs: number
}

/** Rise of the fees over what was left in the pool, when a transaction is not mined, and when a pool calls it underpriced, per cent. */
const RISE_TO_REPLACE = 12n
const RISE_WHEN_SLOW = 25n
const RISE_WHEN_UNDERPRICED = 100n
/** ms for a receipt to show after the nonce is used up, before we believe that another transaction took it. */
const RECEIPT_GRACE_MS = 15_000
/** Longest pause between looks when the providers fail, ms. */
const MAX_PAUSE_MS = 5_000
/** ms for which a nonce that we saw mined counts, although a provider does not know of it yet. */
const MINED_MEMORY_MS = 60_000

/** What was sent and may still be mined. */
interface InFlight {
  readonly nonce: bigint
  fees: Fees
  /** Every form that was sent, newest last. */
  readonly hashes: Hex[]
  raw: Hex
  /** Whether a provider took any form of it, or may have. */
  mayHaveArrived: boolean
}

/**
 * The nonce is always the number of the account's mined transactions, so that at most one of ours is in flight and no
 * gap can arise. What an aborted or given-up call, or an earlier process, left in the pool has that nonce too: the next
 * transaction replaces it, at higher fees.
 */
export function createLander(options: LanderOptions): Lander {
  const { chain, account, log, maxFeePerGas: cap, bumpAfterMs, giveUpAfterMs, receiptPollMs } = options
  const { providers, clock, metrics } = chain
  /** Fees of the last transaction that was left in the pool. */
  let left: { nonce: bigint; fees: Fees } | undefined
  let mined = { nonce: -1n, at: 0 }

  async function nextNonce(): Promise<bigint> {
    const count = await providers.ask('the nonce', async (client) =>
      BigInt(await client.request({ method: 'eth_getTransactionCount', params: [account.address, 'latest'] })),
    )
    const remembered = clock.now() - mined.at < MINED_MEMORY_MS ? mined.nonce + 1n : 0n
    return count > remembered ? count : remembered
  }

  async function sign(call: Call & { gas: bigint }, flight: Pick<InFlight, 'nonce' | 'fees'>): Promise<Hex> {
    return account.signTransaction({
      type: 'eip1559',
      chainId: chain.id,
      nonce: Number(flight.nonce),
      gas: call.gas,
      ...flight.fees,
      ...(call.to === undefined ? {} : { to: call.to }),
      ...(call.data === undefined ? {} : { data: call.data }),
      ...(call.value === undefined ? {} : { value: call.value }),
    })
  }

  /** Hands the newest form to all providers; undefined when one took it. */
  async function broadcast(flight: InFlight): Promise<SendRefusal | undefined> {
    try {
      await providers.broadcast((client) => client.request({ method: 'eth_sendRawTransaction', params: [flight.raw] }))
      flight.mayHaveArrived = true
      return undefined
    } catch (error) {
      const { refusal, mayHaveArrived } = readSendFailure(error)
      flight.mayHaveArrived ||= mayHaveArrived
      return refusal === 'known' ? undefined : refusal
    }
  }

  /** Replaces the newest form by one with higher fees; false when the cap forbids it. */
  async function raise(call: Call & { gas: bigint }, flight: InFlight, percent: bigint): Promise<boolean> {
    const fees = raiseFees(flight.fees, percent, initialFees(await readFeeMarket(providers), cap), cap)
    if (fees === undefined) return false
    flight.fees = fees
    flight.raw = await sign(call, flight)
    flight.hashes.push(keccak256(flight.raw))
    metrics.replacements.inc({})
    return true
  }

  async function start(call: Call & { gas: bigint }): Promise<InFlight> {
    const [nonce, market] = await Promise.all([nextNonce(), readFeeMarket(providers)])
    let fees = initialFees(market, cap)
    if (left?.nonce === nonce) fees = raiseFees(left.fees, RISE_TO_REPLACE, fees, cap) ?? left.fees
    const raw = await sign(call, { nonce, fees })
    return { nonce, fees, raw, hashes: [keccak256(raw)], mayHaveArrived: false }
  }

  /** Writes down all forms of a transaction, before the newest is handed out. */
  async function remember(
    record: SentRecord | undefined,
    call: Call & { gas: bigint },
    what: string,
    { nonce, fees, raw, hashes }: InFlight,
  ): Promise<void> {
    await record?.keep({ what, call, nonce, fees, raw, hashes: [...hashes] })
  }

  /**
   * Whether no pool has any form of it any more. A form that a pool dropped goes out again as it is, one that waits is
   * outbid. Who does not answer may have it.
   */
  async function isDropped({ hashes }: InFlight): Promise<boolean> {
    const { answers, silent } = await providers.collect('a transaction in the pool', async (client) => {
      const found = await Promise.all(
        hashes.map((hash) => client.request({ method: 'eth_getTransactionByHash', params: [hash] })),
      )
      return found.some((transaction) => transaction !== null)
    })
    return answers.length > 0 && silent.length === 0 && answers.every(({ value }) => !value)
  }

  return {
    adopt({ nonce, fees }) {
      left = { nonce, fees }
    },
    async land(call, { what, signal, earlier, record }) {
      // What was mined and has to be landed again was undone by a reorg, and its nonce is free again.
      if (earlier !== undefined && earlier.nonce <= mined.nonce) mined = { nonce: -1n, at: 0 }
      const flight: InFlight =
        earlier === undefined ? await start(call) : { ...earlier, hashes: [...earlier.hashes], mayHaveArrived: true }
      await remember(record, call, what, flight)
      const giveUpAt = clock.now() + giveUpAfterMs
      let raiseAt = clock.now() + bumpAfterMs
      let refusal = await broadcast(flight)
      let pause = receiptPollMs
      /** When the nonce was first seen used up without a receipt of ours. */
      let goneSince: number | undefined
      // From here on the transaction may be in a pool: whatever happens, its nonce and fees are remembered.
      left = { nonce: flight.nonce, fees: flight.fees }

      for (;;) {
        signal.throwIfAborted()
        if (refusal === 'no-funds' || refusal === 'rejected') {
          if (!flight.mayHaveArrived) {
            left = undefined
            await record?.settle(flight.nonce, undefined)
          }
          throw refusal === 'no-funds' ? noFunds(what, call) : rejectedForGood(what)
        }
        await sleep(clock, pause, signal)
        pause = refusal === undefined ? receiptPollMs : Math.min(pause * 2, MAX_PAUSE_MS)
        try {
          if ((await nextNonce()) > flight.nonce) {
            const receipt = await findReceipt(providers, flight.hashes)
            if (receipt !== undefined) {
              mined = { nonce: flight.nonce, at: clock.now() }
              left = undefined
              await record?.settle(flight.nonce, receipt)
              return receipt
            }
            goneSince ??= clock.now()
            // What no provider can ever have taken was not mined, so there is no receipt to wait for.
            if (flight.mayHaveArrived && clock.now() - goneSince <= RECEIPT_GRACE_MS) continue
            left = undefined
            await record?.settle(flight.nonce, undefined)
            return undefined
          }
          goneSince = undefined
          if (clock.now() >= giveUpAt) throw notMined(what, flight)
          if (refusal === 'underpriced') {
            await raise(call, flight, RISE_WHEN_UNDERPRICED)
            await remember(record, call, what, flight)
            refusal = await broadcast(flight)
          } else if (clock.now() >= raiseAt) {
            raiseAt = clock.now() + bumpAfterMs
            const dropped = await isDropped(flight)
            if (dropped) metrics.dropped.inc({})
            const raised = !dropped && (await raise(call, flight, RISE_WHEN_SLOW))
            if (raised) await remember(record, call, what, flight)
            log.info('transaction is not mined yet', { what, nonce: flight.nonce, dropped, raised, ...flight.fees })
            // At the cap the same form goes out again, for a pool that dropped it.
            refusal = await broadcast(flight)
          } else if (refusal !== undefined) refusal = await broadcast(flight)
          left = { nonce: flight.nonce, fees: flight.fees }
        } catch (raw) {
          const error = toChainError(raw, 'of the chain', what)
          const passing = unavailability(error) !== undefined || error.code === 'chain.fee-cap'
          if (!passing || clock.now() >= giveUpAt) throw error
          pause = Math.min(pause * 2, MAX_PAUSE_MS)
          log.debug('the fate of a transaction is unknown; looking on', { what, error: error.message })
        }
      }
    },
  }

  function rejectedForGood(what: string): LariatError {
    return new LariatError('chain.rejected', `${what}: no provider takes the transaction`, { what })
  }

  function notMined(what: string, { nonce, hashes, fees }: InFlight): LariatError {
    return new LariatError(
      'chain.not-mined',
      `${what}: not mined in ${giveUpAfterMs / 1_000} s, at ${fees.maxFeePerGas} wei per gas; the next transaction replaces it. If fees are above that, raise the cap`,
      { what, nonce, hashes, maxFeePerGas: fees.maxFeePerGas },
    )
  }
}
