import type { Metrics } from '../metrics/registry.ts'
import type { Offence } from './scoring.ts'
import type { Inbound, Verdict } from './transport.ts'

/** Why a message was not handled or a frame not written. */
export const DROP_REASONS = [
  'no-handler', // direct message on a topic that nothing is subscribed to
  'handler-error',
  'handler-timeout',
  'overloaded', // gossip beyond the messages that are worked on for one peer at once
  'rate', // gossip beyond the peer's rate
  'malformed',
  'unreachable', // no connection to the peer
  'backlogged', // the peer's queue is full
  'disconnected', // queued when the connection was lost
  'stalled', // queued for a peer that stopped reading
] as const
export type DropReason = (typeof DROP_REASONS)[number]

/** How a dial ended. */
export type DialResult = 'connected' | 'failed'

export interface P2pMetrics {
  message(via: Inbound['via'], direction: 'in' | 'out', bytes: number): void
  verdict(via: Inbound['via'], verdict: Verdict): void
  dropped(reason: DropReason, count?: number): void
  offence(offence: Offence): void
  banned(): void
  refused(direction: 'inbound' | 'outbound'): void
  dialled(result: DialResult): void
}

/** Declares p2p's metrics; `peers` gives the numbers of connected and allowed peers when they are read. */
export function createP2pMetrics(metrics: Metrics, peers: () => { connected: number; allowed: number }): P2pMetrics {
  const lane = { via: ['gossip', 'direct'], direction: ['in', 'out'] } as const
  const messages = metrics.counter({
    name: 'lariat_p2p_messages_total',
    help: 'Messages handled or sent, by gossip (counted once, however many peers get it) or direct stream.',
    labels: lane,
  })
  const bytes = metrics.counter({
    name: 'lariat_p2p_bytes_total',
    help: 'Bytes of the data of those messages.',
    labels: lane,
  })
  const verdicts = metrics.counter({
    name: 'lariat_p2p_verdicts_total',
    help: 'Verdicts of handlers on inbound messages.',
    labels: { via: ['gossip', 'direct'], verdict: ['accept', 'ignore', 'reject'] },
  })
  const dropped = metrics.counter({
    name: 'lariat_p2p_dropped_total',
    help: 'Messages that were not handled or not written, by reason.',
    labels: { reason: DROP_REASONS },
  })
  const offences = metrics.counter({
    name: 'lariat_p2p_offences_total',
    help: 'What peers were penalised for.',
    labels: { offence: ['malformed', 'invalid-signature', 'spam', 'equivocation', 'rejected'] },
  })
  const bans = metrics.counter({ name: 'lariat_p2p_bans_total', help: 'Peers banned for a time.' })
  const refused = metrics.counter({
    name: 'lariat_p2p_refused_connections_total',
    help: 'Connections refused after the handshake: the peer is no registered operator, is banned, or is connected already.',
    labels: { direction: ['inbound', 'outbound'] },
  })
  const dials = metrics.counter({
    name: 'lariat_p2p_dials_total',
    help: 'Attempts to connect to a peer.',
    labels: { result: ['connected', 'failed'] },
  })
  const gauge = metrics.gauge({
    name: 'lariat_p2p_peers',
    help: 'Peers that may connect, and those that are connected.',
    labels: { state: ['connected', 'allowed'] },
    collect: () => {
      const { connected, allowed } = peers()
      gauge.set({ state: 'connected' }, connected)
      gauge.set({ state: 'allowed' }, allowed)
    },
  })
  return {
    message(via, direction, size) {
      messages.inc({ via, direction })
      bytes.inc({ via, direction }, size)
    },
    verdict: (via, verdict) => verdicts.inc({ via, verdict }),
    dropped: (reason, count = 1) => dropped.inc({ reason }, count),
    offence: (offence) => offences.inc({ offence }),
    banned: () => bans.inc({}),
    refused: (direction) => refused.inc({ direction }),
    dialled: (result) => dials.inc({ result }),
  }
}
