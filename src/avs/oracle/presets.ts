import type { Venue } from './venue.ts'

const plain: Venue['naming'] = { prefix: '', separator: '', letters: 'upper', alias: {} }

/** Binance's spot API, spoken by Binance and Binance.US alike. `closeTime` is the time of the statistics: now. */
const binance: Omit<Venue, 'url'> = {
  path: '/api/v3/ticker/24hr?symbol={symbol}',
  naming: plain,
  price: 'lastPrice',
  bid: 'bidPrice',
  ask: 'askPrice',
  time: { path: 'closeTime', unit: 'ms' },
  error: { path: 'msg', ok: [] },
}

/**
 * Public ticker endpoints as data. All answer without a key; mind each venue's rate limit when choosing `poll`.
 * Where a venue tells no time of its ticker, the time of receipt stands for it.
 */
export const PRESETS: Readonly<Record<string, Venue>> = {
  /** https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints */
  binance: { url: 'https://api.binance.com', ...binance },
  /** https://docs.binance.us */
  'binance-us': { url: 'https://api.binance.us', ...binance },
  /** https://docs.kraken.com/api/docs/rest-api/get-ticker-information: the result is keyed by Kraken's own name of the pair; no time. */
  kraken: {
    url: 'https://api.kraken.com',
    path: '/0/public/Ticker?pair={symbol}',
    naming: { ...plain, alias: { BTC: 'XBT', DOGE: 'XDG' } },
    price: 'result.*.c.0',
    bid: 'result.*.b.0',
    ask: 'result.*.a.0',
    error: { path: 'error', ok: [] },
  },
  /** https://docs.cdp.coinbase.com/api-reference/exchange-api/rest-api/products/get-product-ticker: `time` is that of the last trade. */
  coinbase: {
    url: 'https://api.exchange.coinbase.com',
    path: '/products/{symbol}/ticker',
    naming: { ...plain, separator: '-' },
    price: 'price',
    bid: 'bid',
    ask: 'ask',
    time: { path: 'time', unit: 'iso' },
    error: { path: 'message', ok: [] },
  },
  /** https://www.bitstamp.net/api/#tag/Tickers */
  bitstamp: {
    url: 'https://www.bitstamp.net',
    path: '/api/v2/ticker/{symbol}/',
    naming: { ...plain, letters: 'lower' },
    price: 'last',
    bid: 'bid',
    ask: 'ask',
    time: { path: 'timestamp', unit: 's' },
    error: { path: 'status', ok: [] },
  },
  /** https://www.okx.com/docs-v5/en/#order-book-trading-market-data-get-ticker */
  okx: {
    url: 'https://www.okx.com',
    path: '/api/v5/market/ticker?instId={symbol}',
    naming: { ...plain, separator: '-' },
    price: 'data.0.last',
    bid: 'data.0.bidPx',
    ask: 'data.0.askPx',
    time: { path: 'data.0.ts', unit: 'ms' },
    error: { path: 'code', ok: ['0'] },
  },
  /** https://bybit-exchange.github.io/docs/v5/market/tickers */
  bybit: {
    url: 'https://api.bybit.com',
    path: '/v5/market/tickers?category=spot&symbol={symbol}',
    naming: plain,
    price: 'result.list.0.lastPrice',
    bid: 'result.list.0.bid1Price',
    ask: 'result.list.0.ask1Price',
    time: { path: 'time', unit: 'ms' },
    error: { path: 'retCode', ok: [0] },
  },
  /** https://docs.bitfinex.com/reference/rest-public-ticker: a list of numbers, no time; names of over three letters need `ticker`. */
  bitfinex: {
    url: 'https://api-pub.bitfinex.com',
    path: '/v2/ticker/{symbol}',
    naming: { ...plain, prefix: 't', alias: { USDT: 'UST', USDC: 'UDC' } },
    price: '6',
    bid: '0',
    ask: '2',
  },
  /** https://developer.gemini.com/trading/rest-api/market-data/get-ticker: its only time is that of the volume, so none is read. */
  gemini: {
    url: 'https://api.gemini.com',
    path: '/v1/pubticker/{symbol}',
    naming: { ...plain, letters: 'lower' },
    price: 'last',
    bid: 'bid',
    ask: 'ask',
    error: { path: 'reason', ok: [] },
  },
}
