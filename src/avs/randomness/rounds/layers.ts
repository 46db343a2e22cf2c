import { type Clock, equalBytes, LariatError, roundTime, type Schedule } from 'lariat/avs'
import type { Round, RoundStore } from './store.ts'

/** How far ahead of our clock a round's time may lie that others made, ms. None is told before its time by our clock. */
export const AHEAD_MS = 2_000

/** What is kept stays as it is. The same round again costs nothing more; another signature of it is refused. */
export function appendOnly(inner: RoundStore): RoundStore {
  return {
    ...inner,
    put(next) {
      const kept = inner.get(next.round)
      if (kept === undefined) inner.put(next)
      else if (!equalBytes(kept.signature, next.signature)) {
        throw new LariatError('rounds.conflict', `round ${next.round} is kept with another signature`, {
          round: next.round,
        })
      }
    },
  }
}

/** No round is kept before its time by our clock, but for a margin. */
export function timed(inner: RoundStore, schedule: Schedule, clock: Clock): RoundStore {
  return {
    ...inner,
    put(next) {
      const early = roundTime(schedule, next.round) - clock.now()
      if (next.round < 1n || early > AHEAD_MS) {
        throw new LariatError('rounds.too-early', `round ${next.round} comes ${Math.ceil(early)} ms before its time`, {
          round: next.round,
        })
      }
      inner.put(next)
    },
  }
}

/** Only what the group signed is kept. @param verify one pairing check */
export function schemeChecked(
  inner: RoundStore,
  verify: (round: bigint, signature: Uint8Array) => boolean,
): RoundStore {
  return {
    ...inner,
    put(next) {
      if (!verify(next.round, next.signature)) {
        throw new LariatError('rounds.false', `the signature of round ${next.round} is not the group's`, {
          round: next.round,
        })
      }
      inner.put(next)
    },
  }
}

/** Rounds that wait for the store at most; the next one writes all first. */
const MAX_WAITING = 256

/** A store of rounds that are written a moment after they were kept. */
export interface LateStore extends RoundStore {
  /** Writes what waits. @throws what the inner store throws; the rest stays, and is written next time */
  flush(): void
}

/**
 * Rounds that are put are there at once, and written later, so that who waits for a round does not wait for the disk. What a crash
 * takes is asked of the other operators again.
 * @param later calls its argument in a moment
 */
export function writtenLater(inner: RoundStore, later: (flush: () => void) => void): LateStore {
  const waiting = new Map<bigint, Round>()
  let isDue = false
  function flush(): void {
    for (const [number, round] of waiting) {
      inner.put(round)
      waiting.delete(number)
    }
  }
  return {
    flush,
    put(next) {
      if (waiting.size >= MAX_WAITING) flush()
      waiting.set(next.round, next)
      if (isDue) return
      isDue = true
      later(() => {
        isDue = false
        flush()
      })
    },
    get: (round) => waiting.get(round) ?? inner.get(round),
    // reading neither waits for the disk nor fails with it
    latest() {
      const written = inner.latest()
      const numbers = [...waiting.keys(), ...(written === undefined ? [] : [written.round])]
      const newest = numbers.reduce((one, other) => (other > one ? other : one), 0n)
      return waiting.get(newest) ?? written
    },
    list: (from, to, limit) =>
      [...waiting.values()]
        .filter(({ round }) => round >= from && round <= to)
        .concat(inner.list(from, to, limit))
        .sort((a, b) => (a.round < b.round ? -1 : 1))
        .slice(0, limit),
  }
}
