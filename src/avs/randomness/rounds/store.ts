import type { Hex, KeyValueStore, StoreSpec } from 'lariat/avs'
import { hexToBytes } from 'lariat/avs'

/** A round's number and its signature: G1, compressed, 48 bytes. The randomness is the signature's sha256. */
export interface Round {
  /** From 1. */
  readonly round: bigint
  readonly signature: Uint8Array
}

/** Rounds of one chain. Stores stack on each other: each refuses what it is there to refuse, and hands on the rest. */
export interface RoundStore {
  /** Keeps a round. @throws LariatError `rounds.conflict`, `rounds.too-early`, `rounds.false`, by whichever layer refuses it */
  put(round: Round): void
  get(round: bigint): Round | undefined
  /** The highest that is kept. */
  latest(): Round | undefined
  /** Those from `from` to `to`, both included, ascending. */
  list(from: bigint, to: bigint, limit: number): Round[]
}

/** Bytes of the chain hash in a key: as many as tell two keys of one operator's lifetime apart. */
const CHAIN_BYTES = 8
const MAX_ROUND = 2n ** 64n - 1n

/** The plug-in's store of rounds, a key of 16 bytes and a signature each. @param keep rounds, at most */
export const roundStoreSpec = (keep: number): StoreSpec => ({ version: 1, maxEntries: keep, maxValueBytes: 48 })

/** The lowest layer: rounds under the start of their chain's hash and their number. */
export function storedRounds(store: KeyValueStore, chainHash: Hex): RoundStore {
  const chain = hexToBytes(chainHash).subarray(0, CHAIN_BYTES)
  const keyOf = (round: bigint): Uint8Array => {
    const key = Buffer.alloc(CHAIN_BYTES + 8)
    key.set(chain)
    key.writeBigUInt64BE(round, CHAIN_BYTES)
    return key
  }
  const roundOf = ({ key, value }: { key: Uint8Array; value: Uint8Array }): Round => ({
    round: new DataView(key.buffer, key.byteOffset).getBigUint64(CHAIN_BYTES),
    signature: value,
  })
  const bounded = (round: bigint) => (round < 0n ? 0n : round > MAX_ROUND ? MAX_ROUND : round)
  return {
    put: ({ round, signature }) => store.put(keyOf(round), signature),
    get(round) {
      if (round < 1n || round > MAX_ROUND) return undefined
      const signature = store.get(keyOf(round))
      return signature === undefined ? undefined : { round, signature }
    },
    latest() {
      const [newest] = store.list({ from: keyOf(0n), to: keyOf(MAX_ROUND), limit: 1, reverse: true })
      return newest === undefined ? undefined : roundOf(newest)
    },
    list: (from, to, limit) =>
      from > to ? [] : store.list({ from: keyOf(bounded(from)), to: keyOf(bounded(to)), limit }).map(roundOf),
  }
}
