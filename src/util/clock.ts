/** A pending call; `cancel` is idempotent. */
export interface Timer {
  cancel(): void
}

/** The only source of time in the project. Times are milliseconds since the Unix epoch, fractions allowed. */
export interface Clock {
  now(): number
  /**
   * What the machine's clock shows, where that is another one than `now`: it can be set, and a machine that was suspended or put
   * back to a snapshot finds it moved, while `now` runs on evenly. Left out where there is no such other clock.
   */
  wall?(): number
  /** Calls `fn` once after `ms` (≥ 0) milliseconds. */
  after(ms: number, fn: () => void): Timer
}

/** The wall clock as it was when this process started, run on evenly. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  wall: () => Date.now(),
  after(ms, fn) {
    const handle = setTimeout(fn, Math.max(0, ms))
    return { cancel: () => clearTimeout(handle) }
  },
}

/** Resolves after `ms`; rejects with the signal's reason as soon as it aborts. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    const onAbort = () => {
      timer.cancel()
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** A signal that aborts with a TimeoutError at `deadline` (ms since the epoch) or with `parent`; call `done` when it is no longer needed. */
export function until(clock: Clock, deadline: number, parent?: AbortSignal): { signal: AbortSignal; done(): void } {
  const controller = new AbortController()
  const timer = clock.after(deadline - clock.now(), () =>
    controller.abort(new DOMException('the deadline has passed', 'TimeoutError')),
  )
  const onAbort = () => controller.abort(parent?.reason)
  if (parent?.aborted) onAbort()
  else parent?.addEventListener('abort', onAbort, { once: true })
  return {
    signal: controller.signal,
    done() {
      timer.cancel()
      parent?.removeEventListener('abort', onAbort)
    },
  }
}
