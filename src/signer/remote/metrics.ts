import { type CounterMetric, type HistogramMetric, LATENCY_BUCKETS, type Metrics } from '../../metrics/registry.ts'

/** How a request to a remote signer ended. `refused`: by its guard or its configuration; `unavailable`: no answer, or none that holds. */
export type RemoteOutcome = 'signed' | 'refused' | 'unavailable'

/** What a node counts of its remote signer. */
export interface RemoteMetrics {
  readonly requests: CounterMetric<{ outcome: RemoteOutcome }>
  readonly seconds: HistogramMetric<Record<never, string>>
}

export function declareRemoteMetrics(metrics: Metrics): RemoteMetrics {
  return {
    requests: metrics.counter({
      name: 'lariat_remote_signer_requests_total',
      help: 'Statements that this node asked its remote signer to sign, by what became of the request',
      labels: { outcome: ['signed', 'refused', 'unavailable'] },
    }),
    seconds: metrics.histogram({
      name: 'lariat_remote_signer_seconds',
      help: 'Time for the remote signer to answer a request, its own guard included',
      buckets: LATENCY_BUCKETS,
    }),
  }
}
