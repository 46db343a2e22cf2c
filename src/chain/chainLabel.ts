import type { Labels, MetricOptions, Metrics } from '../metrics/registry.ts'

/** Name, as a metrics label and among the chains of a plug-in, of the chain that holds the stake; no other chain may have it. */
export const STAKE_CHAIN = 'stake'

/** The label that all metrics of a chain have: `stake`, or the name of one of `chains` in the configuration. */
type OfChain<L extends Labels> = L & { readonly chain: string }

/**
 * Declares metrics that carry the label `chain`, first, and sets it: whoever counts need not know of which chain. Counters and
 * gauges without other labels begin at 0, so that they can be told from ones that are not there.
 */
export function withChain(metrics: Metrics, chain: string): Pick<Metrics, 'counter' | 'gauge' | 'histogram'> {
  const labelsOf = <L extends Labels>({ labels = [] }: MetricOptions<L>) => ['chain', ...labels] as const
  const label = <L extends Labels>(labels: L): OfChain<L> => ({ chain, ...labels })
  const none = { chain }
  return {
    counter: <L extends Labels>(options: MetricOptions<L>) => {
      const metric = metrics.counter<OfChain<L>>({ ...options, labels: labelsOf(options) })
      if (options.labels === undefined) metric.inc(none as OfChain<L>, 0)
      return { inc: (labels: L, value?: number) => metric.inc(label(labels), value) }
    },
    gauge: <L extends Labels>(options: MetricOptions<L>) => {
      const metric = metrics.gauge<OfChain<L>>({ ...options, labels: labelsOf(options) })
      if (options.labels === undefined) metric.set(none as OfChain<L>, 0)
      return { set: (labels: L, value: number) => metric.set(label(labels), value) }
    },
    histogram: <L extends Labels>(options: MetricOptions<L> & { readonly buckets: readonly number[] }) => {
      const metric = metrics.histogram<OfChain<L>>({ ...options, labels: labelsOf(options) })
      return { observe: (labels: L, value: number) => metric.observe(label(labels), value) }
    },
  }
}
