import type { Part } from '../avs/api.ts'
import { type Clock, until } from '../util/clock.ts'
import { describe, LariatError } from '../util/errors.ts'
import type { Log } from '../util/log.ts'

/** Longest that one part may take to stop; more than the deadline of any slot in flight, which a stop waits for. */
export const STOP_TIMEOUT_MS = 10_000

export interface LifecycleOptions {
  readonly log: Log
  readonly clock: Clock
  readonly stopTimeoutMs?: number
}

export interface Lifecycle {
  /**
   * Starts the parts in order. When one fails, or `signal` aborts, those that had started are stopped in reverse.
   * A part whose own start throws has undone itself.
   * @throws LariatError `lifecycle.start-failed` (the part's error is its cause), or the reason of `signal`
   */
  start(signal: AbortSignal): Promise<void>
  /**
   * Stops in reverse what had started; a part that fails or hangs does not keep the others from stopping. Calling again
   * waits for the same stop.
   * @throws LariatError `lifecycle.stop-timeout` or `lifecycle.stop-failed` naming the parts
   */
  stop(): Promise<void>
}

/** Runs an explicit, ordered list of parts. */
export function createLifecycle(parts: readonly Part[], options: LifecycleOptions): Lifecycle {
  const { log } = options
  const started: Part[] = []
  let stopping: Promise<void> | undefined

  async function start(signal: AbortSignal): Promise<void> {
    for (const part of parts) {
      try {
        signal.throwIfAborted()
        await part.start(signal)
        started.push(part)
        log.debug('part started', { part: part.name })
      } catch (error) {
        await stop().catch((problem: unknown) => log.error('stop after a failed start', { error: problem }))
        if (signal.aborted) throw signal.reason
        throw new LariatError(
          'lifecycle.start-failed',
          `${part.name} did not start: ${describe(error)}`,
          { part: part.name },
          error,
        )
      }
    }
  }

  function stop(): Promise<void> {
    stopping ??= stopAll(started, options)
    return stopping
  }
  return { start, stop }
}

async function stopAll(
  started: Part[],
  { log, clock, stopTimeoutMs = STOP_TIMEOUT_MS }: LifecycleOptions,
): Promise<void> {
  const late: string[] = []
  const failed: string[] = []
  for (let part = started.pop(); part !== undefined; part = started.pop()) {
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
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
}
