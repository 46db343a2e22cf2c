import type { Metrics } from 'lariat/avs'
import { REASONS, type Reason } from './reasons.ts'

/** Seconds from a dispatch to its delivery: finality of the origin takes seconds to a quarter of an hour, outages longer. */
const DELIVERY_BUCKETS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1_200, 1_800, 3_600, 7_200, 21_600, 86_400]

const DOMAINS = { of: 'domains of the bridge’s configuration', atMost: 32 }

/** Metrics of the delivery of messages. */
export function relayMetrics(metrics: Metrics) {
  const labels = { origin: DOMAINS, destination: DOMAINS }
  return {
    messages: metrics.counter({
      name: 'lariat_bridge_messages_total',
      help: 'Messages to destinations that this node delivers to, by domains: dispatched (in a final block of the origin), delivered (by this node, in a final block), delivered-by-other, failed (an attempt), given-up (it failed again and again, and others wait)',
      labels: { ...labels, state: ['dispatched', 'delivered', 'delivered-by-other', 'failed', 'given-up'] },
    }),
    waiting: metrics.gauge({
      name: 'lariat_bridge_messages_waiting',
      help: 'Messages that are not delivered yet as far as this node knows, by domains and why they wait',
      labels: { ...labels, reason: Object.keys(REASONS) as Reason[] },
    }),
    oldest: metrics.gauge({
      name: 'lariat_bridge_oldest_waiting_seconds',
      help: 'Age, by its dispatch, of the oldest message that is not delivered yet as far as this node knows, by domains; 0 while none waits',
      labels,
    }),
    seconds: metrics.histogram({
      name: 'lariat_bridge_delivery_seconds',
      help: 'Time from the block of a message’s dispatch to that of its delivery, whoever delivered it',
      labels,
      buckets: DELIVERY_BUCKETS,
    }),
    gas: metrics.counter({
      name: 'lariat_bridge_delivery_gas_total',
      help: 'Gas that deliveries of this node used',
      labels,
    }),
    upkeep: metrics.counter({
      name: 'lariat_bridge_upkeep_total',
      help: 'Epochs, revocations, corrections of fast checkpoints, pauses and their ends that this node brought to modules of destinations',
      labels: { destination: DOMAINS, what: ['epoch', 'revocation', 'correction', 'pause', 'unpause'] },
    }),
  }
}

export type RelayMetrics = ReturnType<typeof relayMetrics>

/** Begins at 0 what a route and its destination count. */
export function beginCounting({ messages, gas, upkeep }: RelayMetrics, origin: string, destination: string): void {
  messages.inc({ origin, destination, state: 'dispatched' }, 0)
  gas.inc({ origin, destination }, 0)
  upkeep.inc({ destination, what: 'epoch' }, 0)
}
