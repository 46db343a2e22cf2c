import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** Label names with the values each may take; `string` where the set is bounded by the caller (say so in `help`). */
export type Labels = Readonly<Record<string, string>>

export interface MetricOptions<L extends Labels> {
  /** Full name, `lariat_…`, with its unit as suffix. */
  readonly name: string
  readonly help: string
  /** Names of the labels of `L`. */
  readonly labels?: readonly (keyof L & string)[]
}

export interface CounterMetric<L extends Labels> {
  inc(labels: L, value?: number): void
}
export interface GaugeMetric<L extends Labels> {
  set(labels: L, value: number): void
}
export interface HistogramMetric<L extends Labels> {
  observe(labels: L, value: number): void
}

/** What a subsystem sees of metrics: it declares its own beside itself, and the type comes from the declaration. */
export interface Metrics {
  counter<L extends Labels = Record<never, string>>(options: MetricOptions<L>): CounterMetric<L>
  gauge<L extends Labels = Record<never, string>>(options: MetricOptions<L> & { collect?: () => void }): GaugeMetric<L>
  histogram<L extends Labels = Record<never, string>>(
    options: MetricOptions<L> & { readonly buckets: readonly number[] },
  ): HistogramMetric<L>
  /** Text exposition of everything declared. */
  expose(): Promise<{ contentType: string; body: string }>
  /** Name, type, help and labels of everything declared, for the generated reference page. */
  describe(): { name: string; type: string; help: string; labels: readonly string[] }[]
}

/** Buckets for latencies in seconds, from half a millisecond to ten seconds. */
export const LATENCY_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

/** A registry of its own, so that several nodes can live in one process. Declaring a name twice returns the first. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const known = new Map<string, { type: string; help: string; labels: readonly string[]; metric: unknown }>()

  function declare<M>(
    type: string,
    options: { name: string; help: string; labels?: readonly string[] },
    make: () => M,
  ): M {
    const before = known.get(options.name)
    if (before !== undefined) return before.metric as M
    const metric = make()
    known.set(options.name, { type, help: options.help, labels: options.labels ?? [], metric })
    return metric
  }
  const base = (options: { name: string; help: string; labels?: readonly string[] }) => ({
    name: options.name,
    help: options.help,
    labelNames: [...(options.labels ?? [])],
    registers: [registry],
  })

  return {
    counter: (options) =>
      declare('counter', options, () => {
        const metric = new Counter(base(options))
        return { inc: (labels, value = 1) => metric.inc(labels, value) }
      }),
    gauge: (options) =>
      declare('gauge', options, () => {
        const collect = options.collect
        const metric = new Gauge({ ...base(options), ...(collect === undefined ? {} : { collect }) })
        return { set: (labels, value) => metric.set(labels, value) }
      }),
    histogram: (options) =>
      declare('histogram', options, () => {
        const metric = new Histogram({ ...base(options), buckets: [...options.buckets] })
        return { observe: (labels, value) => metric.observe(labels, value) }
      }),
    expose: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
    describe: () =>
      [...known]
        .map(([name, { type, help, labels }]) => ({ name, type, help, labels }))
        .sort((a, b) => a.name.localeCompare(b.name)),
  }
}
