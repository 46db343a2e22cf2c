import type { Clock, Timer } from './clock.ts'

interface Entry {
  readonly at: number
  readonly order: number
  readonly fn: () => void
}

/** A clock that moves only when told to: the in-memory form of `Clock`. Timers fire in order of time, then of creation. */
export class SimClock implements Clock {
  #now: number
  #order = 0
  #timers: Entry[] = []

  constructor(startMs = 1_700_000_000_000) {
    this.#now = startMs
  }

  now(): number {
    return this.#now
  }

  after(ms: number, fn: () => void): Timer {
    const entry: Entry = { at: this.#now + Math.max(0, ms), order: this.#order++, fn }
    this.#timers.push(entry)
    return {
      cancel: () => {
        const i = this.#timers.indexOf(entry)
        if (i >= 0) this.#timers.splice(i, 1)
      },
    }
  }

  /** Moves time forward by `ms`, firing what falls due and letting promises settle after each timer. */
  async advance(ms: number): Promise<void> {
    const target = this.#now + ms
    await settle()
    for (;;) {
      const next = this.#timers.reduce<Entry | undefined>(
        (a, b) => (a === undefined || b.at < a.at || (b.at === a.at && b.order < a.order) ? b : a),
        undefined,
      )
      if (next === undefined || next.at > target) break
      this.#timers.splice(this.#timers.indexOf(next), 1)
      this.#now = Math.max(this.#now, next.at)
      next.fn()
      await settle()
    }
    this.#now = target
  }
}

/** Lets pending microtasks and immediates run; enough rounds for chains of awaits across an in-memory network. */
async function settle(): Promise<void> {
  for (let i = 0; i < 12; i++) await new Promise<void>((resolve) => setImmediate(resolve))
}
