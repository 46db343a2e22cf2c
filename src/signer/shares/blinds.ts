import { blindOfRound } from '../../bls/secret/partial.ts'
import type { Blind } from '../../bls/secret/scalars.ts'
import { breathe } from '../../bls/threshold/start.ts'
import type { Clock, Timer } from '../../util/clock.ts'

/** Most that are made ahead: of the shares that one operator may hold. */
const MAX_AHEAD = 8
/** Between two breaths of the event loop: some 4 ms. */
const BLINDS_A_BREATH = 4
/** Part of the period after a round in which those of the next are made: the round is there, and the next one far. */
const AFTER_PART = 0.45

/** The half of partials' work that does not rest on shares, done ahead for the round after the one that was signed last. */
export class Blinds {
  readonly #clock: Clock
  #round: bigint | undefined
  #made: Blind[] = []
  #timer: Timer | undefined
  #closed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** One of `round`, which is nobody else's; undefined when there is none. */
  take(round: bigint): Blind | undefined {
    return round === this.#round ? this.#made.pop() : undefined
  }

  /** Makes `count` of the round after `round` in a while. @param period seconds between rounds */
  prepareNext(round: bigint, count: number, period: number): void {
    if (this.#closed || (this.#round !== undefined && round < this.#round)) return // an old one was signed for somebody who lacks it
    this.#timer?.cancel()
    this.#timer = this.#clock.after(period * 1_000 * AFTER_PART, () => void this.#make(round + 1n, count))
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#made = []
  }

  async #make(round: bigint, count: number): Promise<void> {
    this.#round = round
    this.#made = []
    for (let i = 1; i <= Math.min(count, MAX_AHEAD) && this.#round === round && !this.#closed; i++) {
      this.#made.push(blindOfRound(round))
      if (i % BLINDS_A_BREATH === 0) await breathe()
    }
  }
}
