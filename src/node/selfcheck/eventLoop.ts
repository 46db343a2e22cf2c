import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fail, type SelfCheck, warn } from './types.ts'

/** Resolution of the measuring, ms. */
const RESOLUTION_MS = 10
/** 99th percentile since the last look, ms: a certificate takes some tens of milliseconds, the shortest slots two seconds. */
const SLOW_MS = 200
const TOO_SLOW_MS = 2_000
/** Long enough for hundreds of samples, so that one pause, as of a collection of garbage, turns nothing. */
const EVERY_MS = 6_000
const TRUST_MS = 30_000
const NANOSECONDS_PER_MS = 1e6

/** How late the event loop was. Measures until `end`. */
export function eventLoopCheck(): { readonly check: SelfCheck; readonly end: () => void } {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  return {
    end: () => void delay.disable(),
    check: {
      name: 'event loop',
      everyMs: EVERY_MS,
      trustMs: TRUST_MS,
      run() {
        // NaN without a sample
        const late = (delay.percentile(99) || 0) / NANOSECONDS_PER_MS
        delay.reset()
        if (late < SLOW_MS) return undefined
        const text = `the event loop was up to ${Math.round(late)} ms late: give the process a core of its own`
        return late < TOO_SLOW_MS ? warn(text) : fail(text)
      },
    },
  }
}
