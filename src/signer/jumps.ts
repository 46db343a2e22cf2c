import type { Clock } from '../util/clock.ts'

/** Notices that the machine's clock has moved against the process's own. */
export interface JumpWatch {
  /** ms by which it has moved ahead (back: negative) since the last jump; 0 while that is less than `JUMP_MS`. */
  look(): number
}

/**
 * Moved by more than this the machine's clock has jumped, ms. Both clocks run at the same pace, which NTP corrects for both
 * alike, so that they part only when one is set or stands still; the two are read within microseconds unless the process is held
 * up just between. Nobody restores a snapshot within a second of taking it.
 */
export const JUMP_MS = 1_000

export function watchJumps(clock: Clock): JumpWatch {
  const apart = () => (clock.wall === undefined ? 0 : clock.wall() - clock.now())
  let known = apart()
  return {
    look() {
      const now = apart()
      const moved = now - known
      if (Math.abs(moved) < JUMP_MS) return 0
      known = now
      return moved
    },
  }
}
