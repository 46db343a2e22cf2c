import type { Stream, StreamMessageEvent } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'
import type { Clock, Timer } from '../util/clock.ts'
import { describe } from '../util/errors.ts'
import { decodeFrame, frameSplitter } from './framing.ts'
import type { Inbox } from './inbox.ts'
import type { Limits } from './limits.ts'
import type { P2pMetrics } from './metrics.ts'
import type { RateLimiter } from './rate.ts'
import type { Offence } from './scoring.ts'

export interface ReceiverOptions {
  readonly clock: Clock
  readonly limits: Limits
  readonly metrics: P2pMetrics
  readonly inbox: Inbox
  readonly penalize: (peer: string, offence: Offence) => void
}

/**
 * Reads the frames of one peer's direct stream and hands them to the inbox in order, at most `handlersPerPeer` at once
 * and within the peer's rate. Beyond either the stream is paused: yamux then closes its window, and the sender's queue
 * fills. A malformed frame ends the stream.
 */
export class Receiver {
  readonly #options: ReceiverOptions
  readonly #peer: string
  readonly #stream: Stream
  readonly #rate: RateLimiter
  readonly #splitter
  /** Frames of chunks that arrived; bounded by the stream's window. */
  #waiting: Uint8ArrayList[] = []
  #working = 0
  #payday: Timer | undefined
  #ended = false

  /** @param rate outlives the stream, so that a new stream does not give the peer a new burst */
  constructor(options: ReceiverOptions, peer: string, stream: Stream, rate: RateLimiter) {
    this.#options = options
    this.#peer = peer
    this.#stream = stream
    this.#rate = rate
    this.#splitter = frameSplitter(options.limits)
    stream.addEventListener('message', (event) => this.#take(event))
    stream.addEventListener('remoteCloseWrite', () => void stream.close().catch(() => this.end()))
    stream.addEventListener('close', () => this.end())
  }

  /** Stops reading for good. */
  end(reason = new Error('the direct stream was replaced')): void {
    if (this.#ended) return
    this.#ended = true
    this.#waiting = []
    this.#payday?.cancel()
    this.#stream.abort(reason)
  }

  #take(event: StreamMessageEvent): void {
    if (this.#ended) return
    try {
      this.#waiting.push(...this.#splitter.decode(event.data))
    } catch (error) {
      this.#malformed(describe(error))
      return
    }
    this.#pump()
  }

  #pump(): void {
    while (!this.#ended && this.#waiting.length > 0 && this.#mayHandle()) {
      const bytes = this.#waiting.shift()
      if (bytes !== undefined) this.#handle(bytes)
    }
    if (this.#ended || this.#stream.status !== 'open') return
    // both are without effect when the stream is so already; resuming emits what was buffered meanwhile
    if (this.#waiting.length > 0) this.#stream.pause()
    else this.#stream.resume()
  }

  #mayHandle(): boolean {
    if (this.#working >= this.#options.limits.handlersPerPeer) return false
    const debtMs = this.#rate.debtMs()
    if (debtMs === 0) return true
    this.#payday ??= this.#options.clock.after(Math.ceil(debtMs), () => {
      this.#payday = undefined
      this.#pump()
    })
    return false
  }

  #handle(bytes: Uint8ArrayList): void {
    this.#rate.spend(1, bytes.byteLength)
    const frame = decodeFrame(bytes, this.#options.limits)
    if (frame === undefined) {
      this.#malformed('not a frame')
      return
    }
    this.#working++
    void this.#options.inbox.handle({ ...frame, from: this.#peer, via: 'direct' }).then(() => {
      this.#working--
      if (this.#waiting.length > 0) this.#pump()
    })
  }

  #malformed(what: string): void {
    this.#options.metrics.dropped('malformed')
    this.end(new Error(`malformed direct frame: ${what}`))
    this.#options.penalize(this.#peer, 'malformed')
  }
}
