import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../util/clock.ts'
import { createEthMarkets, ETH_VENUES, type EthMarkets } from './ethMarkets.ts'
import { FORMATS, type VenueAnswer } from './formats.ts'
import { type Formula, VENUES, type VenueMarkets, type VenueName } from './markets.ts'
import { type Replay, replayOf, seriesTime } from './replay.ts'
import { type Series, spanOf } from './series.ts'
import { createTape, type Tape, type Tick } from './tape.ts'

/** Bytes of a request's head: a path and a few headers. */
const MAX_HEADER_BYTES = 8 * 1024

export interface VenuesOptions {
  readonly clock: Clock
  readonly series: Series
  /** Seconds of the series in one second. */
  readonly speed: number
  /** Unix seconds of the series at which the replay starts; its start when left out. */
  readonly from?: number | undefined
  /** Markets of staked tokens in ETH; none when left out. */
  readonly ethMarkets?: EthMarkets | undefined
  /** Address to listen on; 127.0.0.1 unless given. */
  readonly host?: string | undefined
  /** 0 or left out takes a free one. */
  readonly port?: number | undefined
}

export interface VenueServer {
  /** `http://host:port`; each venue is under its name, `/status` tells how far the replay is. */
  readonly url: string
  readonly replay: Replay
  stop(): Promise<void>
}

/**
 * Serves a series as the tickers of several venues. The replay starts with the call.
 * @throws LariatError `series.from-outside`, `series.speed`
 */
export async function startVenues(options: VenuesOptions): Promise<VenueServer> {
  const { clock, series, speed, from, ethMarkets = createEthMarkets([]) } = options
  const { host = '127.0.0.1', port = 0 } = options
  const replay = replayOf(series, { from, speed, wallStart: clock.now() / 1_000 })
  const tape = createTape(series, replay)
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
    const wall = clock.now() / 1_000
    const { status, body } =
      request.method === 'GET'
        ? answer(request.url ?? '/', wall)
        : { status: 405, body: { error: 'only GET is answered here' } }
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  })

  function answer(target: string, wall: number): VenueAnswer {
    const { pathname, searchParams } = new URL(target, 'http://venues')
    if (pathname === '/status')
      return { status: 200, body: { ...statusOf(series, replay, wall), ethMarkets: ethMarkets.describe() } }
    const [, name = '', rest = ''] = /^\/([^/]+)(\/.*)$/.exec(pathname) ?? []
    if (!isVenue(name)) {
      return { status: 404, body: { error: `no such venue; there are ${Object.keys(VENUES).join(', ')}` } }
    }
    return answerOf({ tape, ethMarkets }, name, rest, searchParams, wall)
  }

  await listen(server, host, port)
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    replay,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Prices {
  readonly tape: Tape
  readonly ethMarkets: EthMarkets
}

function answerOf(prices: Prices, name: VenueName, path: string, query: URLSearchParams, wall: number): VenueAnswer {
  const format = FORMATS[name]
  const symbol = format.asked(path, query)
  if (symbol === undefined) return { status: 404, body: { error: `${name} has no such path here` } }
  const look = marketOf(prices, name, symbol)
  if (look === undefined) return format.unknown(symbol)
  const tick = look(wall)
  return tick === undefined
    ? { status: 503, body: { error: 'there is no trade of this market yet' } }
    : format.answer(symbol, tick)
}

/** How a venue's market of that spelling is looked up: in the series, or among the staked tokens. */
function marketOf({ tape, ethMarkets }: Prices, name: VenueName, symbol: string) {
  const venue: VenueMarkets = VENUES[name]
  const formula = formulaOf(name, venue, symbol)
  if (formula !== undefined) return (wall: number) => tape.tickAt(venue, formula, wall)
  const base = ETH_VENUES.some((each) => each === name)
    ? ethMarkets.symbols.find((each) => FORMATS[name].spell(each, 'ETH') === symbol)
    : undefined
  if (base === undefined) return undefined
  return (wall: number): Tick | undefined => {
    const price = ethMarkets.priceAt(base, wall)
    return price === undefined ? undefined : { price: price * (1 + venue.offsetBps / 10_000), time: wall }
  }
}

function formulaOf(name: VenueName, { markets }: VenueMarkets, symbol: string): Formula | undefined {
  for (const [pair, formula] of Object.entries(markets)) {
    const [base = '', quote = ''] = pair.split('/')
    if (FORMATS[name].spell(base, quote) === symbol) return formula
  }
  return undefined
}

const isVenue = (name: string): name is VenueName => Object.hasOwn(VENUES, name)

/** What is replayed, how far it is, and what each venue makes of it. */
function statusOf(series: Series, replay: Replay, wall: number) {
  const { start, end } = spanOf(series)
  const now = seriesTime(replay, series, wall)
  return {
    source: series.source,
    synthetic: series.synthetic,
    replay,
    series: { start, end, now },
    // prices stand still from here on, and go stale
    ended: now >= end,
    venues: VENUES,
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
