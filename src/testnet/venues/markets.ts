import type { Column } from './series.ts'

/** A market's price as a close of the series, or one close over another. */
export interface Formula {
  readonly close: Column
  readonly over?: Column
}

/** A venue that the server imitates. Its prices are those of the series times 1 + offsetBps / 10,000, `delaySeconds` of the series late. */
export interface VenueMarkets {
  /** Under 20 basis points. */
  readonly offsetBps: number
  /** With the operators' poll lag it must stay under a minute of the series: at ten times the speed a second of lag is ten. */
  readonly delaySeconds: number
  /** By BASE/QUOTE. */
  readonly markets: Readonly<Record<string, Formula>>
}

const BTC_USD: Formula = { close: 'binanceus_btcusd_close' }
const BTC_USDT: Formula = { close: 'binanceus_btcusdt_close' }
const BTC_USDC: Formula = { close: 'binanceus_btcusdc_close' }
const USDT_USD: Formula = { close: 'binanceus_btcusd_close', over: 'binanceus_btcusdt_close' }
/** USDC as Binance.US priced it. */
const USDC_USD_A: Formula = { close: 'binanceus_btcusd_close', over: 'binanceus_btcusdc_close' }
/** USDC as Kraken priced it: up to a tenth apart in the worst hours, and without a trade in one minute of five. */
const USDC_USD_B: Formula = { close: 'binanceus_btcusd_close', over: 'kraken_btcusdc_close' }

/**
 * Which venue serves which market from which column. Of the five USDC/USD markets three follow Binance.US's column, so that
 * their median stands while Kraken's stands still.
 */
export const VENUES = {
  coinbase: { offsetBps: 2, delaySeconds: 1, markets: { 'BTC/USD': BTC_USD, 'USDT/USD': USDT_USD } },
  kraken: {
    offsetBps: -3,
    delaySeconds: 6,
    markets: { 'BTC/USD': BTC_USD, 'USDC/USD': USDC_USD_B, 'USDT/USD': USDT_USD },
  },
  bitstamp: {
    offsetBps: 5,
    delaySeconds: 12,
    markets: { 'BTC/USD': BTC_USD, 'USDC/USD': USDC_USD_B, 'USDT/USD': USDT_USD },
  },
  binance: { offsetBps: 1, delaySeconds: 2, markets: { 'BTC/USDT': BTC_USDT } },
  okx: { offsetBps: -1, delaySeconds: 4, markets: { 'BTC/USDC': BTC_USDC, 'USDC/USD': USDC_USD_A } },
  bitfinex: { offsetBps: -8, delaySeconds: 20, markets: { 'USDC/USD': USDC_USD_A, 'USDT/USD': USDT_USD } },
  gemini: { offsetBps: 10, delaySeconds: 9, markets: { 'USDC/USD': USDC_USD_A } },
} as const satisfies Record<string, VenueMarkets>

export type VenueName = keyof typeof VENUES

/** All formulas by which the series itself gives a feed's price. */
export const FEED_FORMULAS: Readonly<Record<string, readonly Formula[]>> = {
  'BTC/USD': [BTC_USD],
  'USDC/USD': [USDC_USD_A, USDC_USD_B],
  'USDT/USD': [USDT_USD],
}
