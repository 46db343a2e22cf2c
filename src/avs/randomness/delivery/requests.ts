import {
  type Address,
  bigToBytes,
  bytesToBig,
  bytesToHex,
  hexToBytes,
  type KeyValueStore,
  type StoreSpec,
} from 'lariat/avs'

/** A contract's request for the randomness of a round, as RandomnessBeacon tells it and wants it back. */
export interface RandomnessRequest {
  /** From 1. */
  readonly id: bigint
  readonly consumer: Address
  readonly round: bigint
  /** Gas of the callback. */
  readonly gasLimit: number
  /** Wei for whoever fulfills it. */
  readonly fee: bigint
}

/** Requests that are remembered, all of which pay for themselves: a dozen blocks of nothing else. */
const MAX_REQUESTS = 20_000
/** consumer 20, round 8, gas limit 4, fee 12 */
const VALUE_BYTES = 44
const ID_BYTES = 8
/** Entries that are read at a time; a store gives no more than 10,000. */
const PAGE = 1_000

/** The plug-in's store of requests: the oldest go first when there are too many. */
export const REQUEST_STORE_SPEC: StoreSpec = { version: 1, maxEntries: MAX_REQUESTS, maxValueBytes: VALUE_BYTES }

/**
 * Requests that wait, on disk: their rounds may be a year ahead. In memory they lie by round as well, some 10 MB when there are as
 * many as can be, so that a block costs what is due in it and not what waits.
 */
export class RequestBook {
  readonly #store: KeyValueStore
  readonly #byId = new Map<bigint, RandomnessRequest>()
  readonly #byRound = new Map<bigint, Map<bigint, RandomnessRequest>>()
  /** Rounds that requests wait for, ascending. */
  readonly #rounds: bigint[] = []

  constructor(store: KeyValueStore) {
    this.#store = store
    for (let from = 0n; ; ) {
      const page = store.list({ from: bigToBytes(from, ID_BYTES), limit: PAGE })
      for (const { key, value } of page) this.#enter(decode(key, value))
      const last = page.at(-1)
      if (last === undefined || page.length < PAGE) return
      from = bytesToBig(last.key) + 1n
    }
  }

  /** Another request of an id takes the place of the one before. */
  add(request: RandomnessRequest): void {
    const { id } = request
    this.#leave(id)
    if (this.#byId.size >= MAX_REQUESTS) {
      const [first] = this.#store.list({ limit: 1 })
      const oldest = first === undefined ? id : bytesToBig(first.key)
      if (id < oldest) return
      this.remove(oldest)
    }
    this.#store.put(bigToBytes(id, ID_BYTES), encode(request))
    this.#enter(request)
  }

  get(id: bigint): RandomnessRequest | undefined {
    return this.#byId.get(id)
  }

  remove(id: bigint): void {
    this.#store.delete(bigToBytes(id, ID_BYTES))
    this.#leave(id)
  }

  /** Rounds up to `latest` that requests wait for, ascending, each with those, by no order. */
  *upTo(latest: bigint): Iterable<{ readonly round: bigint; readonly requests: Iterable<RandomnessRequest> }> {
    for (const round of this.#rounds) {
      if (round > latest) return
      yield { round, requests: this.#byRound.get(round)?.values() ?? [] }
    }
  }

  get size(): number {
    return this.#byId.size
  }

  #enter(request: RandomnessRequest): void {
    const { id, round } = request
    this.#byId.set(id, request)
    const others = this.#byRound.get(round)
    if (others !== undefined) {
      others.set(id, request)
      return
    }
    this.#byRound.set(round, new Map([[id, request]]))
    this.#rounds.splice(this.#placeOf(round), 0, round)
  }

  #leave(id: bigint): void {
    const request = this.#byId.get(id)
    if (request === undefined) return
    const { round } = request
    this.#byId.delete(id)
    const others = this.#byRound.get(round)
    others?.delete(id)
    if (others?.size !== 0) return
    this.#byRound.delete(round)
    this.#rounds.splice(this.#placeOf(round), 1)
  }

  /** Where a round is, or would be, among the others. */
  #placeOf(round: bigint): number {
    let [low, high] = [0, this.#rounds.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#rounds[middle] ?? round) < round) low = middle + 1
      else high = middle
    }
    return low
  }
}

function encode({ consumer, round, gasLimit, fee }: RandomnessRequest): Uint8Array {
  return Buffer.concat([
    hexToBytes(consumer),
    bigToBytes(round, 8),
    bigToBytes(BigInt(gasLimit), 4),
    bigToBytes(fee, 12),
  ])
}

function decode(key: Uint8Array, value: Uint8Array): RandomnessRequest {
  return {
    id: bytesToBig(key),
    consumer: bytesToHex(value.subarray(0, 20)),
    round: bytesToBig(value.subarray(20, 28)),
    gasLimit: Number(bytesToBig(value.subarray(28, 32))),
    fee: bytesToBig(value.subarray(32, 44)),
  }
}
