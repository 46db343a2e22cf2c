import type { Clock } from '../util/clock.ts'

/** Ids remembered at most; two minutes at 500 messages a second. The oldest go first. */
const MAX_IDS = 60_000

/** Ids of messages that were handled, for a time. */
export class SeenIds {
  readonly #clock: Clock
  readonly #ms: number
  readonly #until = new Map<string, number>()

  constructor(clock: Clock, ms: number) {
    this.#clock = clock
    this.#ms = ms
  }

  /** Remembers `id`; false when it was known. */
  add(id: string): boolean {
    const now = this.#clock.now()
    // insertion order is order of expiry
    for (const [oldest, until] of this.#until) {
      if (until > now && this.#until.size < MAX_IDS) break
      this.#until.delete(oldest)
    }
    if (this.#until.has(id)) return false
    this.#until.set(id, now + this.#ms)
    return true
  }
}
