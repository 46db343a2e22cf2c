import { LariatError } from '../util/errors.ts'

/** What a service says of a store of its own. */
export interface StoreSpec {
  /** Of what keys and values mean. What an older version left is dropped when the store is opened; a newer one's is refused. */
  readonly version: number
  /** Beyond it the entries with the lowest keys go first. */
  readonly maxEntries: number
  readonly maxValueBytes: number
}

export interface KeyValueQuery {
  /** Inclusive bounds. */
  readonly from?: Uint8Array
  readonly to?: Uint8Array
  readonly limit: number
  /** Highest key first. */
  readonly reverse?: boolean
}

export interface KeyValueEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/**
 * Entries in the order of their keys, compared as bytes. Durable but for what a power cut takes of the last moments: what
 * is in it must be able to be had again.
 */
export interface KeyValueStore {
  get(key: Uint8Array): Uint8Array | undefined
  /** Inserts or replaces. @throws LariatError `store.out-of-range` for a key or value that is too long */
  put(key: Uint8Array, value: Uint8Array): void
  /** True when there was one. */
  delete(key: Uint8Array): boolean
  list(query: KeyValueQuery): KeyValueEntry[]
  readonly size: number
}

/** Stores of services, by service id and name. */
export interface KeyValueStores {
  /** @throws LariatError `store.version` when a newer version wrote it, `store.out-of-range` for a spec beyond the limits */
  open(service: string, name: string, spec: StoreSpec): KeyValueStore
}

/** Bytes of a key: two hashes. */
export const MAX_KEY_BYTES = 64
/** Entries of one store: two months of rounds of 3 s come to 200 MB. */
export const MAX_ENTRIES = 2_000_000
/** Bytes of one value: what a ceremony keeps of one dealing. */
export const MAX_ENTRY_BYTES = 1 << 20

/** @throws LariatError `store.out-of-range` */
export function checkSpec(name: string, { version, maxEntries, maxValueBytes }: StoreSpec): void {
  const within = (value: number, most: number) => Number.isInteger(value) && value >= 1 && value <= most
  if (within(version, 0xffff) && within(maxEntries, MAX_ENTRIES) && within(maxValueBytes, MAX_ENTRY_BYTES)) return
  throw new LariatError(
    'store.out-of-range',
    `store ${name}: version from 1, maxEntries from 1 to ${MAX_ENTRIES}, maxValueBytes from 1 to ${MAX_ENTRY_BYTES}`,
    { name },
  )
}

/** @throws LariatError `store.out-of-range` */
export function checkEntrySize(name: string, spec: StoreSpec, key: Uint8Array, value: Uint8Array): void {
  if (key.length >= 1 && key.length <= MAX_KEY_BYTES && value.length <= spec.maxValueBytes) return
  throw new LariatError(
    'store.out-of-range',
    `store ${name}: a key has 1 to ${MAX_KEY_BYTES} bytes and a value up to ${spec.maxValueBytes}`,
    { name, key: key.length, value: value.length },
  )
}

/** @throws LariatError `store.version` */
export function refuseNewer(name: string, stored: number, known: number): void {
  if (stored <= known) return
  throw new LariatError(
    'store.version',
    `store ${name} has version ${stored}, this lariat knows up to ${known}: run the newer lariat that wrote it`,
    { name, stored, known },
  )
}
