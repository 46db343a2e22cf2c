import type { RoundStore } from '../rounds/store.ts'

/** Rounds known to be missing at a time; while there are so many, no more are looked for. */
const MAX_MISSING = 4_096
/** Rounds that one look into the store covers: some ms of reading. */
const SCAN_ROUNDS = 1_024n
/** Ranges that are yet to be looked through: one from the start, and one for each time that this machine slept. */
const MAX_RANGES = 64

interface Range {
  readonly from: bigint
  readonly to: bigint
}

/** Which rounds are missing, found by looking through the store piece by piece, the newest first: they are of most use. */
export class Gaps {
  readonly #missing = new Set<bigint>()
  #unseen: Range[] = []
  /** All up to here was handed in to be looked through. */
  #handedIn = 0n

  /** Rounds up to `to` are over and may be missing; below `first` none is wanted. */
  extend(first: bigint, to: bigint): void {
    const from = this.#handedIn + 1n > first ? this.#handedIn + 1n : first
    if (to < from) return
    this.#handedIn = to
    this.#unseen.push({ from, to })
    if (this.#unseen.length > MAX_RANGES) this.#unseen.shift()
  }

  /** Looks through the next piece. */
  scan(rounds: RoundStore): void {
    const range = this.#unseen.pop()
    if (range === undefined) return
    if (this.#missing.size >= MAX_MISSING) {
      this.#unseen.push(range)
      return
    }
    const from = range.to - range.from >= SCAN_ROUNDS ? range.to - SCAN_ROUNDS + 1n : range.from
    if (from > range.from) this.#unseen.push({ from: range.from, to: from - 1n })
    const kept = new Set(rounds.list(from, range.to, Number(SCAN_ROUNDS)).map(({ round }) => round))
    for (let round = range.to; round >= from; round--) if (!kept.has(round)) this.#missing.add(round)
  }

  /** True when it was missing. */
  fill(round: bigint): boolean {
    return this.#missing.delete(round)
  }

  has(round: bigint): boolean {
    return this.#missing.has(round)
  }

  get size(): number {
    return this.#missing.size
  }

  /** The highest missing round for which `isWanted` holds. */
  newest(isWanted: (round: bigint) => boolean): bigint | undefined {
    let newest: bigint | undefined
    for (const round of this.#missing) if ((newest === undefined || round > newest) && isWanted(round)) newest = round
    return newest
  }

  within(from: bigint, to: bigint): bigint[] {
    return [...this.#missing].filter((round) => round >= from && round <= to)
  }

  clear(): void {
    this.#missing.clear()
    this.#unseen = []
    this.#handedIn = 0n
  }
}
