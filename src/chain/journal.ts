import { keccak256, toRlp } from 'viem'
import type { Address, Hex } from '../util/hex.ts'
import type { Call } from './call.ts'
import type { SentTransaction } from './sent.ts'

/**
 * What became of a transaction. `sending`: signed, and perhaps in a pool. `stuck`: given up, and perhaps in a pool still; the
 * next transaction takes its nonce. `mined`: in a block that a reorg may undo, with effect or without (`landing.status`). `final`: in
 * a block that nothing undoes. `reverted`: in such a block, without effect. `replaced`: another transaction took its nonce, it never lands. `refused`: no pool
 * ever had it.
 */
export type IntentState = 'sending' | 'stuck' | 'mined' | 'final' | 'reverted' | 'replaced' | 'refused'

/** Those of which nobody knows yet how they end. */
export const OPEN_STATES: readonly IntentState[] = ['sending', 'stuck', 'mined']

/** Where a transaction landed. */
export interface Landing {
  readonly hash: Hex
  readonly blockNumber: bigint
  readonly gasUsed: bigint
  readonly status: 'success' | 'reverted'
  readonly contractAddress: Address | null
}

/** One thing that this node wanted done on chain, with all that was signed for it. */
export interface IntentRecord extends SentTransaction {
  /** Unique to what is wanted: see `intentKey`. */
  readonly key: string
  /** Whether it may be done only once, ever. */
  readonly once: boolean
  readonly state: IntentState
  /** ms since the epoch after which nobody needs it any more; null for never. */
  readonly until: number | null
  /** Null until it is in a block. */
  readonly landing: Landing | null
  /** ms since the epoch. */
  readonly createdAt: number
  readonly updatedAt: number
}

/** Durable record of the transactions of one account on one chain, by intent. `put` is on disk when it returns. */
export interface TransactionJournal {
  /** Inserts, or replaces the record of that key. */
  put(record: IntentRecord): void
  find(key: string): IntentRecord | undefined
  /** All whose end is not known, oldest first. */
  open(): readonly IntentRecord[]
}

/** The name of what is wanted, of whoever wants it. */
export interface Intent {
  /** Such as service, slot and attempt. The same call under the same id is made once, ever. */
  readonly id: string
  /** ms since the epoch after which it is of no use. */
  readonly until?: number
}

/** Key of a call under an intent; without one, of the call itself, which may be wanted again when it has landed. */
export function intentKey(intent: Intent | undefined, { to, data, value }: Call): string {
  const hash = keccak256(toRlp([to ?? '0x', data ?? '0x', `0x${(value ?? 0n).toString(16).padStart(64, '0')}`]))
  return `${intent?.id ?? ''}/${hash}`
}
