import type { Part } from '../avs/api.ts'
import { type Clock, until } from '../util/clock.ts'
import { describe, LariatError } from '../util/errors.ts'
import type { Log } from '../util/log.ts'

/** Longest that one part may take to stop; more than the deadline of any slot in flight, which a stop waits for. */
export const STOP_TIMEOUT_MS = 10_000

export interface LifecycleOptions {
  readonly log: Log
  readonly clock: Clock
  /** Ends the starting: what is being opened or started is given up, and closed should it come after all. */
  readonly signal: AbortSignal
  readonly stopTimeoutMs?: number
}

export interface Lifecycle {
  /**
   * Opens something that later parts are built from, and closes it when its turn comes in `stop`.
   * @throws LariatError `lifecycle.start-failed`, whose cause is what `open` threw; the reason of the signal
   */
  open<T>(name: string, open: () => Promise<T> | T, close: (opened: T) => Promise<void> | void): Promise<T>
  /** Appends parts to those that `start` will start. */
  add(...parts: readonly Part[]): void
  /**
   * Starts the added parts in order. When one fails, or the signal aborts, all that is open or had started is stopped in
   * reverse. A part whose own start throws has undone itself.
   * @throws LariatError `lifecycle.start-failed` (the part's error is its cause), or the reason of the signal
   */
  start(): Promise<void>
  /**
   * Stops in reverse what is open or had started; a part that fails or hangs does not keep the others from stopping.
   * Calling again waits for the same stop.
   * @throws LariatError `lifecycle.stop-timeout` or `lifecycle.stop-failed` naming the parts
   */
  stop(): Promise<void>
}

/** Keeps the order in which the parts of a process started, and stops them in reverse. */
export function createLifecycle(options: LifecycleOptions): Lifecycle {
  const { log, signal } = options
  const waiting: Part[] = []
  const running: Running[] = []
  let stopping: Promise<void> | undefined
  const aborted = rejected(signal)
  aborted.catch(() => {}) // whoever waits for it is told

  async function attempt<T>(name: string, begin: () => Promise<T> | T): Promise<T> {
    signal.throwIfAborted()
    try {
      return await begin()
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw new LariatError(
        'lifecycle.start-failed',
        `${name} did not start: ${describe(error)}`,
        { part: name },
        error,
      )
    }
  }

  function stop(): Promise<void> {
    stopping ??= stopAll(running, options)
    return stopping
  }

  return {
    async open(name, open, close) {
      const opened = await attempt(name, () => unlessAborted(aborted, open, close))
      running.push({ name, stop: async () => close(opened) })
      log.debug('part opened', { part: name })
      return opened
    },
    add: (...parts) => void waiting.push(...parts),
    async start() {
      try {
        for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
          const { name, start } = part
          await attempt(name, () => start.call(part, signal))
          running.push(part)
          log.debug('part started', { part: name })
        }
        signal.throwIfAborted()
      } catch (error) {
        await stop().catch((problem: unknown) => log.error('stop after a failed start', { error: problem }))
        throw error
      }
    },
    stop,
  }
}

/** What `open` opens; when `aborted` rejects first, that is closed as soon as it is there. */
async function unlessAborted<T>(
  aborted: Promise<never>,
  open: () => Promise<T> | T,
  close: (opened: T) => Promise<void> | void,
): Promise<T> {
  const opening = (async () => open())()
  let given = false
  try {
    const opened = await Promise.race([opening, aborted])
    given = true
    return opened
  } finally {
    if (!given) opening.then(close).catch(() => {})
  }
}

type Running = Pick<Part, 'name' | 'stop'>

async function stopAll(
  running: Running[],
  { log, clock, stopTimeoutMs = STOP_TIMEOUT_MS }: LifecycleOptions,
): Promise<void> {
  const late: string[] = []
  const failed: string[] = []
  for (let part = running.pop(); part !== undefined; part = running.pop()) {
    const { signal, done } = until(clock, clock.now() + stopTimeoutMs)
    try {
      await Promise.race([part.stop(), rejected(signal)])
      log.debug('part stopped', { part: part.name })
    } catch (error) {
      ;(signal.aborted ? late : failed).push(part.name)
      log.error(signal.aborted ? 'part did not stop in time' : 'part failed to stop', { part: part.name, error })
    } finally {
      done()
    }
  }
  if (late.length > 0) {
    throw new LariatError('lifecycle.stop-timeout', `did not stop within ${stopTimeoutMs} ms: ${late.join(', ')}`, {
      parts: [...late, ...failed],
    })
  }
  if (failed.length > 0) {
    throw new LariatError('lifecycle.stop-failed', `failed to stop: ${failed.join(', ')}`, { parts: failed })
  }
}

function rejected(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
