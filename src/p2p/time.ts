import type { Connection, Stream } from '@libp2p/interface'
import type { Clock } from '../util/clock.ts'
import { LariatError } from '../util/errors.ts'

/** Tells the time: one byte asks, 8 bytes answer, ms since the epoch as a big-endian double. */
export const TIME_PROTOCOL = '/lariat/time/1'
const QUESTION = Uint8Array.of(1)
/** Bytes of an answer. */
const ANSWER_BYTES = 8
/** ms for question and answer: a slower answer says too little, as its error is half of the time it took. */
const MAX_ROUND_TRIP_MS = 2_000

/** A peer's clock. */
export interface ClockReading {
  /** ms by which it is ahead of ours, as if both ways took equally long. */
  readonly offsetMs: number
  readonly roundTripMs: number
}

/** Answers the question of one stream. Never rejects. */
export async function tellTime(stream: Stream, clock: Clock): Promise<void> {
  try {
    await read(stream, QUESTION.length, AbortSignal.timeout(MAX_ROUND_TRIP_MS))
    const answer = Buffer.alloc(ANSWER_BYTES)
    answer.writeDoubleBE(clock.now())
    stream.send(answer)
    await stream.close()
  } catch {
    stream.abort(new Error('no question came'))
  }
}

/** Asks a connected peer for its time. @throws LariatError `p2p.time` when it does not answer in time, or nonsense */
export async function askTime(connection: Connection, clock: Clock, signal: AbortSignal): Promise<ClockReading> {
  const peer = connection.remotePeer.toString()
  let stream: Stream | undefined
  try {
    stream = await connection.newStream([TIME_PROTOCOL], { signal })
    // the clock starts when the stream is there: agreeing on its protocol is a round trip of its own
    const from = clock.now()
    stream.send(QUESTION)
    const answer = await read(stream, ANSWER_BYTES, AbortSignal.any([signal, AbortSignal.timeout(MAX_ROUND_TRIP_MS)]))
    const to = clock.now()
    const theirs = answer.readDoubleBE()
    if (!Number.isFinite(theirs)) throw new Error('not a time')
    return { offsetMs: theirs - (from + to) / 2, roundTripMs: to - from }
  } catch (error) {
    throw new LariatError('p2p.time', `${peer} does not tell its time`, { peer }, error)
  } finally {
    stream?.abort(new Error('the time was told'))
  }
}

/** The first `length` bytes of a stream. */
async function read(stream: Stream, length: number, signal: AbortSignal): Promise<Buffer> {
  const end = () => stream.abort(new Error('it took too long'))
  signal.addEventListener('abort', end, { once: true })
  try {
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of stream) {
      chunks.push(chunk.subarray())
      bytes += chunk.byteLength
      if (bytes >= length) return Buffer.concat(chunks).subarray(0, length)
    }
    throw new Error('the stream ended')
  } finally {
    signal.removeEventListener('abort', end)
  }
}
