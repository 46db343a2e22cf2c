import { type Clock, sleep } from '../util/clock.ts'
import { describe } from '../util/errors.ts'

/** Work that is done again and again until it is stopped. */
export interface Task {
  start(): void
  /** Resolves when no work is under way; none begins until `resume`. */
  pause(): Promise<void>
  resume(): void
  stop(): Promise<void>
}

/** @param work done every `everyMs`, one after another; an error is told and the next time comes all the same */
export function createTask(options: {
  readonly everyMs: number
  readonly clock: Clock
  readonly work: (signal: AbortSignal) => Promise<void>
  readonly onError: (what: string) => void
}): Task {
  const { everyMs, clock, work, onError } = options
  const ending = new AbortController()
  let paused = false
  let running: Promise<void> = Promise.resolve()
  let loop: Promise<void> = Promise.resolve()
  const { signal } = ending
  return {
    start() {
      loop = (async () => {
        while (!signal.aborted) {
          if (!paused) {
            running = work(signal).catch((error: unknown) => {
              if (!signal.aborted) onError(describe(error))
            })
            await running
          }
          await sleep(clock, everyMs, signal).catch(() => {})
        }
      })()
    },
    async pause() {
      paused = true
      await running
    },
    resume() {
      paused = false
    },
    async stop() {
      ending.abort(new DOMException('the testnet stops', 'AbortError'))
      await loop
    },
  }
}
