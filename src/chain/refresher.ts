import type { Clock, Timer } from '../util/clock.ts'
import { describe } from '../util/errors.ts'
import type { Log } from '../util/log.ts'

/** Keeps something that was read up to date. */
export interface Refresher {
  /** Reads now; calls that come while a read runs share the next one. Rejects when it failed; it is then tried again soon. */
  refresh(): Promise<void>
  /** As `refresh`, for those who need not know when it is done. Many calls at once make one or two reads. */
  trigger(): void
  close(): void
}

export interface RefresherOptions {
  /** Names it in the log. */
  readonly what: string
  readonly read: () => Promise<void>
  readonly clock: Clock
  readonly log: Log
  /** ms between reads when nothing asks for one. */
  readonly everyMs: number
  readonly onFailure?: () => void
}

/** ms until a failed read is tried again. */
const RETRY_MS = 2_000

/** Reads again every `everyMs`, when asked to, and soon after a failure; never twice at a time. */
export function createRefresher({ what, read, clock, log, everyMs, onFailure }: RefresherOptions): Refresher {
  let running: Promise<void> | undefined
  let following: Promise<void> | undefined
  let timer: Timer | undefined
  let closed = false

  function schedule(ms: number): void {
    timer?.cancel()
    if (closed) return
    timer = clock.after(ms, trigger)
  }

  async function run(): Promise<void> {
    try {
      await read()
      schedule(everyMs)
    } catch (error) {
      if (!closed) {
        onFailure?.()
        log.warn(`cannot read ${what}; trying again`, { error: describe(error), retryMs: RETRY_MS })
      }
      schedule(RETRY_MS)
      throw error
    }
  }

  function refresh(): Promise<void> {
    if (running === undefined) {
      running = run().finally(() => {
        running = undefined
      })
      return running
    }
    // What runs may have read before the change that the caller knows of.
    following ??= running
      .catch(() => {})
      .then(() => {
        following = undefined
        return refresh()
      })
    return following
  }

  function trigger(): void {
    // Its failure is logged where it happens.
    refresh().catch(() => {})
  }

  schedule(everyMs)
  return {
    refresh,
    trigger,
    close() {
      closed = true
      timer?.cancel()
    },
  }
}
