import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Metrics } from '../metrics/registry.ts'
import { VERSION } from '../util/version.ts'

/** Resolution of the event loop's delay, ms. */
const RESOLUTION_MS = 10
const NANOSECONDS = 1e9

/** Tells whose node it is: metrics with the label `operator` can be joined with it. */
export function declareOperatorMetric(metrics: Metrics) {
  return metrics.gauge({
    name: 'lariat_operator_info',
    help: '1; the label is the address of the operator that this node works for',
    labels: { operator: { of: 'the operator', atMost: 1 } },
  })
}

/** Facts about the process and the build. @returns the function that ends the measuring */
export function declareProcessMetrics(metrics: Metrics): () => void {
  metrics
    .gauge({
      name: 'lariat_build_info',
      help: '1; the labels are the versions of lariat and of Node',
      labels: { version: { of: 'the version that runs', atMost: 1 }, node: { of: 'the version of Node', atMost: 1 } },
    })
    .set({ version: VERSION, node: process.versions.node }, 1)
  metrics
    .gauge({ name: 'lariat_process_start_time_seconds', help: 'Unix second at which the process started' })
    .set({}, performance.timeOrigin / 1_000)
  const memory = metrics.gauge({
    name: 'lariat_process_resident_memory_bytes',
    help: 'Resident memory of the process',
    collect: () => memory.set({}, process.memoryUsage.rss()),
  })
  const cpu = metrics.gauge({
    name: 'lariat_process_cpu_seconds',
    help: 'CPU time of the process since it started, user and system',
    collect: () => {
      const { user, system } = process.cpuUsage()
      cpu.set({}, (user + system) / 1e6)
    },
  })
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  const loop = metrics.gauge({
    name: 'lariat_event_loop_delay_p99_seconds',
    help: 'How late the event loop was, 99th percentile since the last scrape',
    collect: () => {
      // without a sample yet it is NaN
      loop.set({}, (delay.percentile(99) || 0) / NANOSECONDS)
      delay.reset()
    },
  })
  return () => void delay.disable()
}
