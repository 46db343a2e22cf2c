import { readFileSync } from 'node:fs'
import { LariatError } from '../../util/errors.ts'

/** Closes that a series has, by the names of their columns in a file. */
export const COLUMNS = [
  'binanceus_btcusd_close',
  'binanceus_btcusdt_close',
  'binanceus_btcusdc_close',
  'kraken_btcusdc_close',
] as const
export type Column = (typeof COLUMNS)[number]

/** Seconds of one row. */
export const ROW_SECONDS = 60

/** Rows of one series: 1 minute for over a year. */
const MAX_ROWS = 600_000
const MAX_FILE_BYTES = 128 * 1024 * 1024

/** One-minute closes. */
export interface Series {
  /** Where it comes from, in words; a synthetic one says so. */
  readonly source: string
  readonly synthetic: boolean
  /** Unix seconds of each row's minute, ascending. */
  readonly times: readonly number[]
  /** A close per row; undefined is a minute without a trade. */
  readonly closes: Readonly<Record<Column, readonly (number | undefined)[]>>
}

/** First second of the series, and the first one after it. */
export function spanOf({ times }: Series): { start: number; end: number } {
  const [start, last] = [times[0], times.at(-1)]
  if (start === undefined || last === undefined) throw new RangeError('a series has at least one row')
  return { start, end: last + ROW_SECONDS }
}

/** The last row that begins at or before `time` (Unix seconds); the first row for an earlier time. */
export function rowAt({ times }: Series, time: number): number {
  let low = 0
  let high = times.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? Number.POSITIVE_INFINITY) <= time) low = middle
    else high = middle
  }
  return low
}

/**
 * Reads a CSV file with a column `time` (Unix seconds of the minute) and the `COLUMNS`; others are ignored.
 * @throws LariatError `series.unreadable`, `series.invalid`, which names file, line and mend
 */
export function loadSeries(file: string): Series {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new LariatError(
      'series.unreadable',
      `${file}: cannot be read; name a CSV file with --prices`,
      { file },
      cause,
    )
  }
  return parseSeries(text, file)
}

/** `loadSeries` of a text. @throws LariatError `series.invalid` */
export function parseSeries(text: string, file: string): Series {
  const fail = (line: number, what: string): LariatError =>
    new LariatError('series.invalid', `${file}:${line}: ${what}`, { file, line })
  if (text.length > MAX_FILE_BYTES) throw fail(1, `over ${MAX_FILE_BYTES} bytes; cut the series`)

  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  while (lines.at(-1) === '') lines.pop()
  const header = (lines[0] ?? '').split(',').map((name) => name.trim())
  for (const name of ['time', ...COLUMNS]) {
    if (!header.includes(name)) {
      throw fail(1, `there is no column ${name}; the header must name time, ${COLUMNS.join(', ')}`)
    }
  }
  if (lines.length < 2) throw fail(1, 'there are no rows; add at least one minute')
  if (lines.length - 1 > MAX_ROWS) throw fail(MAX_ROWS + 2, `over ${MAX_ROWS} rows; cut the series`)

  const times: number[] = []
  const closes = Object.fromEntries(COLUMNS.map((name) => [name, []])) as unknown as Record<
    Column,
    (number | undefined)[]
  >
  lines.slice(1).forEach((row, i) => {
    const line = i + 2
    const cells = row.split(',').map((cell) => cell.trim())
    if (cells.length !== header.length) {
      throw fail(line, `${cells.length} cells where the header has ${header.length}; complete the row`)
    }
    const cell = (name: string) => cells[header.indexOf(name)] ?? ''
    const time = Number(cell('time'))
    if (!/^\d{1,11}$/.test(cell('time')) || time % ROW_SECONDS !== 0) {
      throw fail(line, `time "${cell('time')}" is not the Unix second of a full minute`)
    }
    const last = times.at(-1)
    if (last !== undefined && time <= last) throw fail(line, `time ${time} is not after ${last}; sort the rows by time`)
    times.push(time)
    for (const name of COLUMNS)
      closes[name].push(
        closeOf(cell(name), () =>
          fail(line, `${name} "${cell(name)}" is not a positive number; a minute without a trade has an empty cell`),
        ),
      )
  })
  return { source: file, synthetic: false, times, closes }
}

function closeOf(cell: string, error: () => LariatError): number | undefined {
  if (cell === '') return undefined
  const close = Number(cell)
  if (!/^\d+(\.\d+)?([eE][+-]?\d+)?$/.test(cell) || !Number.isFinite(close) || close <= 0) throw error()
  return close
}
