import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

/** ms between looks whether a block is due. */
const LOOK_MS = 50

/**
 * Makes a block every `seconds` that this thread was free to use: time in which it wanted the processor and others had it does
 * not count, so that phases in blocks are as long for its work on a busy machine as on a quiet one.
 * @returns the function that ends it
 */
export function paceBlocks(seconds: number, mine: () => Promise<unknown>): () => Promise<void> {
  const stopping = new AbortController()
  const ms = seconds * 1_000
  async function run(): Promise<void> {
    for (let last = usable(); !stopping.signal.aborted; ) {
      await setTimeout(LOOK_MS)
      if (usable() - last < ms) continue
      last = Math.max(last + ms, usable() - ms)
      await mine()
    }
  }
  const running = run().catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error
  })
  return async () => {
    stopping.abort()
    await running
  }
}

/** ms of this thread's life without those in which it waited for the processor; all of them where the kernel does not tell. */
function usable(): number {
  return performance.now() - waited() / 1e6
}

/** ns. */
function waited(): number {
  try {
    // CPU time, time spent waiting on a run queue, number of times scheduled: Documentation/scheduler/sched-stats.rst
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[1] ?? 0)
  } catch {
    return 0
  }
}
