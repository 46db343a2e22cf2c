import { type Bound, type Bounds, CHAINS, everyValue, isOpen, type LabelsOf } from '../metrics/bounds.ts'
import type { CounterMetric, GaugeMetric, HistogramMetric, MetricOptions, Metrics } from '../metrics/registry.ts'

/** Name, as a metrics label and among the chains of a plug-in, of the chain that holds the stake; no other chain may have it. */
export const STAKE_CHAIN = 'stake'

/**
 * Declares metrics that carry the label `chain`, first, and sets it: whoever counts need not know of which chain. Counters whose
 * other labels have known values, and gauges without other labels, begin at 0, so that they can be told from ones that are not
 * there.
 */
export function withChain(metrics: Metrics, chain: string): Pick<Metrics, 'counter' | 'gauge' | 'histogram'> {
  const labelsOf = <B extends Bounds>({ labels }: MetricOptions<B>) => ({ chain: CHAINS, ...labels })
  const label = <L>(labels: L) => ({ chain, ...labels })
  return {
    counter<const B extends Bounds>(options: MetricOptions<B>): CounterMetric<LabelsOf<B>> {
      const metric = metrics.counter<Bounds>({ ...options, labels: labelsOf(options) })
      const { labels = {} } = options
      const [first] = Object.values<Bound>(labels).some(isOpen) ? [] : everyValue(labels, {})
      // one of them begins them all
      if (first !== undefined) metric.inc(label(first), 0)
      return { inc: (labels, value) => metric.inc(label(labels), value) }
    },
    gauge<const B extends Bounds>(options: MetricOptions<B>): GaugeMetric<LabelsOf<B>> {
      const metric = metrics.gauge<Bounds>({ ...options, labels: labelsOf(options) })
      if (options.labels === undefined) metric.set({ chain }, 0)
      return { set: (labels, value) => metric.set(label(labels), value) }
    },
    histogram<const B extends Bounds>(
      options: MetricOptions<B> & { readonly buckets: readonly number[] },
    ): HistogramMetric<LabelsOf<B>> {
      const metric = metrics.histogram<Bounds>({ ...options, labels: labelsOf(options) })
      return { observe: (labels, value) => metric.observe(label(labels), value) }
    },
  }
}
