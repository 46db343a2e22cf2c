import type { Hex } from '../util/hex.ts'
import type { Call } from './call.ts'
import type { Fees } from './fees.ts'
import type { Receipt } from './types.ts'

/** A transaction that was signed, and may lie in a pool or in a block. */
export interface SentTransaction {
  /** Names it for people. */
  readonly what: string
  readonly call: Call & { readonly gas: bigint }
  readonly nonce: bigint
  /** Of the newest form. */
  readonly fees: Fees
  /** The newest form, signed. */
  readonly raw: Hex
  /** Hashes of every form that was signed, newest last; at most one of them gets mined. */
  readonly hashes: readonly Hex[]
}

/**
 * Remembers the one transaction of an account that is under way, so that a process that starts after a kill finds it again
 * instead of sending another that does the same.
 */
export interface SentRecord {
  /** Called before each form is handed to a provider. It must be durable when this returns; a throw keeps it from being sent. */
  keep(sent: SentTransaction): void | Promise<void>
  /** Its nonce is used up: by it (`receipt`), or by another transaction, so that it can never be mined (undefined). */
  settle(nonce: bigint, receipt: Receipt | undefined): void | Promise<void>
}
