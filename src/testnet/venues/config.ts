import { ETH_VENUES } from './ethMarkets.ts'
import { VENUES } from './markets.ts'

/** The part of a node's price service configuration that the testnet fills in; `use` and `contract` are added by the launcher. */
export interface VenueConfig {
  readonly venues: Readonly<Record<string, { readonly url: string }>>
  readonly feeds: readonly {
    readonly name: string
    readonly maxAge: string
    readonly outlierBps: number
    readonly sources: readonly { readonly venue: string; readonly symbol: string }[]
  }[]
  readonly poll: string
  readonly timeout: string
  readonly bandBps: number
}

/**
 * Quotes older than this are left out. At ten times the speed it is 50 seconds of the series, so that with the venues' delay
 * nothing older than the minute before is ever used.
 */
const MAX_AGE = '5s'

/** The recorded series moves by up to 2.4 % in a minute, and venues cross a minute at different times. Basis points. */
const OUTLIER_BPS = 300
/** Operators do not poll at the same moment, so one may be a minute of the series ahead: twice its greatest move. Basis points. */
const BAND_BPS = 500

const on = (symbol: string, ...venues: string[]) => venues.map((venue) => ({ venue, symbol }))

/**
 * Three feeds on the venues at `url`: BTC/USD from three direct markets and two converted ones, each coin from its own
 * tickers; and one in ETH for each of the staked tokens `staked`.
 */
export function venueConfig(url: string, staked: readonly string[] = []): VenueConfig {
  const common = { maxAge: MAX_AGE, outlierBps: OUTLIER_BPS }
  return {
    venues: Object.fromEntries(Object.keys(VENUES).map((name) => [name, { url: `${url}/${name}` }])),
    feeds: [
      {
        name: 'BTC/USD',
        ...common,
        sources: [
          ...on('BTC/USD', 'coinbase', 'kraken', 'bitstamp'),
          ...on('BTC/USDT', 'binance'),
          ...on('BTC/USDC', 'okx'),
        ],
      },
      { name: 'USDC/USD', ...common, sources: on('USDC/USD', 'kraken', 'bitstamp', 'okx', 'bitfinex', 'gemini') },
      { name: 'USDT/USD', ...common, sources: on('USDT/USD', 'kraken', 'coinbase', 'bitstamp', 'bitfinex') },
      ...staked
        .map((symbol) => `${symbol.toUpperCase()}/ETH`)
        .map((name) => ({ name, ...common, sources: on(name, ...ETH_VENUES) })),
    ],
    poll: '1s',
    timeout: '2s',
    bandBps: BAND_BPS,
  }
}
