import type { VenueName } from './markets.ts'

/**
 * Venues that have the markets in ETH. Each feed rests on all of them: one more than a feed needs, and not more, because
 * every node asks each of them every second.
 */
export const ETH_VENUES = ['coinbase', 'kraken', 'bitstamp', 'okx'] as const satisfies readonly VenueName[]

/** Two slow waves that do not meet: seconds of each, and how far each takes the price off its token's own rate. */
const WAVES = [
  { period: 97, height: 2e-4 },
  { period: 31, height: 1e-4 },
] as const

/** Markets of staked tokens in ETH. They are invented: each token's own rate, a small wave, and a loss of peg on demand. */
export interface EthMarkets {
  /** Tokens that have a market, upper case. */
  readonly symbols: readonly string[]
  /** What a token is worth by its own rate, ETH. There is no market before it is known. */
  setRate(symbol: string, rate: number): void
  /** From now on the token trades so much below its own rate: 0.05 is 5 %. */
  depeg(symbol: string, fraction: number): void
  /** ETH for one token at wall time `wall` (Unix seconds), before a venue's own offset. */
  priceAt(symbol: string, wall: number): number | undefined
  /** What the markets are made of now, for `/status`. */
  describe(): Readonly<Record<string, { readonly rate: number | null; readonly depeg: number }>>
}

/** @param symbols as they are spelled in the names of feeds, without regard to case */
export function createEthMarkets(symbols: readonly string[]): EthMarkets {
  const markets = new Map(
    symbols.map((symbol) => [symbol.toUpperCase(), { rate: undefined as number | undefined, depeg: 0 }]),
  )
  const names = [...markets.keys()]
  const market = (symbol: string) => {
    const found = markets.get(symbol.toUpperCase())
    if (found === undefined) throw new RangeError(`no market for ${symbol}`)
    return found
  }
  return {
    symbols: names,
    setRate(symbol, rate) {
      market(symbol).rate = rate
    },
    depeg(symbol, fraction) {
      market(symbol).depeg = fraction
    },
    priceAt(symbol, wall) {
      const found = markets.get(symbol)
      if (found?.rate === undefined) return undefined
      // each token's waves begin elsewhere
      const shift = names.indexOf(symbol) * 7
      const wave = WAVES.reduce(
        (sum, { period, height }) => sum + height * Math.sin((2 * Math.PI * (wall + shift)) / period),
        0,
      )
      return found.rate * (1 + wave) * (1 - found.depeg)
    },
    describe: () =>
      Object.fromEntries(
        [...markets].map(([symbol, { rate, depeg }]) => [`${symbol}/ETH`, { rate: rate ?? null, depeg }]),
      ),
  }
}
