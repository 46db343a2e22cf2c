import type { Hex } from '../util/hex.ts'

/**
 * What becomes of a case. `open`: to be brought before the contract. `slashed`: it was, as a finalized block says, by
 * anyone. `expired`: nobody did before the epoch's evidence window ended. `refused`: the contract will not take it.
 * `own`: it is against this operator itself, which does not bring it.
 */
export type CaseStatus = 'open' | 'slashed' | 'expired' | 'refused' | 'own'

/** Who is punished for what, at most once. */
export interface CaseKey {
  readonly serviceManager: Hex
  readonly service: Hex
  readonly operator: Hex
  /** Of the first of the two statements. */
  readonly epoch: bigint
}

/** Evidence against one operator. Evidence against several makes as many cases. */
export interface EvidenceCase extends CaseKey {
  /** keccak256 of `data`: cases of one id share their evidence. */
  readonly id: Hex
  /** The evidence as a wire message (src/types/wire). */
  readonly data: Uint8Array
  readonly kind: number
  readonly slot: bigint
  readonly attempt: number
  /** ms since the epoch at which this node learned of it. */
  readonly seenAt: number
  readonly status: CaseStatus
  /** ms since the epoch of the last change of `status`. */
  readonly changedAt: number
  /** Transaction that slashed, where this node knows it. */
  readonly transaction: Hex | null
  /** Why it was refused, and the like. */
  readonly note: string | null
}

/** What becomes of a case when it is settled. */
export interface Settlement {
  readonly status: CaseStatus
  /** ms since the epoch. */
  readonly at: number
  readonly transaction?: Hex | null
  readonly note?: string | null
}

/** Durable evidence, bounded: when it is full, the oldest settled cases go, and without any new ones are refused. */
export interface EvidenceStore {
  /** On disk when it returns. False when there is a case of this key, which stays. @throws LariatError `store.full` */
  add(found: EvidenceCase): boolean
  has(key: CaseKey): boolean
  settle(key: CaseKey, settlement: Settlement): void
  /** Newest first. */
  list(query?: EvidenceQuery): EvidenceCase[]
  close(): void
}

export interface EvidenceQuery {
  readonly serviceManager?: Hex
  readonly service?: Hex
  readonly status?: CaseStatus
  /** At most `MAX_LIST_ROWS`, which is the default. */
  readonly limit?: number
}

/** Cases that are kept: years of a network in which somebody equivocates every day; 1 kB each. */
export const MAX_CASES = 10_000
/** Bytes of one case's evidence: two certificates of 1,000 operators are below 1 kB. */
export const MAX_EVIDENCE_BYTES = 4 * 1024
