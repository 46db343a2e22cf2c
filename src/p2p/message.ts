import { hash } from 'node:crypto'
import { LariatError } from '../util/errors.ts'
import type { Limits } from './limits.ts'

/** Hex digits of a message id: 128 bits, so that nobody finds two messages of one id. */
const ID_DIGITS = 32

/**
 * Id of a gossip message: the start of SHA-256 over topic and data, in hex. Messages carry no sequence number and no
 * author (StrictNoSign), so the same bytes on the same topic are the same message whoever publishes them.
 */
export function messageId(topic: string, data: Uint8Array): string {
  const head = Buffer.from(`${topic}\0`)
  return hash('sha256', Buffer.concat([head, data]), 'hex').slice(0, ID_DIGITS)
}

/**
 * Refuses what may not be sent. A peer whose limit a message breaks cuts our stream for good, so the check is before
 * sending.
 * @throws LariatError `p2p.too-large` or `p2p.topic`
 */
export function checkMessage(
  topic: string,
  data: Uint8Array,
  limits: Pick<Limits, 'messageBytes' | 'topicBytes'>,
): void {
  if (data.length > limits.messageBytes) {
    throw new LariatError('p2p.too-large', `a message of ${data.length} bytes is over ${limits.messageBytes}`, {
      topic,
      bytes: data.length,
    })
  }
  if (topic.length === 0 || Buffer.byteLength(topic) > limits.topicBytes) {
    throw new LariatError('p2p.topic', `a topic must have from 1 to ${limits.topicBytes} bytes`, { topic })
  }
}
