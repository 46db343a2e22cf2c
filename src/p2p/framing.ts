import { LengthPrefixedDecoder } from '@libp2p/utils'
import { writer } from 'protons-runtime'
import { decode as decodeVarint } from 'uint8-varint'
import type { Uint8ArrayList } from 'uint8arraylist'
import { Frame } from './frame.ts'
import type { Limits } from './limits.ts'

/** Protocol of the direct stream. A change that an older node would misread gets a new number. */
export const DIRECT_PROTOCOL = '/lariat/direct/1'

/** Bytes that a frame adds to its topic and data: two tags and two lengths. */
const FRAME_OVERHEAD = 16

/** Bytes of the length before a frame: 28 bits, far above what a frame may have. */
const MAX_LENGTH_BYTES = 4

/** Bytes that one stream may be ahead of its reader: yamux's window, which also bounds what a paused stream buffers. */
export const STREAM_WINDOW_BYTES = 1024 * 1024

/** A frame with its length before it, ready to be written. */
export function encodeFrame(topic: string, data: Uint8Array): Uint8Array {
  const out = writer()
  // without options protons writes the message length-delimited
  Frame.codec().encode({ topic, data: data as Uint8Array<ArrayBuffer> }, out)
  return out.finish()
}

/** What tells the splitter to wait for more; made once, because taking a stack for every chunk costs more than the rest. */
const NOTHING_LEFT = new RangeError('no bytes left')

/** Splits what arrives into frames, still undecoded. Its `decode` throws when a frame is longer than the limits allow. */
export function frameSplitter(limits: Pick<Limits, 'messageBytes' | 'topicBytes'>): LengthPrefixedDecoder {
  const frameBytes = limits.messageBytes + limits.topicBytes + FRAME_OVERHEAD
  return new LengthPrefixedDecoder({
    maxDataLength: frameBytes,
    maxBufferSize: frameBytes + STREAM_WINDOW_BYTES,
    lengthDecoder(data) {
      if (data.byteLength === 0) throw NOTHING_LEFT
      try {
        return decodeVarint(data)
      } catch (error) {
        // the splitter takes a RangeError for a length that has not arrived as a whole
        if (data.byteLength >= MAX_LENGTH_BYTES) throw new Error('the length before a frame is too long')
        throw error
      }
    },
  })
}

/** Topic and data, the latter a copy; undefined when it is no frame or breaks a limit. */
export function decodeFrame(
  bytes: Uint8ArrayList,
  limits: Pick<Limits, 'messageBytes' | 'topicBytes'>,
): { topic: string; data: Uint8Array } | undefined {
  try {
    const { topic, data } = Frame.decode(bytes)
    if (topic.length === 0 || Buffer.byteLength(topic) > limits.topicBytes) return undefined
    return data.length > limits.messageBytes ? undefined : { topic, data: new Uint8Array(data) }
  } catch {
    return undefined
  }
}
