import type { Part } from '../../avs/api.ts'
import type { Metrics } from '../../metrics/registry.ts'
import { type Clock, sleep } from '../../util/clock.ts'
import { LariatError } from '../../util/errors.ts'
import type { Log } from '../../util/log.ts'
import type { CheckName } from './catalogue.ts'
import { declareSelfCheckMetrics, STATUS_VALUES } from './metrics.ts'
import { createTracker, type Tracker } from './tracker.ts'
import type { CheckState, SelfCheck } from './types.ts'

/** The self-checks of a node, looked at again and again. */
export interface SelfChecks extends Part {
  /** Before `start`. */
  add(...checks: readonly SelfCheck[]): void
  /** As of now, in the order in which they were added. */
  states(): readonly CheckState[]
  /** Why nothing may be signed for `service` now; undefined when it may. Asked before each signature. */
  refusal(service: string): string | undefined
  /** Looks now, at everything or at the checks of one name; resolves when all looks are over. */
  look(name?: CheckName): Promise<void>
}

export interface SelfChecksOptions {
  /** Names of the services that sign. */
  readonly services: readonly string[]
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

/** ms between two looks at whether a finding has grown too old, or a check refuses by itself. */
const WATCH_MS = 1_000

/**
 * Looks at every check once at the start, before anything signs, and then each in its own rhythm: a slow one holds up no
 * other, and never queues up.
 */
export function createSelfChecks(options: SelfChecksOptions): SelfChecks {
  const { clock, services } = options
  const log = options.log.child({ part: 'self-checks' })
  const metrics = declareSelfCheckMetrics(options.metrics)
  const stopping = new AbortController()
  const trackers: Tracker[] = []
  const stopped = new Map<string, string | undefined>()
  let loops: Promise<unknown> = Promise.resolve()
  let begun = false

  function refusal(service: string): string | undefined {
    if (!begun) return 'the self-checks have not begun'
    for (const tracker of trackers) {
      if (tracker.service !== undefined && tracker.service !== service) continue
      const why = tracker.refusal()
      if (why !== undefined) return why
    }
    return undefined
  }

  /** Tells what has turned since the last time: by log and metrics. */
  function publish(): void {
    for (const tracker of trackers) {
      const turned = tracker.turn()
      const { name, service, chain, status, reason, since } = tracker.state()
      const labels = { check: name, service: service ?? '', chain: chain ?? '' }
      metrics.status.set(labels, STATUS_VALUES[status])
      metrics.since.set(labels, since / 1_000)
      if (turned) tell(log, tracker.state(), reason)
    }
    for (const service of services) {
      const why = refusal(service)
      metrics.stopped.set({ service }, why === undefined ? 0 : 1)
      const before = stopped.get(service)
      stopped.set(service, why)
      if (why !== undefined && before === undefined) log.error('signing has stopped', { service, reason: why })
      if (why === undefined && before !== undefined) log.info('signing goes on', { service })
    }
  }

  async function lookAt(tracker: Tracker): Promise<void> {
    await tracker.look(stopping.signal)
    if (!stopping.signal.aborted) publish()
  }

  async function repeat(everyMs: number, work: () => Promise<void> | void): Promise<void> {
    while (!stopping.signal.aborted) {
      await sleep(clock, everyMs, stopping.signal).catch(() => {})
      if (!stopping.signal.aborted) await work()
    }
  }

  async function look(name?: CheckName): Promise<void> {
    const asked = trackers.filter((tracker) => name === undefined || tracker.name === name)
    await Promise.all(asked.map((tracker) => tracker.look(stopping.signal)))
    if (stopping.signal.aborted) return
    begun ||= name === undefined
    publish()
  }

  return {
    name: 'self-checks',
    add: (...checks) => void trackers.push(...checks.map((check) => createTracker(check, clock))),
    states: () => trackers.map((tracker) => tracker.state()),
    refusal,
    look,
    async start(signal) {
      const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
      await Promise.race([look(), ended])
      signal.throwIfAborted()
      loops = Promise.all([
        ...trackers.map((tracker) => repeat(tracker.everyMs, () => lookAt(tracker))),
        repeat(WATCH_MS, publish),
      ])
    },
    async stop() {
      stopping.abort(new LariatError('selfcheck.stopping', 'the node is stopping'))
      await loops
    },
  }
}

function tell(log: Log, { name, service, chain, status, stopsSigning }: CheckState, reason: string | undefined): void {
  const fields = {
    check: name,
    ...(service === undefined ? {} : { service }),
    ...(chain === undefined ? {} : { chain }),
  }
  if (status === 'pass') log.info('a self-check is well again', fields)
  else
    log[status === 'fail' ? 'error' : 'warn'](`a self-check ${status === 'fail' ? 'fails' : 'warns'}`, {
      ...fields,
      reason,
      ...(stopsSigning ? { stopsSigning } : {}),
    })
}
