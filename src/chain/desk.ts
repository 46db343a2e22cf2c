import { numberToHex } from 'viem'
import { describe, LariatError } from '../util/errors.ts'
import type { Address } from '../util/hex.ts'
import type { Log } from '../util/log.ts'
import type { Call } from './call.ts'
import type { Chain } from './clients.ts'
import { type Intent, type IntentRecord, type IntentState, intentKey, type TransactionJournal } from './journal.ts'
import type { Lander } from './lander.ts'
import { findReceipt } from './receipt.ts'
import type { TransactionReceipt, TransactionRequest } from './sender.ts'
import type { SentRecord, SentTransaction } from './sent.ts'

/** One intent while it is being carried out: writes down what is sent for it, before it is sent. */
export interface DeskEntry extends SentRecord {
  /** Where it landed, if it did already and may be done only once. */
  landed(): TransactionReceipt | undefined
  /** Where it reverted, if it may be done only once and a reorg may still undo that: it could land yet. */
  failed(): TransactionReceipt | undefined
  /** What was sent for it and may still land. */
  underway(): SentTransaction | undefined
  /** It did not land, for this reason. */
  fail(error: unknown): void
}

/** What the desk has done by the sender. */
export interface DeskHands {
  /** Goes on with a transaction, before anything new. */
  resume(sent: SentTransaction, record: DeskEntry): void
  adopt: Lander['adopt']
}

/** Keeps the journal of one account's transactions: none is lost, none is done twice. */
export interface Desk {
  enter(request: TransactionRequest, call: Call): DeskEntry
  /** Takes up what earlier runs left open, and follows all to their final block. */
  start(hands: DeskHands): void
  close(): void
}

export interface DeskOptions {
  readonly journal: TransactionJournal
  readonly chain: Chain
  readonly log: Log
  readonly account: Address
}

export function createDesk({ journal, chain, log, account }: DeskOptions): Desk {
  const { providers, heads, clock, metrics } = chain
  /** Keys that this process is carrying out now. */
  const busy = new Set<string>()
  let unfollow = () => {}
  let checking = false

  function entryOf(key: string, once: boolean, intent: Intent | undefined): DeskEntry {
    const change = (state: IntentState, receipt?: TransactionReceipt) => {
      busy.delete(key)
      const record = journal.find(key)
      if (record !== undefined) set(record, state, receipt)
    }
    return {
      landed() {
        const record = journal.find(key)
        const landed = record?.state === 'mined' || record?.state === 'final'
        return record?.once === true && landed && record.landing?.status === 'success' ? record.landing : undefined
      },
      failed() {
        const record = journal.find(key)
        if (record?.once !== true || record.state !== 'mined' || record.landing?.status !== 'reverted') return undefined
        return record.landing
      },
      underway() {
        const record = journal.find(key)
        return record?.state === 'sending' || record?.state === 'stuck' ? record : undefined
      },
      keep(sent) {
        busy.add(key)
        const before = journal.find(key)
        const createdAt = before?.state === 'sending' ? before.createdAt : clock.now()
        const until = intent?.until ?? null
        journal.put({
          ...{ ...sent, key, once, until, createdAt },
          ...{ state: 'sending', landing: null, updatedAt: clock.now() },
        })
      },
      settle(_nonce, receipt) {
        if (receipt === undefined) change('replaced')
        else change('mined', receipt as TransactionReceipt)
      },
      fail(error) {
        busy.delete(key)
        const code = error instanceof LariatError ? error.code : undefined
        if (code === 'chain.not-mined') change('stuck')
        // An aborted call may be in a pool: it stays open, and its nonce tells one day.
        else if (code === 'chain.no-funds' || code === 'chain.rejected') {
          if (journal.find(key)?.state === 'replaced') change('refused')
        }
      },
    }
  }

  function set(record: IntentRecord, state: IntentState, receipt?: TransactionReceipt): void {
    journal.put({ ...record, state, landing: receipt ?? record.landing, updatedAt: clock.now() })
  }

  /** Looks how the open ones ended; `hands` gets those that must be sent again. */
  async function check(hands: DeskHands): Promise<void> {
    const open = journal.open().filter(({ key }) => !busy.has(key))
    if (open.length === 0) return
    const final = heads.current('finalized').number
    const latest = heads.current('latest').number
    const counts = await Promise.all(
      // by number: a provider that lags behind has no such block, instead of an older answer
      [numberToHex(latest), 'finalized' as const].map((block) =>
        providers.ask('the nonce', async (client) =>
          BigInt(await client.request({ method: 'eth_getTransactionCount', params: [account, block] })),
        ),
      ),
    )
    const [latestNonce = 0n, finalNonce = 0n] = counts
    for (const record of open) {
      // What a new call took up meanwhile is in its hands.
      if (busy.has(record.key)) continue
      const { landing, nonce, state, what } = record
      if (state === 'mined' && landing !== null && landing.blockNumber > final) {
        // Its nonce is used, or its block is newer than our head.
        if (nonce < latestNonce || landing.blockNumber > latest) continue
      }
      const receipt = nonce < latestNonce ? await findReceipt(providers, record.hashes) : undefined
      if (receipt !== undefined) {
        const ended = receipt.status === 'success' ? 'final' : 'reverted'
        set(record, receipt.blockNumber <= final ? ended : 'mined', receipt)
      } else if (nonce < finalNonce) {
        if (state === 'mined') undone(record, 'another transaction has its nonce now')
        set(record, 'replaced')
      } else if (nonce >= latestNonce && state === 'mined' && landing?.status === 'reverted') {
        // Whoever wanted it knows that it failed: it is not sent again, and may land from a pool until another has its nonce.
        undone(record, 'it had reverted')
        set(record, 'stuck')
        hands.adopt(record)
      } else if (nonce >= latestNonce && state === 'mined') {
        undone(record, 'it is sent again')
        hands.resume(record, entryOf(record.key, record.once, intentOf(record)))
        busy.add(record.key)
      } else log.debug('a transaction is open', { what, nonce, state })
    }
  }

  function undone({ what, landing }: IntentRecord, then: string): void {
    metrics.undone.inc({})
    log.warn(`a reorg undid a transaction; ${then}`, { what, hash: landing?.hash, block: landing?.blockNumber })
  }

  async function look(hands: DeskHands): Promise<void> {
    if (checking) return
    checking = true
    try {
      await check(hands)
    } catch (error) {
      log.debug('cannot see how transactions ended; trying on', { error: describe(error) })
    } finally {
      checking = false
    }
  }

  return {
    enter({ intent }, call) {
      return entryOf(intentKey(intent, call), intent !== undefined, intent)
    },
    start(hands) {
      for (const record of journal.open()) {
        if (record.state === 'mined') continue
        const wanted = record.state === 'sending' && (record.until === null || record.until > clock.now())
        log.info('an earlier run left a transaction', { what: record.what, nonce: record.nonce, goesOn: wanted })
        if (wanted) {
          busy.add(record.key)
          hands.resume(record, entryOf(record.key, record.once, intentOf(record)))
        } else hands.adopt(record)
      }
      unfollow = heads.follow('latest', () => look(hands))
      look(hands)
    },
    close: () => unfollow(),
  }
}

function intentOf({ key, once, until }: IntentRecord): Intent | undefined {
  return once ? { id: key, ...(until === null ? {} : { until }) } : undefined
}
