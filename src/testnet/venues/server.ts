import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../util/clock.ts'
import { FORMATS, type VenueAnswer } from './formats.ts'
import { type Formula, VENUES, type VenueMarkets, type VenueName } from './markets.ts'
import { type Replay, replayOf, seriesTime } from './replay.ts'
import { type Series, spanOf } from './series.ts'
import { createTape, type Tape } from './tape.ts'

/** Bytes of a request's head: a path and a few headers. */
const MAX_HEADER_BYTES = 8 * 1024

export interface VenuesOptions {
  readonly clock: Clock
  readonly series: Series
  /** Seconds of the series in one second. */
  readonly speed: number
  /** Unix seconds of the series at which the replay starts; its start when left out. */
  readonly from?: number | undefined
  /** 0 or left out takes a free one. */
  readonly port?: number | undefined
}

export interface VenueServer {
  /** `http://127.0.0.1:port`; each venue is under its name, `/status` tells how far the replay is. */
  readonly url: string
  readonly replay: Replay
  stop(): Promise<void>
}

/**
 * Serves a series as the tickers of several venues, on 127.0.0.1. The replay starts with the call.
 * @throws LariatError `series.from-outside`, `series.speed`
 */
export async function startVenues({ clock, series, speed, from, port = 0 }: VenuesOptions): Promise<VenueServer> {
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
    if (pathname === '/status') return { status: 200, body: statusOf(series, replay, wall) }
    const [, name = '', rest = ''] = /^\/([^/]+)(\/.*)$/.exec(pathname) ?? []
    if (!isVenue(name)) {
      return { status: 404, body: { error: `no such venue; there are ${Object.keys(VENUES).join(', ')}` } }
    }
    return answerOf(tape, name, rest, searchParams, wall)
  }

  await listen(server, port)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    replay,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function answerOf(tape: Tape, name: VenueName, path: string, query: URLSearchParams, wall: number): VenueAnswer {
  const format = FORMATS[name]
  const venue: VenueMarkets = VENUES[name]
  const symbol = format.asked(path, query)
  if (symbol === undefined) return { status: 404, body: { error: `${name} has no such path here` } }
  const formula = formulaOf(name, venue, symbol)
  if (formula === undefined) return format.unknown(symbol)
  const tick = tape.tickAt(venue, formula, wall)
  return tick === undefined
    ? { status: 503, body: { error: 'the series has no trade of this market yet' } }
    : format.answer(symbol, tick)
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

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}
