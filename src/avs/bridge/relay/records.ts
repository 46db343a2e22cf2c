import type { Hex, KeyValueStore, StoreSpec } from 'lariat/avs'
import * as z from 'zod'

/**
 * Records of one node: what was delivered fills it and goes first, which is asked of the chain then. Fifty streams whose windows are full have
 * room beside it. 100 MB.
 */
const MAX_RECORDS = 500_000
/** A delivery under way with its metadata in hex, and names. */
const MAX_RECORD_BYTES = 8_192
/** Kind, destination, origin, index. */
const KEY_BYTES = 13

/** The plug-in's store of deliveries. */
export const RELAY_STORE_SPEC: StoreSpec = { version: 1, maxEntries: MAX_RECORDS, maxValueBytes: MAX_RECORD_BYTES }

const hex = z.string().regex(/^0x([0-9a-f]{2})*$/) as unknown as z.ZodType<Hex>

/** A delivery that is final. */
const deliveredSchema = z.object({
  /** Of the destination; null where only the mailbox’s word is left. */
  transaction: hex.nullable(),
  block: z.coerce.bigint(),
  /** Of the block, ms since the epoch; null where it is not known. */
  time: z.number().nullable(),
  /** Whether this node sent it. */
  own: z.boolean(),
})
export type Delivered = z.output<typeof deliveredSchema>

/** A message that waits, as far as a restart must know. */
const waitingSchema = z.object({
  /** The message’s. */
  id: hex,
  /** Attempts that failed. */
  attempts: z.int(),
  /** Until when it is left alone, ms since the epoch. */
  nextAt: z.number(),
  /** The transaction of ours that delivered it, which is not final. */
  transaction: hex.nullable(),
  /** Its block; of another’s delivery the one in which it was seen. */
  block: z.coerce.bigint().nullable(),
})
export type WaitingRecord = z.output<typeof waitingSchema>

/** The one delivery of a destination that may be under way: sent again it must be the same transaction. */
const sendingSchema = z.object({ origin: z.int(), index: z.int(), intent: z.string(), metadata: hex })
export type Sending = z.output<typeof sendingSchema>

/** What comes first is dropped first when the store is full. */
const Kind = { delivered: 1, waiting: 2, sending: 3, next: 4 } as const
type Kind = (typeof Kind)[keyof typeof Kind]
/** Entries that are read at a time. */
const PAGE = 1_000
const MAX_U32 = 0xffff_ffff

/** What is on disk of the deliveries to one destination. Whatever of it is lost is asked of the chain again. */
export class Records {
  readonly #store: KeyValueStore
  readonly #destination: number

  constructor(store: KeyValueStore, destination: number) {
    this.#store = store
    this.#destination = destination
  }

  delivered(origin: number, index: number): Delivered | undefined {
    return this.#get(deliveredSchema, this.#key(Kind.delivered, origin, index))
  }

  putDelivered(origin: number, index: number, record: Delivered): void {
    this.#put(this.#key(Kind.delivered, origin, index), record)
    this.#store.delete(this.#key(Kind.waiting, origin, index))
  }

  /** All that wait of an origin, in the order of leaves. */
  *waiting(origin: number): Iterable<readonly [number, WaitingRecord]> {
    const to = this.#key(Kind.waiting, origin, MAX_U32)
    for (let index = 0; ; ) {
      const page = this.#store.list({ from: this.#key(Kind.waiting, origin, index), to, limit: PAGE })
      for (const { key, value } of page) {
        const record = parse(waitingSchema, value)
        index = indexOf(key)
        if (record !== undefined) yield [index, record]
      }
      if (page.length < PAGE || index === MAX_U32) return
      index++
    }
  }

  putWaiting(origin: number, index: number, record: WaitingRecord): void {
    this.#put(this.#key(Kind.waiting, origin, index), record)
  }

  dropWaiting(origin: number, index: number): void {
    this.#store.delete(this.#key(Kind.waiting, origin, index))
  }

  get sending(): Sending | undefined {
    return this.#get(sendingSchema, this.#key(Kind.sending, 0, 0))
  }

  set sending(sending: Sending | undefined) {
    const key = this.#key(Kind.sending, 0, 0)
    if (sending === undefined) this.#store.delete(key)
    else this.#put(key, sending)
  }

  /** The first leaf of an origin that was not looked at. */
  next(origin: number): number {
    return this.#get(z.int(), this.#key(Kind.next, origin, 0)) ?? 0
  }

  setNext(origin: number, index: number): void {
    this.#put(this.#key(Kind.next, origin, 0), index)
  }

  #key(kind: Kind, origin: number, index: number): Uint8Array {
    const key = Buffer.alloc(KEY_BYTES)
    key.writeUInt8(kind, 0)
    key.writeUInt32BE(this.#destination, 1)
    key.writeUInt32BE(origin, 5)
    key.writeUInt32BE(index, 9)
    return key
  }

  #get<T>(schema: z.ZodType<T>, key: Uint8Array): T | undefined {
    const value = this.#store.get(key)
    return value === undefined ? undefined : parse(schema, value)
  }

  #put(key: Uint8Array, value: unknown): void {
    const text = JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? part.toString() : part))
    this.#store.put(key, Buffer.from(text))
  }
}

const indexOf = (key: Uint8Array): number => Buffer.from(key.buffer, key.byteOffset, key.byteLength).readUInt32BE(9)

function parse<T>(schema: z.ZodType<T>, value: Uint8Array): T | undefined {
  return schema.safeParse(JSON.parse(Buffer.from(value).toString('utf8'))).data
}
