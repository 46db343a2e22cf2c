import type { CounterMetric, Metrics } from '../../metrics/registry.ts'
import type { VaultRefusal } from './vault.ts'

/** What the share vault counts. */
export interface VaultMetrics {
  readonly partials: CounterMetric<Record<never, string>>
  readonly refusals: CounterMetric<{ reason: VaultRefusal }>
}

export function vaultMetrics(metrics: Metrics): VaultMetrics {
  return {
    partials: metrics.counter({
      name: 'lariat_shares_partials_total',
      help: 'Partial signatures of rounds that the share vault made, by each of its share indices.',
    }),
    refusals: metrics.counter({
      name: 'lariat_shares_refusals_total',
      help: 'What the share vault refused. `too-early` and `peers-unknown` mean that this clock runs ahead, or that no peer confirms it.',
      labels: {
        reason: [
          'too-early',
          'peers-unknown',
          'no-share',
          'no-secret',
          'not-member',
          'other-session',
          'share-is-good',
          'dealing-is-bad',
          'other-scope',
          'limit',
          'wrong-password',
          'invalid',
          'contradiction',
          'closed',
        ],
      },
    }),
  }
}
