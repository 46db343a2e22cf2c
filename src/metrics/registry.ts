import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { type Bounds, closedSeries, everyValue, isOpen, type LabelsOf, Limiter } from './bounds.ts'

/** Values of labels, by name. */
export type Labels = Readonly<Record<string, string>>

export interface MetricOptions<B extends Bounds> {
  /** Full name, `lariat_…`, with its unit as suffix. */
  readonly name: string
  readonly help: string
  /** Each label with what bounds its values. */
  readonly labels?: B
}

export interface CounterMetric<L extends Labels> {
  readonly inc: (labels: L, value?: number) => void
}
export interface GaugeMetric<L extends Labels> {
  readonly set: (labels: L, value: number) => void
}
export interface HistogramMetric<L extends Labels> {
  readonly observe: (labels: L, value: number) => void
}

type NoBounds = Record<never, never>

/** What a subsystem sees of metrics: it declares its own beside itself, and the type comes from the declaration. */
export interface Metrics {
  /**
   * Begins at 0, so that a first event shows as a change: with every value of labels whose values are all known, as soon as
   * those of the open labels are (`inc` with 0 tells them), unless that were more than `MAX_BEGUN` series.
   */
  counter<const B extends Bounds = NoBounds>(options: MetricOptions<B>): CounterMetric<LabelsOf<B>>
  gauge<const B extends Bounds = NoBounds>(
    options: MetricOptions<B> & { collect?: () => void },
  ): GaugeMetric<LabelsOf<B>>
  histogram<const B extends Bounds = NoBounds>(
    options: MetricOptions<B> & { readonly buckets: readonly number[] },
  ): HistogramMetric<LabelsOf<B>>
  /** Text exposition of everything declared. */
  expose(): Promise<{ contentType: string; body: string }>
  /** Everything declared, for the generated reference page. */
  describe(): Declared[]
}

export interface Declared {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: Bounds
}

/** Buckets for latencies in seconds, from half a millisecond to ten seconds. */
export const LATENCY_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

/** Series of a counter that begin at 0 together: more would be a page full of zeros. */
const MAX_BEGUN = 32

/** A registry of its own, so that several nodes can live in one process. Declaring a name twice returns the first. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const known = new Map<string, Declared & { metric: unknown }>()

  function declare<M>(type: Declared['type'], { name, help, labels = {} }: MetricOptions<Bounds>, make: Make<M>): M {
    const before = known.get(name)
    if (before !== undefined) return before.metric as M
    const limiter = new Limiter(labels)
    const metric = make(
      { name, help, labelNames: Object.keys(labels), registers: [registry] },
      (values) => limiter.within(values),
      labels,
    )
    known.set(name, { name, type, help, labels, metric })
    return metric
  }

  return {
    counter: (options) => declare('counter', options, makeCounter),
    gauge: (options) =>
      declare('gauge', options, (base, within) => {
        const { collect } = options
        const metric = new Gauge({ ...base, ...(collect === undefined ? {} : { collect }) })
        return { set: (labels, value) => metric.set(within(labels), value) }
      }),
    histogram: (options) =>
      declare('histogram', options, (base, within) => {
        const metric = new Histogram({ ...base, buckets: [...options.buckets] })
        return { observe: (labels, value) => metric.observe(within(labels), value) }
      }),
    expose: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
    describe: () =>
      [...known.values()]
        .map(({ name, type, help, labels }) => ({ name, type, help, labels }))
        .sort((a, b) => a.name.localeCompare(b.name)),
  }
}

interface Base {
  readonly name: string
  readonly help: string
  labelNames: string[]
  registers: Registry[]
}
type Make<M> = (base: Base, within: (labels: Labels) => Record<string, string>, bounds: Bounds) => M

const makeCounter: Make<CounterMetric<Labels>> = (base, within, bounds) => {
  const metric = new Counter(base)
  const open = Object.keys(bounds).filter((name) => isOpen(bounds[name] ?? []))
  const begun = new Set<string>()
  const begin = (labels: Labels) => {
    const key = JSON.stringify(open.map((name) => labels[name]))
    if (begun.has(key)) return
    begun.add(key)
    for (const each of everyValue(bounds, labels)) metric.inc(each, 0)
  }
  const begins = closedSeries(bounds) <= MAX_BEGUN
  if (begins && open.length === 0) begin({})
  return {
    inc(labels, value = 1) {
      const limited = within(labels)
      if (begins) begin(limited)
      metric.inc(limited, value)
    },
  }
}
