/** What an asynchronous piece of work did to the event loop. */
export interface LoopReport<T> {
  readonly result: T
  /** Turns of the event loop between its start and its end. */
  readonly turns: number
  /** The longest turn, ms: for so long nobody else was heard. */
  readonly longestMs: number
  /** All of it, ms. */
  readonly ms: number
}

/** Runs `work`, and looks on from the event loop. */
export async function watchLoop<T>(work: () => T | Promise<T>): Promise<LoopReport<T>> {
  let [turns, longestMs, isDone] = [0, 0, false]
  const start = performance.now()
  let last = start
  const mark = () => {
    const now = performance.now()
    longestMs = Math.max(longestMs, now - last)
    last = now
  }
  const turn = () => {
    mark()
    if (isDone) return
    turns++
    setImmediate(turn)
  }
  setImmediate(turn)
  try {
    const result = await work()
    mark()
    return { result, turns, longestMs, ms: last - start }
  } finally {
    isDone = true
  }
}
