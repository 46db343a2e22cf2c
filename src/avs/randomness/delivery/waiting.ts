import type { Clock, KeyValueStore } from 'lariat/avs'
import type { RoundStore } from '../rounds/store.ts'
import { type RandomnessRequest, RequestBook } from './requests.ts'

/** Requests that are looked at in one go, and old ones at a time; more wait for the next block. */
const MAX_LOOKED_AT = 256
const MAX_REVIEWED = 16
/** ms after which a block that settled a request is final, or undone: twice what mainnet takes. */
const SETTLED_MS = 1_800_000

/** Requests that wait for one round, which this node has. */
export interface DueRound {
  /** 48 bytes */
  readonly signature: Uint8Array
  readonly requests: readonly RandomnessRequest[]
}

/** Which requests wait, as far as this node knows: the book, but for what the newest blocks say is done. */
export class Waiting {
  readonly #book: RequestBook
  readonly #clock: Clock
  /** Requests that the newest blocks say do not wait, by when that is looked at again, ms since the epoch: a block may be undone. */
  readonly #settled = new Map<bigint, number>()

  constructor(store: KeyValueStore, clock: Clock) {
    this.#book = new RequestBook(store)
    this.#clock = clock
  }

  get size(): number {
    return Math.max(0, this.#book.size - this.#settled.size)
  }

  add(request: RandomnessRequest): void {
    this.#settled.delete(request.id) // a reorg may have made another request of this id
    this.#book.add(request)
  }

  /** Notes that the newest block has it fulfilled, or does not have it. */
  settle(id: bigint): void {
    this.#settled.set(id, this.#clock.now() + SETTLED_MS)
  }

  /** Once it is final that a request does not wait. */
  forget(id: bigint): void {
    this.#book.remove(id)
    this.#settled.delete(id)
  }

  /** Looks again at requests that were settled so long ago that it must be final by now: those that wait are due again. */
  async review(isPending: (request: RandomnessRequest) => Promise<boolean>): Promise<void> {
    const now = this.#clock.now()
    const old = [...this.#settled].filter(([, until]) => until <= now).slice(0, MAX_REVIEWED)
    for (const [id] of old) {
      const request = this.#book.get(id)
      if (request !== undefined && (await isPending(request))) this.#settled.delete(id)
      else this.forget(id)
    }
  }

  /** Whether any wait for rounds up to the newest one. */
  isAnyDue(rounds: Pick<RoundStore, 'latest'>): boolean {
    for (const _ of this.#book.upTo(rounds.latest()?.round ?? 0n)) return true
    return false
  }

  /**
   * Those whose rounds are in `rounds`, by round; the oldest first.
   * @param isWorth whether one is to be looked at: what is not now shall not hide what is
   */
  due(
    rounds: Pick<RoundStore, 'get' | 'latest'>,
    isWorth: (request: RandomnessRequest) => boolean,
  ): ReadonlyMap<bigint, DueRound> {
    const latest = rounds.latest()
    if (latest === undefined) return new Map()
    const found: { signature: Uint8Array; request: RandomnessRequest }[] = []
    for (const { round, requests } of this.#book.upTo(latest.round)) {
      const open = [...requests].filter((request) => !this.#settled.has(request.id) && isWorth(request))
      const signature = open.length === 0 ? undefined : rounds.get(round)?.signature
      if (signature !== undefined) for (const request of open) found.push({ signature, request })
    }
    found.sort((a, b) => (a.request.id < b.request.id ? -1 : 1))
    const due = new Map<bigint, { signature: Uint8Array; requests: RandomnessRequest[] }>()
    for (const { signature, request } of found.slice(0, MAX_LOOKED_AT)) {
      const entry = due.get(request.round) ?? { signature, requests: [] }
      entry.requests.push(request)
      due.set(request.round, entry)
    }
    return due
  }
}
