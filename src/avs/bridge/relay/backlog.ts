import type { Clock, Hex } from 'lariat/avs'
import { hexToBytes } from 'lariat/avs'
import { decodeMessage } from '../message.ts'
import type { Dispatched, Source, TreeView } from '../ports.ts'
import type { Reason } from './reasons.ts'
import type { Delivered, Records } from './records.ts'

/** Messages of one origin that wait in memory, 3 MB; what comes after them stays with the source until there is room. */
export const MAX_WAITING = 10_000
/** Leaves that are looked at in one go, so that a long tree does not hold up what else is to be done. */
const MAX_TAKEN = 2_000
/** Leaves beyond the final ones that are looked at: what a chain adds until a block is final. */
const MAX_AHEAD = 2_000
/** Attempts after which a message makes room for others when too many wait: a quarter of an hour of them. */
const HOPELESS_ATTEMPTS = 8
/** First pause after a message could not be delivered, doubled up to the longest, ms. */
const FIRST_PAUSE_MS = 5_000
const MAX_PAUSE_MS = 600_000

/** A message that is not delivered, or not in a final block. Times are ms since the epoch. */
export interface Waiting {
  readonly index: number
  readonly id: Hex
  /** Attempts that failed. */
  attempts: number
  /** Until when it is left alone. */
  nextAt: number
  /** Why, and in which words of the chain. */
  reason: Reason | undefined
  detail: string | undefined
  /** When it is our turn; undefined before it could be delivered. */
  turnAt: number | undefined
  /** Where it was delivered, in a block that is not final; `transaction` only when it is ours. */
  landed: { readonly transaction: Hex | null; readonly block: bigint | null; readonly since: number } | undefined
}

export interface BacklogOptions {
  readonly records: Records
  readonly source: Source
  /** Domain that messages are delivered to. */
  readonly destination: number
  /** Whether none is ever given up for others. */
  readonly ordered: boolean
  readonly clock: Clock
}

/** Messages from one origin to one destination: which of them wait, durably. */
export class Backlog {
  readonly origin: number
  readonly #options: BacklogOptions
  readonly #waiting = new Map<number, Waiting>()
  /** Those of blocks that may be undone, in memory alone. */
  #ahead = new Map<number, Waiting>()
  #next: number

