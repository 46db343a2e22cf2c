import type { Hex } from '../util/hex.ts'
import type { KeyValueStores } from './keyValue.ts'

/** Identifies the record of one signing: the guard's key. */
export interface GuardKey {
  readonly chainId: number
  readonly genesisHash: Hex
  readonly serviceManager: Hex
  readonly operator: Hex
  readonly service: Hex
  readonly kind: number
  readonly slot: bigint
  readonly attempt: number
}

/**
 * `recorded`: new and now durable. `same`: on record with this payload. `conflict`: on record with another.
 * `foreign-domain`: the chain id is on record with another genesis hash; a digest cannot tell two such chains apart, so
 * one record must not serve both.
 */
export type GuardOutcome = 'recorded' | 'same' | 'conflict' | 'below-watermark' | 'foreign-domain'

/** What is on record for a key. */
export interface GuardRecord {
  /** Epoch of the statement that was recorded first; the same payload may have been signed under a later one too. */
  readonly epoch: bigint
  /** null: barred, because records with two payloads met in a merge. Every payload is a conflict then. */
  readonly payload: Hex | null
  /** Of the statement that was recorded first; null when barred. */
  readonly digest: Hex | null
}

/** Durable record of what was signed. What a call changed is on disk when it returns, or when its promise resolves. */
export interface GuardStore {
  /**
   * Checks and inserts atomically. `digest` is the statement's, which will be signed; kept for evidence and interchange.
   * Calls of one turn of the event loop share a transaction, and so an fsync; they are judged in the order of the calls.
   */
  checkAndInsert(key: GuardKey, epoch: bigint, payload: Hex, digest: Hex): Promise<GuardOutcome>
  /** What is on record for `key`, undefined when nothing is (never signed, or pruned). */
  find(key: GuardKey): GuardRecord | undefined
  /** Lowest slot that may still be signed for (chain…operator, service, kind); 0n when nothing was pruned. */
  watermark(key: Omit<GuardKey, 'slot' | 'attempt'>): bigint
  /** Raises the watermark to `slot` and deletes what lies below it. Never lowers it. */
  prune(key: Omit<GuardKey, 'slot' | 'attempt'>, slot: bigint): void
  /** ms since the epoch: nothing that was triggered before may be signed, as this record may not know it; 0 when it knows all. */
  floor(): number
  /** Writes durably without changing what is on record. @throws LariatError `store.…` that says why nothing can be signed */
  probe(): void
  close(): void
}

/** Durable positions: log cursors, trigger cursors. */
export interface CursorStore {
  get(name: string): bigint | undefined
  set(name: string, value: bigint): void
  names(): readonly string[]
}

/** How one slot of one service ended on this node. Times are ms since the epoch, latencies ms. */
export interface SlotRecord {
  readonly service: string
  readonly slot: bigint
  readonly attempt: number
  /** `landed`: on chain by anyone. `certified`: verified certificate, not due or not yet on chain. `missed`: none. */
  readonly outcome: 'landed' | 'certified' | 'missed'
  /** Last step of the workflow that was reached. */
  readonly step: string
  /** Code of the reason catalogue; null when there is nothing to explain. */
  readonly reason: string | null
  readonly triggeredAt: number
  /** Trigger → verified certificate on this node. */
  readonly certificateMs: number | null
  readonly transaction: Hex | null
  /** Addresses of operators that are in the certificate, and that were seen to sign at all. */
  readonly signers: readonly string[]
}

/** Slot records, bounded: the oldest of a service go first. */
export interface Journal {
  /** Inserts, or replaces the record of (service, slot). */
  record(entry: SlotRecord): void
  /** Newest first. `fromSlot` and `toSlot` are inclusive. */
  list(query: { service: string; fromSlot?: bigint; toSlot?: bigint; limit: number }): SlotRecord[]
}

/** A certificate as it was verified, with the value that its payload commits to. */
export interface StoredCertificate {
  readonly service: string
  readonly slot: bigint
  readonly attempt: number
  readonly epoch: bigint
  readonly payload: Hex
  readonly absent: Uint8Array
  readonly signature: Uint8Array
  readonly value: Uint8Array
  /** ms since the epoch. */
  readonly verifiedAt: number
}

/** Certificates, bounded: the oldest of a service go first. The first one put for a (service, slot) stays. */
export interface CertificateStore {
  put(certificate: StoredCertificate): void
  /** Takes the place of the slot's certificate, if it has one: the chain took another attempt's. */
  replace(certificate: StoredCertificate): void
  get(service: string, slot: bigint): StoredCertificate | undefined
  /** Newest first, inclusive bounds. */
  list(query: { service: string; fromSlot?: bigint; toSlot?: bigint; limit: number }): StoredCertificate[]
}

/** What a node keeps besides the guard's record; losing it costs history and time, never stake. */
export interface DataStore {
  readonly cursors: CursorStore
  readonly journal: Journal
  readonly certificates: CertificateStore
  readonly keyValues: KeyValueStores
  close(): void
}
