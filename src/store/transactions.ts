import type { Address, Hex } from '../util/hex.ts'

/** See `IntentState` of the chain. */
export type StoredIntentState = 'sending' | 'stuck' | 'mined' | 'final' | 'reverted' | 'replaced' | 'refused'

/** One thing that an account wanted done on chain, with all that was signed for it. */
export interface StoredIntent {
  readonly key: string
  readonly once: boolean
  readonly state: StoredIntentState
  /** ms since the epoch; null for never. */
  readonly until: number | null
  readonly what: string
  readonly call: {
    readonly to?: Address
    readonly from?: Address
    readonly data?: Hex
    readonly value?: bigint
    readonly gas: bigint
  }
  readonly nonce: bigint
  readonly fees: { readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint }
  readonly raw: Hex
  readonly hashes: readonly Hex[]
  readonly landing: {
    readonly hash: Hex
    readonly blockNumber: bigint
    readonly gasUsed: bigint
    readonly status: 'success' | 'reverted'
    readonly contractAddress: Address | null
  } | null
  /** ms since the epoch. */
  readonly createdAt: number
  readonly updatedAt: number
}

/** Transactions of one account on one chain, by intent. `put` is on disk when it returns. */
export interface IntentStore {
  put(record: StoredIntent): void
  find(key: string): StoredIntent | undefined
  /** Those of which nobody knows yet how they end, oldest first. */
  open(): readonly StoredIntent[]
  close(): void
}

/** Whose transactions a file's rows are. */
export interface IntentScope {
  readonly genesisHash: Hex
  readonly account: Address
}

/** Ended transactions of one account that are kept: a month of a price service that lands one every half minute. */
export const MAX_ENDED_INTENTS = 100_000
