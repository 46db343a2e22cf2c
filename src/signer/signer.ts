import type { Statement } from '../types/statement.ts'
import type { Address } from '../util/hex.ts'

/** A statement to be signed, with what the guard needs to judge it. */
export interface SignRequest {
  readonly statement: Statement
  /** ms since the epoch at which the slot was triggered (a time slot's start; an on-chain task's block time). The floor after a start compares with it. */
  readonly triggeredAt: number
  /** Slots of the service that may be signed now, inclusive; keeps anything from pushing the watermark far ahead. */
  readonly window: { readonly from: bigint; readonly to: bigint }
  /** The key that signs, as the table of the statement's epoch has it: G1, uncompressed, 96 bytes. The signer's first when left out. */
  readonly publicKey?: Uint8Array | undefined
}

/** Why the guard refuses; a bounded metric label. */
export type GuardRefusal =
  | 'conflict' // another payload is on record for this (service, kind, slot, attempt)
  | 'below-watermark'
  | 'outside-window'
  | 'before-floor'
  | 'foreign-domain' // the record belongs to another chain, ServiceManager or operator
  | 'unavailable' // the record could not be read or written

/**
 * The guarded signer of one operator for one ServiceManager: the only way to a signature. `sign` records the statement
 * durably before the key is used.
 */
export interface StatementSigner {
  readonly operator: Address
  /** The configured key: BLS12-381 G1, uncompressed, 96 bytes. */
  readonly publicKey: Uint8Array
  /** All keys that it can sign with now, the configured one first; more than one while a key is rotated. One guard is before them all. */
  publicKeys(): readonly Uint8Array[]
  /**
   * ms since the epoch: this start plus the clock-skew margin. What was triggered before it is refused, so callers need not try.
   * The guard's own may rise above it.
   */
  readonly floor: number
  /**
   * Returns the partial signature, G2 compressed, 96 bytes. The same payload again is allowed.
   * @throws LariatError with code `guard.<GuardRefusal>`, `signer.unknown-key` or `signer.unavailable`
   */
  sign(request: SignRequest): Promise<Uint8Array>
}
