import type { Clock, Timer } from 'lariat/avs'

/** ms between looks at what is not certified: what was missed, and what a later epoch must certify again. */
export const BEAT_MS = 2_000

/** Calls `look` every beat, until the returned function is called. */
export function everyBeat(clock: Clock, look: () => void): () => void {
  let timer: Timer
  const arm = () => {
    timer = clock.after(BEAT_MS, () => {
      arm()
      look()
    })
  }
  arm()
  return () => timer.cancel()
}
