import type { StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import { type YamuxMuxerInit, yamux } from '@libp2p/yamux'

/**
 * yamux, with windows that are opened again when half of one was used, as hashicorp's own implementation does. js-libp2p's answers
 * each frame of data with a window update: a second packet, encrypted and written, for every small message. Should its streams
 * not look as they do in the version we use, everything works as it does without us.
 */
export function muxer(init: YamuxMuxerInit): () => StreamMuxerFactory {
  const create = yamux(init)
  return () => {
    const factory: StreamMuxerFactory = create()
    const make = factory.createStreamMuxer.bind(factory)
    factory.createStreamMuxer = (connection) => tuned(make(connection))
    return factory
  }
}

/** State of a stream that both sides have; before it, a window update also opens or acknowledges the stream. */
const ESTABLISHED = 3

/** What of yamux's own we touch. */
interface Streams {
  _newStream(...args: readonly unknown[]): unknown
}

interface WindowedStream {
  readonly state: number
  /** Bytes that the peer may still send. */
  readonly recvWindowCapacity: number
  /** Bytes that it may send after an update. */
  readonly recvWindow: number
  sendWindowUpdate(): void
}

function tuned(made: StreamMuxer): StreamMuxer {
  if (!hasStreams(made)) return made
  const open = made._newStream.bind(made)
  made._newStream = (...args) => {
    const stream = open(...args)
    if (isWindowed(stream)) {
      const send = stream.sendWindowUpdate.bind(stream)
      stream.sendWindowUpdate = () => {
        if (stream.state === ESTABLISHED && stream.recvWindowCapacity * 2 > stream.recvWindow) return
        send()
      }
    }
    return stream
  }
  return made
}

function hasStreams(made: object): made is Streams & StreamMuxer {
  return '_newStream' in made && typeof made._newStream === 'function'
}

function isWindowed(stream: unknown): stream is WindowedStream {
  if (typeof stream !== 'object' || stream === null) return false
  const { state, recvWindow, recvWindowCapacity, sendWindowUpdate } = stream as Record<string, unknown>
  const numbers = [state, recvWindow, recvWindowCapacity].every((one) => typeof one === 'number')
  return numbers && typeof sendWindowUpdate === 'function'
}
