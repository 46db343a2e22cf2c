import type { Connection, Stream, StreamMessageEvent } from '@libp2p/interface'
import type { Clock } from '../util/clock.ts'
import { LariatError } from '../util/errors.ts'
import type { RateLimiter } from './rate.ts'

/**
 * Tells the time, again and again over one stream: one byte asks, 8 bytes answer, ms since the epoch as a big-endian double. The
 * next question comes after the answer.
 */
export const TIME_PROTOCOL = '/lariat/time/2'
const QUESTION = Uint8Array.of(1)
/** Bytes of an answer. */
const ANSWER_BYTES = 8
/** ms until an answer is waited for no more. */
export const ANSWER_MS = 5_000
/** Slower answers say too little about a clock: its error is half of the time that the answer took. */
export const MAX_ROUND_TRIP_MS = 2_000

/** A peer's clock. */
export interface ClockReading {
  /** ms by which it is ahead of ours, as if both ways took equally long. */
  readonly offsetMs: number
  readonly roundTripMs: number
}

/** Answers the questions of one stream until it ends. */
export function tellTime(stream: Stream, clock: Clock, rate: RateLimiter): void {
  stream.addEventListener('remoteCloseWrite', () => stream.abort(new Error('the peer asks no more')))
  stream.addEventListener('message', ({ data }: StreamMessageEvent) => {
    if (stream.status !== 'open') return
    rate.spend(1, data.byteLength)
    if (data.byteLength !== QUESTION.length || rate.debtMs() > 0 || stream.writableNeedsDrain) {
      stream.abort(new Error('too many questions'))
      return
    }
    const answer = Buffer.alloc(ANSWER_BYTES)
    answer.writeDoubleBE(clock.now())
    try {
      stream.send(answer)
    } catch (error) {
      // the connection went meanwhile; what a listener throws would end the process
      stream.abort(error instanceof Error ? error : new Error(String(error)))
    }
  })
}

/** Asks one connection for its peer's time, over a stream that stays open. */
export class TimeAsker {
  readonly #connection: Connection
  readonly #clock: Clock
  #stream: Stream | undefined
  /** The question under way; who asks meanwhile has its answer too. */
  #asking: Promise<ClockReading> | undefined

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection
    this.#clock = clock
  }

  /** @throws LariatError `p2p.time` when it does not answer within 5 s, or nonsense */
  ask(): Promise<ClockReading> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #ask(): Promise<ClockReading> {
    const ending = new AbortController()
    const timer = this.#clock.after(ANSWER_MS, () => ending.abort(new Error(`no answer in ${ANSWER_MS} ms`)))
    try {
      const stream = await this.#open(ending.signal)
      // the clock starts when the stream is there: agreeing on its protocol is a round trip of its own
      const from = this.#clock.now()
      const answered = answerOf(stream, ending.signal)
      // a stream that ended while it was opened refuses the question, and nobody waits for the answer then
      answered.catch(() => {})
      stream.send(QUESTION)
      const theirs = await answered
      const to = this.#clock.now()
      return { offsetMs: theirs - (from + to) / 2, roundTripMs: to - from }
    } catch (error) {
      this.#stream?.abort(new Error('the time was not told'))
      this.#stream = undefined
      const peer = this.#connection.remotePeer.toString()
      throw new LariatError('p2p.time', `${peer} does not tell its time`, { peer }, error)
    } finally {
      timer.cancel()
    }
  }

  async #open(signal: AbortSignal): Promise<Stream> {
    if (this.#stream?.status === 'open') return this.#stream
    this.#stream = await this.#connection.newStream([TIME_PROTOCOL], { signal })
    return this.#stream
  }
}

/** The next answer, ms since the epoch. Rejects when the stream ends, at the signal, and for what is no answer. */
function answerOf(stream: Stream, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let bytes = 0
    const onMessage = ({ data }: StreamMessageEvent) => {
      chunks.push(data.subarray())
      bytes += data.byteLength
      if (bytes < ANSWER_BYTES) return
      const theirs = Buffer.concat(chunks).readDoubleBE()
      if (bytes > ANSWER_BYTES || !Number.isFinite(theirs)) end(() => reject(new Error('not a time')))
      else end(() => resolve(theirs))
    }
    const onClose = () => end(() => reject(new Error('the stream ended')))
    const onAbort = () => end(() => reject(signal.reason))
    function end(settle: () => void): void {
      stream.removeEventListener('message', onMessage)
      stream.removeEventListener('close', onClose)
      signal.removeEventListener('abort', onAbort)
      settle()
    }
    stream.addEventListener('message', onMessage)
    stream.addEventListener('close', onClose)
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
    else if (stream.status !== 'open') onClose()
  })
}
