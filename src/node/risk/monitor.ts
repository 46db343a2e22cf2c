import type { Part } from '../../avs/api.ts'
import type { Metrics } from '../../metrics/registry.ts'
import { type Clock, sleep } from '../../util/clock.ts'
import { LariatError } from '../../util/errors.ts'
import type { Log } from '../../util/log.ts'
import { type RiskFigures, type RiskSources, readRiskFigures } from './figures.ts'
import { createRiskPublisher } from './metrics.ts'

/** The figures of risk, read again and again. */
export interface RiskMonitor extends Part {
  /** As of the last look; undefined before the first. */
  current(): RiskFigures | undefined
  /** ms between two looks. */
  readonly refreshMs: number
  /** Looks now. Never throws: what could not be read is in `failures`. */
  refresh(): Promise<RiskFigures>
}

export interface RiskMonitorOptions extends RiskSources {
  readonly refreshMs: number
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

/** Looks once at the start and then `refreshMs` after each look has ended, so that a slow chain is asked less, not more. */
export function createRiskMonitor(options: RiskMonitorOptions): RiskMonitor {
  const { clock, refreshMs } = options
  const log = options.log.child({ part: 'risk' })
  const publish = createRiskPublisher(options.metrics, options.operator)
  const stopping = new AbortController()
  const { signal } = stopping
  let figures: RiskFigures | undefined
  let loop: Promise<void> = Promise.resolve()

  async function refresh(): Promise<RiskFigures> {
    const read = await readRiskFigures(options, clock.now())
    // What comes after the end is of a chain that is being closed.
    if (signal.aborted) return read
    for (const { part, problem } of read.failures) log.warn('a figure of risk could not be read', { part, problem })
    figures = read
    publish(read)
    return read
  }

  /** Ends with the signal, also while a slow chain is being read: reading leaves nothing behind. */
  async function run(): Promise<void> {
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    while (!signal.aborted) {
      await Promise.race([refresh(), stopped])
      await sleep(clock, refreshMs, signal).catch(() => {})
    }
  }

  return {
    name: 'risk',
    refreshMs,
    current: () => figures,
    refresh,
    // not awaited: a chain that does not answer must not keep the node from starting
    async start() {
      loop = run()
    },
    async stop() {
      stopping.abort(new LariatError('risk.stopping', 'the node is stopping'))
      await loop
    },
  }
}
