import type { Stream } from '@libp2p/interface'
import type { Clock, Timer } from '../util/clock.ts'
import { describe, LariatError } from '../util/errors.ts'
import type { Log } from '../util/log.ts'
import { encodeFrame } from './framing.ts'
import type { Limits } from './limits.ts'
import type { DropReason, P2pMetrics } from './metrics.ts'

export interface SenderOptions {
  readonly clock: Clock
  readonly log: Log
  readonly limits: Limits
  readonly metrics: P2pMetrics
  /** Opens a direct stream on a connection that is there. @throws when there is none, or the peer refuses */
  readonly open: (peer: string) => Promise<Stream>
}

/** ms before a stream that was lost, or could not be opened, is tried again; doubled each time up to the maximum. */
const REOPEN_MS = 100
const MAX_REOPEN_MS = 2_000

/** Our direct stream to one peer: opened as soon as there is a connection, kept open, with a bounded queue before it. */
export class Sender {
  readonly #options: SenderOptions
  readonly #peer: string
  readonly #queue: Uint8Array[] = []
  #queuedBytes = 0
  #connected = false
  #stream: Stream | undefined
  #opening = false
  #attempts = 0
  #reopen: Timer | undefined
  #stalled: Timer | undefined

  constructor(options: SenderOptions, peer: string) {
    this.#options = options
    this.#peer = peer
  }

  /** There is a connection now. */
  connect(): void {
    this.#connected = true
    this.#attempts = 0
    void this.#openStream()
  }

  /** There is none any more: what is queued is dropped, as it will be stale by the time there is one. */
  disconnect(): void {
    this.#connected = false
    this.#reopen?.cancel()
    this.#reopen = undefined
    this.#closeStream(new Error('the connection is gone'), 'disconnected')
  }

  /** @throws LariatError `p2p.unreachable`, `p2p.backlogged` */
  send(topic: string, data: Uint8Array): void {
    const { limits, metrics } = this.#options
    const peer = this.#peer
    if (!this.#connected) {
      metrics.dropped('unreachable')
      throw new LariatError('p2p.unreachable', `there is no connection to ${peer}`, { peer })
    }
    const frame = encodeFrame(topic, data)
    if (this.#queue.length >= limits.queueFrames || this.#queuedBytes + frame.length > limits.queueBytes) {
      metrics.dropped('backlogged')
      throw new LariatError('p2p.backlogged', `the queue to ${peer} is full: it reads too slowly`, {
        peer,
        frames: this.#queue.length,
        bytes: this.#queuedBytes,
      })
    }
    this.#queue.push(frame)
    this.#queuedBytes += frame.length
    metrics.message('direct', 'out', data.length)
    this.#flush()
  }

  async #openStream(): Promise<void> {
    if (this.#opening || this.#stream !== undefined || !this.#connected) return
    this.#opening = true
    try {
      const stream = await this.#options.open(this.#peer)
      stream.addEventListener('drain', () => this.#onDrain(stream))
      stream.addEventListener('close', () => this.#onClose(stream))
      if (!this.#connected || stream.status !== 'open') {
        stream.abort(new Error('the connection is gone'))
        throw new Error('the stream was closed while it opened')
      }
      this.#stream = stream
      this.#flush()
    } catch (error) {
      this.#options.log.debug('cannot open a direct stream', { peer: this.#peer, error: describe(error) })
    } finally {
      this.#opening = false
    }
    if (this.#stream === undefined) this.#reopenLater()
  }

  #reopenLater(): void {
    if (!this.#connected || this.#reopen !== undefined) return
    const delay = Math.min(MAX_REOPEN_MS, REOPEN_MS * 2 ** this.#attempts++)
    this.#reopen = this.#options.clock.after(delay, () => {
      this.#reopen = undefined
      void this.#openStream()
    })
  }

  #flush(): void {
    const stream = this.#stream
    if (stream === undefined) return
    try {
      while (this.#queue.length > 0 && !stream.writableNeedsDrain) {
        const frame = this.#queue.shift()
        if (frame === undefined) break
        this.#queuedBytes -= frame.length
        stream.send(frame)
      }
    } catch (error) {
      // the close event follows and opens another stream
      stream.abort(error instanceof Error ? error : new Error(String(error)))
    }
    if (stream.writableNeedsDrain) {
      this.#stalled ??= this.#options.clock.after(this.#options.limits.stalledMs, () => {
        this.#options.log.warn('a peer does not read its direct stream', { peer: this.#peer })
        this.#closeStream(new Error('the peer does not read'), 'stalled')
        this.#reopenLater()
      })
    }
  }

  #onDrain(stream: Stream): void {
    if (stream !== this.#stream) return
    this.#stalled?.cancel()
    this.#stalled = undefined
    // libp2p lowers its own flag in a listener that runs before this one, and writes what it buffered in a microtask
    queueMicrotask(() => this.#flush())
  }

  #onClose(stream: Stream): void {
    if (stream !== this.#stream) return
    this.#stream = undefined
    this.#stalled?.cancel()
    this.#stalled = undefined
    this.#reopenLater()
  }

  #closeStream(reason: Error, drop: DropReason): void {
    this.#stalled?.cancel()
    this.#stalled = undefined
    const stream = this.#stream
    this.#stream = undefined
    stream?.abort(reason)
    if (this.#queue.length > 0) this.#options.metrics.dropped(drop, this.#queue.length)
    this.#queue.length = 0
    this.#queuedBytes = 0
  }
}
