import { LariatError } from '../../util/errors.ts'
import { type Series, spanOf } from './series.ts'

/** How wall time maps to the time of a series: series = seriesStart + (wall − wallStart) · speed. Unix seconds, fractions allowed. */
export interface Replay {
  readonly seriesStart: number
  readonly wallStart: number
  readonly speed: number
}

/** More than an hour a second leaves nothing for operators to poll. */
const MAX_SPEED = 3_600

/**
 * A replay of `series` that is at `from` at `wallStart`.
 * @param from Unix seconds of the series; its start when left out
 * @throws LariatError `series.from-outside`, `series.speed`
 */
export function replayOf(
  series: Series,
  {
    from,
    speed,
    wallStart,
  }: { readonly from?: number | undefined; readonly speed: number; readonly wallStart: number },
): Replay {
  const { start, end } = spanOf(series)
  const seriesStart = from ?? start
  if (!(seriesStart >= start && seriesStart < end)) {
    throw new LariatError(
      'series.from-outside',
      `${series.source} does not have ${iso(seriesStart)}: choose --from between ${iso(start)} and ${iso(end - 1)}`,
      { from: seriesStart, start, end },
    )
  }
  if (!(speed > 0 && speed <= MAX_SPEED)) {
    throw new LariatError('series.speed', `speed ${speed}: choose more than 0 and at most ${MAX_SPEED}`, { speed })
  }
  return { seriesStart, wallStart, speed }
}

/** Series time at wall time `wall`; it stops at the end of the series and never wraps. */
export function seriesTime({ seriesStart, wallStart, speed }: Replay, series: Series, wall: number): number {
  return Math.min(seriesStart + (wall - wallStart) * speed, spanOf(series).end)
}

/** Wall time at series time `time`. */
export function wallTime({ seriesStart, wallStart, speed }: Replay, time: number): number {
  return wallStart + (time - seriesStart) / speed
}

const iso = (time: number) => (Number.isFinite(time) ? new Date(time * 1_000).toISOString() : String(time))
