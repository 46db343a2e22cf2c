import type { Clock } from '../util/clock.ts'

/** What one peer may send: messages and bytes a second, with a burst after a pause. */
export interface Rate {
  readonly messagesPerSecond: number
  readonly messagesBurst: number
  readonly bytesPerSecond: number
  readonly bytesBurst: number
}

/** A pair of token buckets, for messages and bytes. Spending may go into debt; time pays it back. */
export class RateLimiter {
  readonly #clock: Clock
  readonly #rate: Rate
  #messages: number
  #bytes: number
  #at: number

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock
    this.#rate = rate
    this.#messages = rate.messagesBurst
    this.#bytes = rate.bytesBurst
    this.#at = clock.now()
  }

  /** Spends, into debt if need be. */
  spend(messages: number, bytes: number): void {
    this.#refill()
    this.#messages -= messages
    this.#bytes -= bytes
  }

  /** ms until the debt is paid; 0 when there is none. */
  debtMs(): number {
    this.#refill()
    const { messagesPerSecond, bytesPerSecond } = this.#rate
    const seconds = Math.max(-this.#messages / messagesPerSecond, -this.#bytes / bytesPerSecond, 0)
    return seconds * 1000
  }

  #refill(): void {
    const now = this.#clock.now()
    const seconds = (now - this.#at) / 1000
    if (seconds <= 0) return
    this.#at = now
    this.#messages = Math.min(this.#rate.messagesBurst, this.#messages + seconds * this.#rate.messagesPerSecond)
    this.#bytes = Math.min(this.#rate.bytesBurst, this.#bytes + seconds * this.#rate.bytesPerSecond)
  }
}
