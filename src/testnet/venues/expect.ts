import { LariatError } from '../../util/errors.ts'
import { FEED_FORMULAS } from './markets.ts'
import { type Replay, seriesTime } from './replay.ts'
import { rowAt, type Series } from './series.ts'
import { priceIn } from './tape.ts'

/** How much wider than the series a certified price may be: offsets of venues (under 0.2 %) and rounding. */
export const TOLERANCE = 0.003

export interface Expected {
  readonly min: number
  readonly max: number
}

/**
 * Between what a certified price must lie: the least and the greatest value of the feed in the series in the minute of
 * observation and its two neighbours, widened by `TOLERANCE`. USDC/USD has two values a minute, one for each market.
 * @param observedAt wall time of the round, Unix seconds
 * @throws LariatError `series.no-such-feed`, `series.no-value` when none of the three minutes has one
 */
export function expectedRange(
  series: Series,
  replay: Replay,
  { feed, observedAt }: { readonly feed: string; readonly observedAt: number },
): Expected {
  const formulas = FEED_FORMULAS[feed]
  if (formulas === undefined) {
    throw new LariatError(
      'series.no-such-feed',
      `the series gives ${Object.keys(FEED_FORMULAS).join(', ')}, not ${feed}`,
    )
  }
  const row = rowAt(series, seriesTime(replay, series, observedAt))
  const values = [row - 1, row, row + 1].flatMap((r) =>
    formulas.flatMap((formula) => priceIn(series, formula, r) ?? []),
  )
  if (values.length === 0) {
    throw new LariatError('series.no-value', `${series.source} has no ${feed} around row ${row}`, { feed, row })
  }
  return { min: Math.min(...values) * (1 - TOLERANCE), max: Math.max(...values) * (1 + TOLERANCE) }
}
