import { type Pricing, parsePair, pricingOf } from './pair.ts'
import { PRESETS } from './presets.ts'
import { spell, tickerUrl, type Venue, type VenueOverride, venueSchema } from './venue.ts'

/** What planning needs of the configuration. */
export interface PlanInput {
  readonly feeds: readonly {
    readonly name: string
    readonly sources: readonly {
      readonly venue: string
      readonly symbol: string
      readonly ticker?: string | undefined
    }[]
    readonly minVenues: number
    readonly maxAge: number
    readonly outlierBps: number
  }[]
  readonly venues: Readonly<Record<string, VenueOverride>>
}

/** One market of one venue, polled once however many feeds use it. */
export interface Ticker {
  readonly id: string
  readonly venue: string
  readonly spec: Venue
  readonly url: string
}

export interface PlannedSource extends Pricing {
  readonly venue: string
  readonly symbol: string
  readonly ticker: Ticker
}

export interface PlannedFeed {
  readonly name: string
  readonly sources: readonly PlannedSource[]
  readonly minVenues: number
  readonly maxAgeMs: number
  readonly outlierBps: number
}

/** What is polled, and the feeds in an order in which every feed comes after those that it converts by. */
export interface Plan {
  readonly tickers: readonly Ticker[]
  readonly feeds: readonly PlannedFeed[]
}

