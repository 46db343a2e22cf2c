import type { VenueName } from './markets.ts'
import type { Tick } from './tape.ts'

/** An HTTP answer of a venue. */
export interface VenueAnswer {
  readonly status: number
  readonly body: unknown
}

/** How a venue speaks: which request asks for which of its markets, and what it answers. */
export interface Format {
  /** BASE/QUOTE → the venue's spelling. */
  spell(base: string, quote: string): string
  /** The spelling that a request asks for; undefined for any other request. Path and query are without the venue's prefix. */
  asked(path: string, query: URLSearchParams): string | undefined
  answer(symbol: string, tick: Tick): VenueAnswer
  unknown(symbol: string): VenueAnswer
}

/** Half of the spread between bid and ask: one basis point. */
const HALF_SPREAD = 0.5e-4

/** Digits after the point: cents for BTC, millionths for coins near a dollar. */
const digits = (price: number) => (price > 100 ? 2 : 6)

function figures({ price }: Tick) {
  const places = digits(price)
  const text = (value: number) => value.toFixed(places)
  return { last: text(price), bid: text(price * (1 - HALF_SPREAD)), ask: text(price * (1 + HALF_SPREAD)) }
}

const between = (path: string, start: string, end: string): string | undefined => {
  if (!path.startsWith(start) || !path.endsWith(end) || path.length <= start.length + end.length) return undefined
  const symbol = path.slice(start.length, path.length - end.length)
  return symbol.includes('/') ? undefined : symbol
}

const param = (path: string, at: string, query: URLSearchParams, name: string) =>
  path === at ? (query.get(name) ?? undefined) : undefined

/** Kraken's own names of pairs, by which it keys its result. */
const KRAKEN_KEYS: Readonly<Record<string, string>> = { XBTUSD: 'XXBTZUSD', USDTUSD: 'USDTZUSD' }
const BITFINEX_COINS: Readonly<Record<string, string>> = { USDC: 'UDC', USDT: 'UST' }

/** The formats that the venues document, with the fields that no ticker reads left at plausible rest. */
export const FORMATS: Readonly<Record<VenueName, Format>> = {
  binance: {
    spell: (base, quote) => base + quote,
    asked: (path, query) => param(path, '/api/v3/ticker/24hr', query, 'symbol'),
    answer(symbol, tick) {
      const { last, bid, ask } = figures(tick)
      const closeTime = Math.floor(tick.time * 1_000)
      return {
        status: 200,
        body: { symbol, lastPrice: last, bidPrice: bid, askPrice: ask, openTime: closeTime - 86_400_000, closeTime },
      }
    },
    unknown: () => ({ status: 400, body: { code: -1121, msg: 'Invalid symbol.' } }),
  },
  kraken: {
    spell: (base, quote) => base.replace('BTC', 'XBT') + quote,
    asked: (path, query) => param(path, '/0/public/Ticker', query, 'pair'),
    answer(symbol, tick) {
      const { last, bid, ask } = figures(tick)
      const pair = { a: [ask, '1', '1.000'], b: [bid, '1', '1.000'], c: [last, '0.01000000'], o: last }
      return { status: 200, body: { error: [], result: { [KRAKEN_KEYS[symbol] ?? symbol]: pair } } }
    },
    unknown: () => ({ status: 200, body: { error: ['EQuery:Unknown asset pair'] } }),
  },
  coinbase: {
    spell: (base, quote) => `${base}-${quote}`,
    asked: (path) => between(path, '/products/', '/ticker'),
    answer(_, tick) {
      const { last, bid, ask } = figures(tick)
      const time = new Date(tick.time * 1_000).toISOString()
      return { status: 200, body: { ask, bid, volume: '0', trade_id: 1, price: last, size: '0.01', time } }
    },
    unknown: () => ({ status: 404, body: { message: 'NotFound' } }),
  },
  bitstamp: {
    spell: (base, quote) => (base + quote).toLowerCase(),
    asked: (path) => between(path, '/api/v2/ticker/', '/'),
    answer(_, tick) {
      const { last, bid, ask } = figures(tick)
      return { status: 200, body: { timestamp: Math.floor(tick.time).toString(), last, bid, ask, side: '0' } }
    },
    unknown: () => ({ status: 404, body: { status: 'error', reason: 'Unknown pair', code: 'API0005' } }),
  },
  okx: {
    spell: (base, quote) => `${base}-${quote}`,
    asked: (path, query) => param(path, '/api/v5/market/ticker', query, 'instId'),
    answer(symbol, tick) {
      const { last, bid, ask } = figures(tick)
      const ts = Math.floor(tick.time * 1_000).toString()
      return {
        status: 200,
        body: { code: '0', msg: '', data: [{ instType: 'SPOT', instId: symbol, last, askPx: ask, bidPx: bid, ts }] },
      }
    },
    unknown: () => ({
      status: 200,
      body: { code: '51001', msg: "Instrument ID doesn't exist.", data: [] },
    }),
  },
  bitfinex: {
    spell: (base, quote) => `t${BITFINEX_COINS[base] ?? base}${BITFINEX_COINS[quote] ?? quote}`,
    asked: (path) => between(path, '/v2/ticker/', ''),
    answer(_, tick) {
      const { last, bid, ask } = figures(tick)
      return { status: 200, body: [Number(bid), 1, Number(ask), 1, 0, 0, Number(last), 0, Number(last), Number(last)] }
    },
    unknown: () => ({ status: 500, body: ['error', 10020, 'symbol: invalid'] }),
  },
  gemini: {
    spell: (base, quote) => (base + quote).toLowerCase(),
    asked: (path) => between(path, '/v1/pubticker/', ''),
    answer(_, tick) {
      const { last, bid, ask } = figures(tick)
      return { status: 200, body: { bid, ask, last, volume: { timestamp: Math.floor(tick.time * 1_000) } } }
    },
    unknown: () => ({
      status: 400,
      body: { result: 'error', reason: 'InvalidSymbol', message: 'Received an unknown symbol' },
    }),
  },
}
