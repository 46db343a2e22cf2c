import {
  bigToBytes,
  bytesToBig,
  bytesToHex,
  type Hex,
  hexToBytes,
  type KeyValueStore,
  type StoreSpec,
} from 'lariat/avs'
import type { FoundMessage } from './pages.ts'

/**
 * Leaves of one tree that can be followed: a store's most entries. Of a tree none can be done without, so what is beyond halts, and
 * none is dropped.
 */
export const MAX_LEAVES = 2_000_000
/** Messages whose bodies are kept, the newest ones. */
export const MAX_MESSAGES = 100_000
/** Bytes of a message that is kept: with those above it bounds the store to 3.3 GB. */
export const MAX_MESSAGE_BYTES = 32_768
/** id 32, block 8, Unix seconds 8, hash of the block 32 */
const LEAF_BYTES = 80
/** block 8, Unix seconds 8, transaction 32 */
const MESSAGE_HEAD_BYTES = 48
const INDEX_BYTES = 4
/** Fast tips that are remembered until it is final what they should have been: days of them. */
const MAX_FAST = 16_384
/** state 1, block 8, message id 32 */
const FAST_BYTES = 41
/** Entries of what is no leaf or message: a handful of marks. */
const MAX_MARKS = 16
const MAX_MARK_BYTES = 4_096
/** Entries that are read or deleted at a time, between turns of the event loop: some 10 ms. */
const PAGE = 200

/** The stores of one tree. */
export interface SourceStores {
  readonly leaves: KeyValueStore
  readonly messages: KeyValueStore
  readonly marks: KeyValueStore
  /** Fast tips. */
  readonly fast: KeyValueStore
}

const SPECS: Readonly<Record<keyof SourceStores, StoreSpec>> = {
  leaves: { version: 1, maxEntries: MAX_LEAVES, maxValueBytes: LEAF_BYTES },
  messages: { version: 1, maxEntries: MAX_MESSAGES, maxValueBytes: MESSAGE_HEAD_BYTES + MAX_MESSAGE_BYTES },
  marks: { version: 1, maxEntries: MAX_MARKS, maxValueBytes: MAX_MARK_BYTES },
  fast: { version: 1, maxEntries: MAX_FAST, maxValueBytes: FAST_BYTES },
}
const KINDS = Object.keys(SPECS) as (keyof SourceStores)[]
const nameOf = (kind: keyof SourceStores, domain: number) => `${kind}-${domain}`

/** What a plug-in declares as `stores` for the trees of these domains. */
export function sourceStoreSpecs(domains: readonly number[]): Record<string, StoreSpec> {
  return Object.fromEntries(domains.flatMap((domain) => KINDS.map((kind) => [nameOf(kind, domain), SPECS[kind]])))
}

/** @param store `context.store` */
export function openSourceStores(store: (name: string) => KeyValueStore, domain: number): SourceStores {
  const open = (kind: keyof SourceStores) => store(nameOf(kind, domain))
  return { leaves: open('leaves'), messages: open('messages'), marks: open('marks'), fast: open('fast') }
}

/** A leaf on disk. */
export interface KeptLeaf {
  readonly id: Uint8Array
  readonly block: bigint
  readonly blockHash: Hex
  /** Of the block, Unix seconds. */
  readonly time: bigint
}

export const indexKey = (index: number): Uint8Array => bigToBytes(BigInt(index), INDEX_BYTES)

export function encodeLeaf({ id, block, blockHash, time }: KeptLeaf): Uint8Array {
  return Buffer.concat([id, bigToBytes(block, 8), bigToBytes(time, 8), hexToBytes(blockHash)])
}

export function decodeLeaf(value: Uint8Array): KeptLeaf {
  return {
    id: value.subarray(0, 32),
    block: bytesToBig(value.subarray(32, 40)),
    time: bytesToBig(value.subarray(40, 48)),
    blockHash: bytesToHex(value.subarray(48, LEAF_BYTES)),
  }
}

/** A message on disk. */
export interface KeptMessage extends FoundMessage {
  readonly block: bigint
  /** Of the block, Unix seconds. */
  readonly time: bigint
}

/** Undefined for a message that is too long to be kept. */
export function encodeKeptMessage({ encoded, transaction, block, time }: KeptMessage): Uint8Array | undefined {
  const bytes = hexToBytes(encoded)
  if (bytes.length > MAX_MESSAGE_BYTES) return undefined
  return Buffer.concat([bigToBytes(block, 8), bigToBytes(time, 8), hexToBytes(transaction), bytes])
}

export function decodeKeptMessage(value: Uint8Array): KeptMessage {
  return {
    block: bytesToBig(value.subarray(0, 8)),
    time: bytesToBig(value.subarray(8, 16)),
    transaction: bytesToHex(value.subarray(16, MESSAGE_HEAD_BYTES)),
    encoded: bytesToHex(value.subarray(MESSAGE_HEAD_BYTES)),
  }
}

/** The entries from a key on, in pages. */
export function* pagesOf(store: KeyValueStore): Generator<ReturnType<KeyValueStore['list']>> {
  for (let from: Uint8Array | undefined; ; ) {
    const page = store.list({ ...(from === undefined ? {} : { from }), limit: PAGE })
    if (page.length > 0) yield page
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return
    from = Uint8Array.from([...last.key, 0])
  }
}
