import { LariatError } from 'lariat/avs'
import * as z from 'zod'
import { parseDecimal } from './decimal.ts'
import type { Pair } from './pair.ts'

/** Parts of a path into a JSON answer. */
const MAX_PATH_PARTS = 8

const jsonPath = () =>
  z
    .string()
    .max(128)
    .refine(
      (text) => text.split('.').length <= MAX_PATH_PARTS && text.split('.').every((part) => part !== ''),
      'expected keys and indices with points between, such as data.0.last; * is the only member of an object or list',
    )

const venueShape = {
  url: z
    .string()
    .max(256)
    .refine(
      (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
      'expected an http:// or https:// URL',
    )
    .meta({ description: 'Base URL', examples: ['https://api.exchange.coinbase.com'] }),
  path: z
    .string()
    .max(256)
    .refine(
      (text) => text.startsWith('/') && text.includes('{symbol}'),
      'expected a path that starts with / and has {symbol} where the market goes',
    )
    .meta({
      description: 'Path and query of the ticker of one market',
      examples: ['/products/{symbol}/ticker'],
    }),
  naming: z
    .strictObject({
      prefix: z.string().max(8).default(''),
      separator: z.string().max(4).default(''),
      letters: z.enum(['upper', 'lower', 'as-is']).default('upper'),
      alias: z.record(z.string().max(20), z.string().max(20)).default({}),
    })
    .prefault({})
    .meta({ description: 'How the venue spells BASE/QUOTE', examples: [{ separator: '-', letters: 'upper' }] }),
  price: jsonPath().meta({ description: 'Where the last price is', examples: ['price'] }),
  bid: jsonPath()
    .optional()
    .meta({ description: 'Where the best bid is', examples: ['bid'] }),
  ask: jsonPath()
    .optional()
    .meta({ description: 'Where the best ask is', examples: ['ask'] }),
  time: z
    .strictObject({ path: jsonPath(), unit: z.enum(['s', 'ms', 'us', 'ns', 'iso']) })
    .optional()
    .meta({ description: 'The time of the quote and its unit', examples: [{ path: 'time', unit: 'iso' }] }),
  error: z
    .strictObject({ path: jsonPath(), ok: z.array(z.union([z.string().max(64), z.number()])).default([]) })
    .optional()
    .meta({
      description: 'Where the venue says that it failed: anything there but nothing, an empty list or one of `ok`',
      examples: [{ path: 'error' }],
    }),
}

/** A venue declared in full. */
export const venueSchema = z.strictObject(venueShape)
/** A venue as data: where its ticker of one market is, and where in the answer the figures are. */
export type Venue = z.output<typeof venueSchema>

/** What a configuration may say of a venue: all of a new one, any part of one with a preset. */
export const venueOverrideSchema = z.strictObject({
  ...venueShape,
  url: venueShape.url.optional(),
  path: venueShape.path.optional(),
  naming: z
    .strictObject({
      prefix: z.string().max(8).optional(),
      separator: z.string().max(4).optional(),
      letters: z.enum(['upper', 'lower', 'as-is']).optional(),
      alias: z.record(z.string().max(20), z.string().max(20)).optional(),
    })
    .optional(),
  price: venueShape.price.optional(),
})
export type VenueOverride = z.output<typeof venueOverrideSchema>

/** What a venue said of one market. Times are ms since the Unix epoch. */
export interface Quote {
  /** Units of quote for one unit of base, 18 decimals, > 0. */
  readonly price: bigint
  /** When the venue says that it was so; undefined where it does not say. */
  readonly venueTime: number | undefined
  readonly receivedAt: number
}

/** The venue's own spelling of a market. */
export function spell({ prefix, separator, letters, alias }: Venue['naming'], { base, quote }: Pair): string {
  const name = [base, quote].map((coin) => (Object.hasOwn(alias, coin) ? (alias[coin] ?? coin) : coin)).join(separator)
  return prefix + (letters === 'upper' ? name.toUpperCase() : letters === 'lower' ? name.toLowerCase() : name)
}

/** URL of the ticker of the market that the venue spells `symbol`. */
export function tickerUrl({ url, path }: Venue, symbol: string): string {
  return url.replace(/\/+$/, '') + path.replaceAll('{symbol}', encodeURIComponent(symbol))
}

/**
 * Reads a venue's answer. The price is the last one, held between best bid and best ask where the venue tells them, so that a
 * market without recent trades is read from its book.
 * @throws LariatError `venue.refused` (the venue's own error), `venue.malformed`, `venue.crossed` (bid above ask)
 */
export function parseTicker(venue: Venue, body: unknown, receivedAt: number): Quote {
  refuseVenueError(venue, body)
  const last = figure(body, venue.price)
  const bid = venue.bid === undefined ? undefined : figure(body, venue.bid)
  const ask = venue.ask === undefined ? undefined : figure(body, venue.ask)
  if (bid !== undefined && ask !== undefined && bid > ask) {
    throw new LariatError('venue.crossed', 'the best bid is above the best ask: the market is not trading normally')
  }
  const floored = bid !== undefined && last < bid ? bid : last
  const price = ask !== undefined && floored > ask ? ask : floored
  const venueTime = venue.time === undefined ? undefined : timeOf(valueAt(body, venue.time.path), venue.time.unit)
  return { price, venueTime, receivedAt }
}

function refuseVenueError({ error }: Venue, body: unknown): void {
  if (error === undefined) return
  const said = valueAt(body, error.path)
  const nothing = said === undefined || said === null || said === '' || (Array.isArray(said) && said.length === 0)
  if (nothing || error.ok.includes(said as string | number)) return
  const text = JSON.stringify(said)?.slice(0, 200) ?? 'an error'
  throw new LariatError('venue.refused', `the venue answered ${text}`)
}

function figure(body: unknown, path: string): bigint {
  const price = parseDecimal(valueAt(body, path))
  if (price === undefined || price === 0n) {
    throw new LariatError('venue.malformed', `there is no positive decimal number at ${path}`, { path })
  }
  return price
}

/** The value at a dotted path; `*` steps into the only member of an object or list (Kraken names it by itself). */
export function valueAt(body: unknown, path: string): unknown {
  let current: unknown = body
  for (const part of path.split('.')) {
    if (typeof current !== 'object' || current === null) return undefined
    const members: Record<string, unknown> = current as Record<string, unknown>
    if (part === '*') {
      const keys = Object.keys(members)
      if (keys.length !== 1) return undefined
      current = members[keys[0] ?? '']
    } else {
      if (!Object.hasOwn(members, part)) return undefined
      current = members[part]
    }
  }
  return current
}

const MS_PER = { s: 1_000, ms: 1, us: 1e-3, ns: 1e-6 } as const

function timeOf(value: unknown, unit: NonNullable<Venue['time']>['unit']): number {
  const ms =
    unit === 'iso'
      ? // without a zone, Date.parse would take it for this machine's local time
        typeof value === 'string' && /(Z|[+-]\d\d:?\d\d)$/.test(value)
        ? Date.parse(value)
        : Number.NaN
      : (typeof value === 'number' || (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value))
          ? Number(value)
          : Number.NaN) * MS_PER[unit]
  if (!Number.isFinite(ms)) throw new LariatError('venue.malformed', `there is no time in ${unit} where one should be`)
  return ms
}
