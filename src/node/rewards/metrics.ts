import { TOKENS } from '../../metrics/bounds.ts'
import { declareEigenFees, type EigenFees } from '../../metrics/eigen.ts'
import type { CounterMetric, GaugeMetric, Metrics } from '../../metrics/registry.ts'

export interface RewardsMetrics {
  readonly runs: CounterMetric<{ outcome: 'claimed' | 'nothing' | 'failed' | 'overlapped' }>
  readonly failures: CounterMetric<{ reason: string }>
  readonly claimed: CounterMetric<{ token: string }>
  readonly earned: EigenFees
  readonly claimable: GaugeMetric<{ token: string }>
  readonly lastRun: GaugeMetric<Record<never, string>>
}

export function declareRewardsMetrics(metrics: Metrics): RewardsMetrics {
  return {
    runs: metrics.counter({
      name: 'lariat_rewards_runs_total',
      help: 'Scheduled claims of rewards, by how they ended; overlapped: the one before was still under way',
      labels: { outcome: ['claimed', 'nothing', 'failed', 'overlapped'] },
    }),
    failures: metrics.counter({
      name: 'lariat_rewards_failures_total',
      help: 'Scheduled claims that failed, by the code of the error (docs/rewards.md)',
      labels: { reason: { of: 'codes of errors', atMost: 64 } },
    }),
    claimed: metrics.counter({
      name: 'lariat_rewards_claimed_total',
      help: "Rewards claimed by the schedule, in the token's smallest unit; tokens are those that this operator earns",
      labels: { token: TOKENS },
    }),
    earned: declareEigenFees(metrics),
    claimable: metrics.gauge({
      name: 'lariat_rewards_claimable',
      help: "Rewards that could be claimed after the last scheduled claim, in the token's smallest unit",
      labels: { token: TOKENS },
    }),
    lastRun: metrics.gauge({
      name: 'lariat_rewards_last_run_timestamp_seconds',
      help: 'When the last scheduled claim ended well, claimed or nothing to claim',
    }),
  }
}
