import { MAX_MESSAGE_BYTES } from '../types/wire/limits.ts'
import type { Rate } from './rate.ts'

/** Everything in p2p that can grow or be flooded, with its bound. One peer is one registered operator. */
export interface Limits {
  /** Bytes of one message's data. */
  readonly messageBytes: number
  /** Bytes (UTF-8) of a topic. */
  readonly topicBytes: number
  /** Frames waiting to be written to one peer's direct stream. */
  readonly queueFrames: number
  /** Bytes waiting to be written to one peer's direct stream. */
  readonly queueBytes: number
  /** Messages of one peer that handlers work on at once, direct and gossip each; beyond it the direct stream is not read and gossip is ignored. */
  readonly handlersPerPeer: number
  /** ms after which a handler's slot is freed and its message counts as ignored. */
  readonly handlerTimeoutMs: number
  /** What one peer may send over its direct stream; beyond it the stream is not read until the debt is paid. */
  readonly direct: Rate
  /** Questions of one peer for our time that are answered; more end the stream that they come on. */
  readonly time: Rate
  /** What one peer may send by gossip, duplicates and control included; beyond it messages are dropped. */
  readonly gossip: Rate
  /** ms after which a direct stream whose peer does not read is reset, and what was queued for it dropped. */
  readonly stalledMs: number
  /** ms that a new connection has to get gossip flowing; then it is cut and dialled anew. */
  readonly gossipStartMs: number
  /** Penalty points at which a peer is disconnected and banned. */
  readonly banScore: number
  /** Points that are forgiven each second. */
  readonly forgivenPerSecond: number
  /** ms for which a banned peer stays away. */
  readonly banMs: number
  /** ms for which a gossip message's id is remembered, so that it is handled once. */
  readonly seenMs: number
}

export const DEFAULT_LIMITS: Limits = {
  messageBytes: MAX_MESSAGE_BYTES,
  // a topic names a chain, a contract and a service: under 100 bytes
  topicBytes: 128,
  // 1,000 operators' partials of one slot in flight to a slow aggregator
  queueFrames: 1_024,
  // four of the largest messages
  queueBytes: 4 * MAX_MESSAGE_BYTES,
  // enough for batch verification to see a whole slot of gossiped partials, small enough to bound what one peer occupies
  handlersPerPeer: 256,
  // gossipsub's message cache spans 5 heartbeats of a second: a later verdict forwards nothing
  handlerTimeoutMs: 5_000,
  direct: {
    // an operator of 10 services with a slot each second sends about 50; the margin is for many small services
    messagesPerSecond: 500,
    messagesBurst: 2_000,
    bytesPerSecond: 4 * MAX_MESSAGE_BYTES,
    bytesBurst: 16 * MAX_MESSAGE_BYTES,
  },
  // one every 5 s, by whoever looks at clocks in between some more
  time: { messagesPerSecond: 2, messagesBurst: 50, bytesPerSecond: 2, bytesBurst: 50 },
  gossip: {
    // a mesh peer hands on what all others say: 200 operators' observations of several services a second, with duplicates
    messagesPerSecond: 2_000,
    messagesBurst: 10_000,
    bytesPerSecond: 8 * MAX_MESSAGE_BYTES,
    bytesBurst: 32 * MAX_MESSAGE_BYTES,
  },
  // several slots' worth: what waited so long is of no use any more
  stalledMs: 10_000,
  // a node that joins hundreds of peers at once opens its gossip streams one after another
  gossipStartMs: 20_000,
  banScore: 100,
  // a bad message a minute, as a bug or a bad link may cause, never adds up to a ban
  forgivenPerSecond: 0.5,
  // long enough that flooding does not pay, short enough that a wrong ban does not cost a network of four its quorum for long
  banMs: 60_000,
  // slots live for seconds; gossipsub's own default
  seenMs: 120_000,
}