export interface PlanProblem {
  /** Of the key inside the service's configuration. */
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** Resolves venues, markets and conversions; problems name feed, source and mend. The plan is complete when there are none. */
export function planOf(input: PlanInput): { plan: Plan; problems: PlanProblem[] } {
  const problems: PlanProblem[] = []
  const venues = resolveVenues(input, problems)
  const tickers = new Map<string, Ticker>()
  const feeds = input.feeds.map((feed, f): PlannedFeed => {
    const pair = parsePair(feed.name)
    const sources = feed.sources.flatMap((source, s): PlannedSource[] => {
      const spec = venues.get(source.venue)
      const market = parsePair(source.symbol)
      const say = (key: string, message: string) =>
        problems.push({
          path: ['feeds', f, 'sources', s, key],
          message: `feed ${feed.name}, source ${source.venue} ${source.symbol}: ${message}`,
        })
      if (spec === undefined) {
        if (!Object.hasOwn(input.venues, source.venue)) {
          say('venue', `no such venue; take one of ${Object.keys(PRESETS).join(', ')}, or declare it under venues`)
        }
        return []
      }
      if (pair === undefined || market === undefined) return [] // the schema has said so
      const pricing = pricingOf(pair, market)
      if (pricing === undefined) {
        say('symbol', `this market does not price ${pair.base}; use one that has ${pair.base} as base or quote`)
        return []
      }
      const ticker = tickerOf(source.venue, spec, source.ticker ?? spell(spec.naming, market))
      tickers.set(ticker.id, ticker)
      return [{ ...pricing, venue: source.venue, symbol: source.symbol, ticker }]
    })
    return { name: feed.name, sources, minVenues: feed.minVenues, maxAgeMs: feed.maxAge, outlierBps: feed.outlierBps }
  })
  checkVotes(input, problems)
  if (problems.length === 0) checkConversions(feeds, problems)
  return { plan: { tickers: [...tickers.values()], feeds: problems.length === 0 ? inOrder(feeds) : feeds }, problems }
}

function resolveVenues(input: PlanInput, problems: PlanProblem[]): Map<string, Venue> {
  const venues = new Map(Object.entries(PRESETS))
  for (const [name, override] of Object.entries(input.venues)) {
    const preset = PRESETS[name]
    const given = Object.fromEntries(Object.entries(override).filter(([, value]) => value !== undefined))
    const merged = venueSchema.safeParse({ ...preset, ...given, naming: { ...preset?.naming, ...override.naming } })
    if (merged.success) {
      venues.set(name, merged.data)
      continue
    }
    const missing = merged.error.issues.map(({ path }) => path.join('.')).join(', ')
    problems.push({
      path: ['venues', name],
      message: `venue ${name} has no preset, so it must be declared in full: add ${missing}`,
    })
  }
  return venues
}

function tickerOf(venue: string, spec: Venue, symbol: string): Ticker {
  return { id: `${venue} ${symbol}`, venue, spec, url: tickerUrl(spec, symbol) }
}

/** A venue has one vote in a feed, and there must be enough of them. */
function checkVotes({ feeds }: PlanInput, problems: PlanProblem[]): void {
  const names = new Set<string>()
  feeds.forEach(({ name, sources, minVenues }, f) => {
    if (names.has(name)) {
      problems.push({ path: ['feeds', f, 'name'], message: `feed ${name} is there twice: merge the two` })
    }
    names.add(name)
    const seen = new Set<string>()
    sources.forEach(({ venue, symbol }, s) => {
      if (seen.has(venue)) {
        problems.push({
          path: ['feeds', f, 'sources', s, 'venue'],
          message: `feed ${name}, source ${venue} ${symbol}: ${venue} is named twice, but a venue has one vote in a feed; drop one`,
        })
      }
      seen.add(venue)
    })
    if (seen.size < minVenues) {
      problems.push({
        path: ['feeds', f, 'sources'],
        message: `feed ${name} names ${seen.size} venues, and ${minVenues} must answer: add sources on other venues`,
      })
    }
  })
}

/** Every conversion needs its feed, and that feed must not come from what it converts: else a price would confirm itself. */
function checkConversions(feeds: readonly PlannedFeed[], problems: PlanProblem[]): void {
  const byName = new Map(feeds.map((feed) => [feed.name, feed]))
  feeds.forEach((feed, f) => {
    const quote = parsePair(feed.name)?.quote
    if (quote === undefined) return // the schema has said so
    feed.sources.forEach(({ venue, symbol, via, ticker }, s) => {
      if (via === undefined) return
      const say = (message: string) =>
        problems.push({
          path: ['feeds', f, 'sources', s, 'symbol'],
          message: `feed ${feed.name}, source ${venue} ${symbol}: ${message}`,
        })
      const direct = `use a market of ${venue} that is in ${quote}`
      if (!byName.has(via)) {
        say(`it is not in ${quote}, so it needs the feed ${via} to be converted: add that feed, or ${direct}`)
        return
      }
      const below = closure(byName, via)
      if (below.some(({ name }) => name === feed.name)) {
        say(
          `it is converted by the feed ${via}, which is itself derived from ${feed.name}: give ${via} only sources that are in ${quote}, or ${direct}`,
        )
        return
      }
      const same = below.find(({ sources }) => sources.some((other) => other.ticker.id === ticker.id))
      if (same !== undefined) {
        say(
          `it is converted by the feed ${via}, which is derived from this same quote (through ${same.name}): take another venue there, or ${direct}`,
        )
      }
    })
  })
}

/** The feed `name` and all that it converts by, directly or not. */
function closure(byName: ReadonlyMap<string, PlannedFeed>, name: string): PlannedFeed[] {
  const found = new Map<string, PlannedFeed>()
  const open = [name]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const feed = byName.get(next)
    if (feed === undefined || found.has(next)) continue
    found.set(next, feed)
    for (const { via } of feed.sources) if (via !== undefined) open.push(via)
  }
  return [...found.values()]
}

/** Feeds after those that they convert by; there are no cycles here any more. */
function inOrder(feeds: readonly PlannedFeed[]): PlannedFeed[] {
  const byName = new Map(feeds.map((feed) => [feed.name, feed]))
  const done = new Set<PlannedFeed>()
  const visit = (feed: PlannedFeed): void => {
    if (done.has(feed)) return
    for (const { via } of feed.sources) {
      const needed = via === undefined ? undefined : byName.get(via)
      if (needed !== undefined) visit(needed)
    }
    done.add(feed)
  }
  for (const feed of feeds) visit(feed)
  return [...done]
}
