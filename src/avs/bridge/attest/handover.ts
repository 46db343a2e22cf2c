import type { Context, FedTask } from 'lariat/avs'
import {
  bytesToHex,
  type EpochTable,
  type Hex,
  hexToBytes,
  type KeyValueStore,
  LariatError,
  type StoreSpec,
} from 'lariat/avs'
import type { BridgeConfig } from '../config.ts'
import { EPOCHS_SERVICE, epochPayload, epochRows, type HandedEpoch } from '../statements.ts'
import { everyBeat } from './beat.ts'

/** Epochs whose tables are kept to be handed over: a year of daily ones, and a half. */
const MAX_EPOCHS = 512
/** Bytes of the times before the rows. */
const TIMES_BYTES = 16
/** A table that can be handed over in one transaction has at most 600 rows of 104 bytes. */
const MAX_TABLE_BYTES = TIMES_BYTES + 600 * 104
const DEADLINE_MS = 10_000

/** The store of tables, by their number. */
export const EPOCH_STORE = 'epochs'
export const EPOCH_STORE_SPEC: StoreSpec = { version: 1, maxEntries: MAX_EPOCHS, maxValueBytes: MAX_TABLE_BYTES }

/** An epoch as other chains take it. @throws LariatError `bridge.epoch` for a table that cannot be handed over */
export function handedOf({ number, activatesAt, validUntil, members }: EpochTable): HandedEpoch {
  const rows = epochRows(members.map(({ publicKey, weight }) => ({ key: publicKey, weight })))
  if (rows.length + TIMES_BYTES > MAX_TABLE_BYTES) {
    throw new LariatError('bridge.epoch', `epoch ${number} has ${members.length} rows, more than one transaction takes`)
  }
  return { number, activatesAt: BigInt(activatesAt), validUntil: BigInt(validUntil), rows }
}

/** Tables of epochs, kept for as long as some chain may not have them yet. */
export class EpochBook {
  readonly #store: KeyValueStore

  constructor(store: KeyValueStore) {
    this.#store = store
  }

  get(number: bigint): HandedEpoch | undefined {
    const value = this.#store.get(keyOf(number))
    if (value === undefined || value.length < TIMES_BYTES) return undefined
    const view = new DataView(value.buffer, value.byteOffset)
    const rows = Uint8Array.from(value.subarray(TIMES_BYTES))
    return { number, activatesAt: view.getBigUint64(0), validUntil: view.getBigUint64(8), rows }
  }

  /** Keeps a final table; it never changes. */
  keep(table: EpochTable): HandedEpoch {
    const known = this.get(table.number)
    if (known !== undefined) return known
    const handed = handedOf(table)
    const value = Buffer.alloc(TIMES_BYTES + handed.rows.length)
    value.writeBigUInt64BE(handed.activatesAt, 0)
    value.writeBigUInt64BE(handed.validUntil, 8)
    value.set(handed.rows, TIMES_BYTES)
    this.#store.put(keyOf(table.number), value)
    return handed
  }
}

type Uses = Pick<Context<BridgeConfig>, 'epochs' | 'certificates' | 'clock' | 'log'>

/**
 * Begins the hand-over of each epoch to other chains, on the word of the one before it, as soon as its table is final and until there is a
 * certificate.
 */
export function feedHandovers(
  { epochs, certificates, clock, log }: Uses,
  book: EpochBook,
  begin: (task: FedTask<undefined>) => boolean,
): () => void {
  const look = () => {
    const active = epochs.at(clock.now() / 1_000)
    if (active === undefined) return
    for (const number of [active.number, active.number + 1n]) {
      const [table, before] = [epochs.byNumber(number), epochs.byNumber(number - 1n)]
      if (table === undefined) continue
      try {
        book.keep(table)
      } catch (error) {
        log.error('an epoch cannot be handed over', { epoch: number, error: String(error) })
        continue
      }
      if (before === undefined || isHandedOver(number)) continue
      begin({
        slot: number,
        // when it was built is not earlier
        postedAt: before.activatesAt * 1_000,
        deadlineMs: DEADLINE_MS,
        epoch: before.number,
        args: undefined,
      })
    }
  }
  const isHandedOver = (number: bigint) =>
    certificates.list({ service: EPOCHS_SERVICE, fromSlot: number, toSlot: number, limit: 1 }).length > 0
  const ends = [epochs.onChange(look), everyBeat(clock, look)]
  look()
  return () => {
    for (const end of ends) end()
  }
}

/** What is certified of an epoch. @throws LariatError `observe.bridge-epoch` when its table is not known */
export function observeHandover(book: EpochBook, number: bigint): HandedEpoch {
  const handed = book.get(number)
  if (handed !== undefined) return handed
  throw new LariatError('observe.bridge-epoch', `the table of epoch ${number} is not known here`, { epoch: number })
}

export const handoverPayload = (handed: HandedEpoch): Hex => epochPayload(handed)

function keyOf(number: bigint): Uint8Array {
  return hexToBytes(bytesToHex(Buffer.from(number.toString(16).padStart(16, '0'), 'hex')))
}
