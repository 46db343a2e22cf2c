import type { Formula, VenueMarkets } from './markets.ts'
import { type Replay, seriesTime, wallTime } from './replay.ts'
import { type Column, ROW_SECONDS, rowAt, type Series } from './series.ts'

/** What a market shows. */
export interface Tick {
  readonly price: number
  /** Wall time of the price, Unix seconds. */
  readonly time: number
}

/** The series as its markets saw it. */
export interface Tape {
  /** What a venue shows of one of its markets at wall time `wall`; undefined before its first trade. */
  tickAt(venue: VenueMarkets, formula: Formula, wall: number): Tick | undefined
}

/** The price by `formula` in one row; undefined where a close is missing. */
export function priceIn(series: Series, { close, over }: Formula, row: number): number | undefined {
  const at = (column: Column) => series.closes[column][row]
  const price = at(close)
  const divisor = over === undefined ? 1 : at(over)
  return price === undefined || divisor === undefined ? undefined : price / divisor
}

/**
 * At series time s a venue shows the row of s − delay. A row without a trade shows the last price that there was, with the
 * time at which its minute ended.
 */
export function createTape(series: Series, replay: Replay): Tape {
  const lastRows = new Map<string, Int32Array>()

  /** For each row the last one up to it that has a price, −1 where there is none. */
  function lastRow(formula: Formula): Int32Array {
    const key = `${formula.close}/${formula.over ?? ''}`
    const known = lastRows.get(key)
    if (known !== undefined) return known
    const rows = new Int32Array(series.times.length)
    let last = -1
    for (let row = 0; row < rows.length; row++) {
      if (priceIn(series, formula, row) !== undefined) last = row
      rows[row] = last
    }
    lastRows.set(key, rows)
    return rows
  }

  return {
    tickAt({ delaySeconds, offsetBps }, formula, wall) {
      const seen = seriesTime(replay, series, wall) - delaySeconds
      const row = lastRow(formula)[rowAt(series, seen)] ?? -1
      const price = priceIn(series, formula, row)
      if (price === undefined) return undefined
      const minuteEnd = (series.times[row] ?? 0) + ROW_SECONDS
      return { price: price * (1 + offsetBps / 10_000), time: wallTime(replay, Math.min(seen, minuteEnd)) }
    },
  }
}
