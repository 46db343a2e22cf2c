import { type Clock, systemClock, type Timer } from './clock.ts'

/** ms after which something that still goes on is told. */
const DELAY_MS = 1_000
/** ms between two pictures on a terminal. */
const FRAME_MS = 100
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
/** Takes a line of a terminal away. */
const CLEAR = '\r\u001b[K'
/** How a plain line of progress begins, so that whoever reads standard error can tell it from an error. */
export const PROGRESS_MARK = '… '

/** Where progress is told: standard error, as standard output is for results. */
export interface ProgressOutput {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

/** Whether somebody is being asked something: progress must not write over the question. */
let asking = false
/** Whether a line of progress stands on the terminal now. */
let isShown = false

/**
 * Tells what goes on once it has taken a second: a line that moves on a terminal and is gone at the end, one plain line
 * elsewhere.
 * @returns ends it; may be called again
 */
export function startProgress(
  what: string,
  out: ProgressOutput = process.stderr,
  clock: Clock = systemClock,
): () => void {
  const live = out.isTTY === true
  const from = clock.now()
  let frame = 0
  let timer: Timer = clock.after(DELAY_MS, show)
  function show(): void {
    if (!live) return void out.write(`${PROGRESS_MARK}${what}\n`)
    timer = clock.after(FRAME_MS, show)
    if (asking) return
    const seconds = Math.floor((clock.now() - from) / 1_000)
    const line = `${FRAMES[frame++ % FRAMES.length]} ${what} (${seconds} s)`
    isShown = true
    out.write(`${CLEAR}${line.slice(0, Math.max(20, (out.columns ?? 80) - 1))}`)
  }
  return () => {
    timer.cancel()
    if (frame > 0) out.write(CLEAR)
    frame = 0
    isShown = false
  }
}

/** The same while `work` runs. */
export async function withProgress<T>(
  what: string,
  work: () => Promise<T>,
  out?: ProgressOutput,
  clock?: Clock,
): Promise<T> {
  const end = startProgress(what, out, clock)
  try {
    return await work()
  } finally {
    end()
  }
}

/** Keeps progress off the terminal `out` while somebody is asked there. */
export async function whileAsking<T>(ask: () => Promise<T>, out: ProgressOutput = process.stderr): Promise<T> {
  asking = true
  if (isShown) out.write(CLEAR)
  isShown = false
  try {
    return await ask()
  } finally {
    asking = false
  }
}
