import type { Clock } from '../../util/clock.ts'

/**
 * One reading for several checks: `read` runs again when the last one began `freshMs` ago or failed; who asks meanwhile
 * gets the same.
 */
export function shared<T>(clock: Clock, freshMs: number, read: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: number; readonly value: Promise<T> } | undefined
  return () => {
    const now = clock.now()
    // a clock that was set back makes nothing fresh again
    if (last !== undefined && now >= last.at && now - last.at < freshMs) return last.value
    const reading = { at: now, value: read() }
    last = reading
    reading.value.catch(() => {
      if (last === reading) last = undefined
    })
    return reading.value
  }
}