  constructor(options: BacklogOptions) {
    const { records, source, clock } = options
    this.#options = options
    this.origin = source.domain
    this.#next = records.next(this.origin)
    for (const [index, { id, attempts, nextAt, transaction, block }] of records.waiting(this.origin)) {
      this.#waiting.set(index, {
        ...{ index, id, attempts, nextAt, reason: undefined, detail: undefined, turnAt: undefined },
        landed: transaction === null && block === null ? undefined : { transaction, block, since: clock.now() },
      })
    }
  }

  /** The first leaf that was not looked at. */
  get next(): number {
    return this.#next
  }

  get size(): number {
    return this.#waiting.size
  }

  /** Looks at leaves that are there since the last time. @returns what begins to wait, and what was given up to make room */
  take(): { readonly found: readonly Dispatched[]; readonly givenUp: readonly Waiting[] } {
    const { records, source, destination } = this.#options
    const found: Dispatched[] = []
    const givenUp: Waiting[] = []
    const from = this.#next
    const until = Math.min(source.count, from + MAX_TAKEN)
    for (; this.#next < until; this.#next++) {
      const message = source.messageAt(this.#next)
      // what is too long or too old to be kept, others must deliver
      if (message === undefined || decodeMessage(hexToBytes(message.encoded)).destination !== destination) continue
      if (records.delivered(this.origin, this.#next) !== undefined || this.#waiting.has(this.#next)) continue
      if (this.#waiting.size >= MAX_WAITING) {
        const hopeless = this.#hopeless()
        if (hopeless === undefined) break
        this.#drop(hopeless.index)
        givenUp.push(hopeless)
      }
      this.#enter(message)
      found.push(message)
    }
    // after its messages: what a power cut takes of the last moments is found again
    if (this.#next !== from) records.setNext(this.origin, this.#next)
    return { found, givenUp }
  }

  /** Looks at the leaves after the final ones, as they are now: what was undone waits no more. */
  lookAhead(view: TreeView): void {
    const { source, destination } = this.#options
    const before = this.#ahead
    this.#ahead = new Map()
    for (let index = source.count; index < Math.min(view.count, source.count + MAX_AHEAD); index++) {
      const message = view.messageAt(index)
      if (message === undefined || decodeMessage(hexToBytes(message.encoded)).destination !== destination) continue
      const known = before.get(index)
      this.#ahead.set(index, known?.id === message.id ? known : fresh(message))
    }
  }

  /** All that wait or are not final, in the order of leaves. */
  *all(): Iterable<Waiting> {
    yield* this.#waiting.values()
    yield* this.#ahead.values()
  }

  find(index: number): Waiting | undefined {
    return this.#waiting.get(index) ?? this.#ahead.get(index)
  }

  delivered(index: number): Delivered | undefined {
    return this.#options.records.delivered(this.origin, index)
  }

  /** It could not be delivered: it is left alone for a while, a longer one each time. */
  postpone(waiting: Waiting, reason: Reason, detail: string | undefined): void {
    waiting.attempts++
    waiting.nextAt = this.#options.clock.now() + pauseAfter(waiting.attempts)
    waiting.reason = reason
    waiting.detail = detail
    this.#keep(waiting)
  }

  /** A block that is not final has its delivery. */
  land(waiting: Waiting, transaction: Hex | null, block: bigint | null): void {
    if (waiting.landed !== undefined && transaction === null) return
    waiting.landed = { transaction, block, since: this.#options.clock.now() }
    waiting.reason = undefined
    waiting.detail = undefined
    this.#keep(waiting)
  }

  /** Its delivery is there still, in a block that is not final yet. */
  relanded(waiting: Waiting): void {
    if (waiting.landed !== undefined) waiting.landed = { ...waiting.landed, since: this.#options.clock.now() }
  }

  /** The block that had its delivery is gone. */
  unland(waiting: Waiting): void {
    waiting.landed = undefined
    this.#keep(waiting)
  }

  /** It is final that it was delivered. */
  settle(index: number, record: Delivered): void {
    this.#waiting.delete(index)
    this.#options.records.putDelivered(this.origin, index, record)
  }

  #enter(message: Dispatched): void {
    const { index, id } = message
    const ahead = this.#ahead.get(index)
    this.#ahead.delete(index)
    const waiting = ahead?.id === id ? ahead : fresh(message)
    this.#waiting.set(index, waiting)
    this.#keep(waiting)
  }

  #hopeless(): Waiting | undefined {
    if (this.#options.ordered) return undefined
    let most: Waiting | undefined
    for (const waiting of this.#waiting.values()) {
      if (waiting.landed !== undefined || waiting.attempts < HOPELESS_ATTEMPTS) continue
      if (most === undefined || waiting.attempts > most.attempts) most = waiting
    }
    return most
  }

  #drop(index: number): void {
    this.#waiting.delete(index)
    this.#options.records.dropWaiting(this.origin, index)
  }

  #keep({ index, id, attempts, nextAt, landed }: Waiting): void {
    if (!this.#waiting.has(index)) return
    this.#options.records.putWaiting(this.origin, index, {
      ...{ id, attempts, nextAt, transaction: landed?.transaction ?? null, block: landed?.block ?? null },
    })
  }
}

const fresh = ({ index, id }: Dispatched): Waiting => ({
  ...{ index, id, attempts: 0, nextAt: 0, reason: undefined, detail: undefined, turnAt: undefined },
  landed: undefined,
})

/** ms after that many failed attempts. */
export function pauseAfter(attempts: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), MAX_PAUSE_MS)
}
