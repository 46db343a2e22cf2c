import { address, duration } from 'lariat/avs'
import * as z from 'zod'
import { MAX_FEEDS } from './codec.ts'
import { parsePair } from './pair.ts'
import { planOf } from './plan.ts'
import { venueOverrideSchema } from './venue.ts'

/** Sources of one feed: each is a request every `poll`. */
const MAX_SOURCES = 16
/** Venues that a configuration may change or add. */
const MAX_VENUES = 64
/** The least number of venues that a feed may rest on: with two, one of them can lie unseen. */
const MIN_VENUES = 3

const pair = (what: string) =>
  z
    .string()
    .max(41)
    .refine(
      (text) => parsePair(text) !== undefined,
      `expected ${what} as BASE/QUOTE in two different coins, such as BTC/USD; the venue's own spelling comes from its preset`,
    )

const venueName = () =>
  z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'expected a name of lower-case letters, digits and hyphens')

const basisPoints = (most: number) => z.int().min(1).max(most)

const between = (least: number, most: number, text: string) =>
  duration().refine((ms) => ms >= least && ms <= most, `expected a duration from ${text}`)

const sourceSchema = z.strictObject({
  venue: venueName().meta({ description: 'Preset, or a name under venues', examples: ['kraken'] }),
  symbol: pair('a market').meta({
    description: 'Market of the venue; one that is not in the feed’s quote is converted by that coin’s own feed',
    examples: ['BTC/USD'],
  }),
  ticker: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .meta({ description: 'The venue’s spelling, where its naming rule does not give it', examples: ['tAVAX:USD'] }),
})

const feedSchema = z.strictObject({
  name: pair('a feed').meta({ description: 'As the feed is described on chain', examples: ['BTC/USD'] }),
  sources: z
    .array(sourceSchema)
    .min(MIN_VENUES, `expected sources on at least ${MIN_VENUES} venues`)
    .max(MAX_SOURCES)
    .meta({ description: 'Where the price comes from, one market a venue' }),
  minVenues: z
    .int()
    .min(MIN_VENUES, `a feed rests on at least ${MIN_VENUES} venues`)
    .max(MAX_SOURCES)
    .default(MIN_VENUES)
    .meta({ description: 'Venues that must be fresh and agree, else the feed is not observed', examples: [3] }),
  maxAge: between(100, 86_400_000, '100ms to 1d')
    .prefault('60s')
    .meta({ description: 'A quote older than this is left out', examples: ['60s'] }),
  outlierBps: basisPoints(9_999)
    .default(200)
    .meta({
      description: 'A quote further than this from the median of all is left out, basis points',
      examples: [200],
    }),
})

/** Configuration of the price service. */
export const oracleConfigSchema = z
  .strictObject({
    contract: address().meta({
      description: 'The PriceFeeds contract',
      examples: ['0x5FbDB2315678afecb367f032d93F642f64180aa3'],
    }),
    feeds: z
      .array(feedSchema)
      .min(1, 'expected at least one feed')
      .max(MAX_FEEDS)
      .meta({
        description: 'Feeds that this operator observes',
        examples: [
          [
            {
              name: 'BTC/USD',
              sources: ['coinbase', 'kraken', 'bitstamp'].map((venue) => ({ venue, symbol: 'BTC/USD' })),
            },
          ],
        ],
      }),
    venues: z
      .record(venueName(), venueOverrideSchema)
      .default({})
      .refine((venues) => Object.keys(venues).length <= MAX_VENUES, `expected at most ${MAX_VENUES} venues`)
      .meta({ description: 'Changes to presets, and venues of your own in the same form' }),
    poll: between(100, 3_600_000, '100ms to 1h')
      .prefault('1s')
      .meta({ description: 'How often each source is asked', examples: ['1s'] }),
    timeout: between(100, 60_000, '100ms to 1m')
      .prefault('2s')
      .meta({ description: 'For one answer of a venue', examples: ['2s'] }),
    bandBps: basisPoints(5_000)
      .default(200)
      .meta({
        description: 'A report is signed only if each price is this near to our own, basis points',
        examples: [200],
      }),
    maxResponseBytes: z
      .int()
      .min(256)
      .max(4_194_304)
      .default(65_536)
      .meta({ description: 'Of one answer of a venue', examples: [65_536] }),
    requestsPerVenue: z
      .int()
      .min(1)
      .max(64)
      .default(4)
      .meta({ description: 'Requests under way at one venue at a time', examples: [4] }),
  })
  .superRefine((config, context) => {
    // what is wrong in itself comes first: a plan of it would only repeat that in other words
    if (context.issues.length > 0) return
    for (const { path, message } of planOf(config).problems) {
      context.addIssue({ code: 'custom', path: [...path], message })
    }
  })

export type OracleConfig = z.output<typeof oracleConfigSchema>
