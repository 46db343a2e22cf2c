import { type CounterMetric, type HistogramMetric, LATENCY_BUCKETS, type Metrics } from '../metrics/registry.ts'
import { Kind } from '../types/statement.ts'
import type { GuardRefusal } from './signer.ts'

/** Name of a statement's kind; a bounded metric label. */
export type KindName = keyof typeof Kind

/** What the guard and the signer count. */
export interface SignerMetrics {
  readonly refusals: CounterMetric<{ reason: GuardRefusal }>
  /** `checkpoint`: of Hyperlane’s form, with the key for these. */
  readonly signatures: CounterMetric<{ kind: KindName | 'checkpoint' }>
  readonly jumps: CounterMetric<Record<never, string>>
  readonly writeSeconds: HistogramMetric<Record<never, string>>
}

export function signerMetrics(metrics: Metrics): SignerMetrics {
  return {
    refusals: metrics.counter({
      name: 'lariat_guard_refusals_total',
      help: 'Statements that the guard refused to have signed. Any `conflict` is an alarm: another payload is on record.',
      labels: {
        reason: ['conflict', 'below-watermark', 'outside-window', 'before-floor', 'foreign-domain', 'unavailable'],
      },
    }),
    signatures: metrics.counter({
      name: 'lariat_guard_signatures_total',
      help: 'Signatures made after the guard had recorded what is signed, repeated ones included; kind `checkpoint`: for relayers of Hyperlane, with the key for these.',
      labels: { kind: ['certify', 'observe', 'propose', 'deal', 'checkpoint'] },
    }),
    jumps: metrics.counter({
      name: 'lariat_guard_clock_jumps_total',
      help: 'Times that the machine’s clock had jumped against the process’s own, and the guard raised its floor, by each ServiceManager’s guard.',
    }),
    writeSeconds: metrics.histogram({
      name: 'lariat_guard_write_seconds',
      help: 'Time for the guard to check a statement and to put it on disk.',
      buckets: LATENCY_BUCKETS,
    }),
  }
}

/** The name of `kind`, undefined when there is no such kind. */
export function kindName(kind: number): KindName | undefined {
  return (Object.keys(Kind) as KindName[]).find((name) => Kind[name] === kind)
}
