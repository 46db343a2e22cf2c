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
const MAX_ID = 2n ** 64n - 1n

/** The plug-in's store of requests: the oldest go first when there are too many. */
export const REQUEST_STORE_SPEC: StoreSpec = { version: 1, maxEntries: MAX_REQUESTS, maxValueBytes: VALUE_BYTES }

/** Requests that wait, on disk: their rounds may be a year ahead. */
export class RequestBook {
  readonly #store: KeyValueStore

  constructor(store: KeyValueStore) {
    this.#store = store
  }

  add({ id, consumer, round, gasLimit, fee }: RandomnessRequest): void {
    const value = Buffer.concat([
      hexToBytes(consumer),
      bigToBytes(round, 8),
      bigToBytes(BigInt(gasLimit), 4),
      bigToBytes(fee, 12),
    ])
    this.#store.put(bigToBytes(id, ID_BYTES), value)
  }

  remove(id: bigint): void {
    this.#store.delete(bigToBytes(id, ID_BYTES))
  }

  /** Those with ids from `from` to `to`, ascending. */
  list(from = 0n, to = MAX_ID): RandomnessRequest[] {
    const range = { from: bigToBytes(from, ID_BYTES), to: bigToBytes(to, ID_BYTES), limit: MAX_REQUESTS }
    return this.#store.list(range).map(({ key, value }) => ({
      id: bytesToBig(key),
      consumer: bytesToHex(value.subarray(0, 20)),
      round: bytesToBig(value.subarray(20, 28)),
      gasLimit: Number(bytesToBig(value.subarray(28, 32))),
      fee: bytesToBig(value.subarray(32, 44)),
    }))
  }

  get size(): number {
    return this.#store.size
  }
}
