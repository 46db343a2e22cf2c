import { seededRandom } from '../../util/random.ts'
import { type Column, ROW_SECONDS, type Series } from './series.ts'

/** Unix second of the first minute: 2024-01-01T00:00:00Z. Any would do. */
const START = 1_704_067_200
/** Two days: at ten times the speed a testnet runs 4.8 hours on it. */
const MINUTES = 2_880

/** Standard deviation of BTC/USD from one minute to the next. */
const BTC_STEP = 0.0006
/** The same for what a coin deviates from its peg; `PULL` of the deviation is gone after a minute. */
const PEG_STEP = 0.0003
const PULL = 0.05
/** Between the two markets of BTC/USDC. */
const MARKET_NOISE = 0.001
/** Share of minutes without a trade on the thin market, as in the recorded series. */
const EMPTY_SHARE = 0.2

/** USDC slides to 0.93 from the fifth minute on and takes a day to come back, so that a dollar is visibly not a dollar. */
const DEPEG = { startMinute: 5, slideMinutes: 40, depth: 0.07, recoverMinutes: 1_440 } as const

export interface SyntheticOptions {
  readonly seed: number
  readonly minutes?: number
}

/** A series of the recorded one's shape, invented: a geometric walk, two stablecoins, one of which loses its peg. The same seed gives the same series. */
export function syntheticSeries({ seed, minutes = MINUTES }: SyntheticOptions): Series {
  const random = seededRandom(seed)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const times: number[] = []
  const closes: Record<Column, (number | undefined)[]> = {
    binanceus_btcusd_close: [],
    binanceus_btcusdt_close: [],
    binanceus_btcusdc_close: [],
    kraken_btcusdc_close: [],
  }
  let btc = 40_000
  let usdtOff = 0
  let usdcOff = 0
  for (let minute = 0; minute < minutes; minute++) {
    btc *= Math.exp(BTC_STEP * normal())
    usdtOff = usdtOff * (1 - PULL) + PEG_STEP * normal()
    usdcOff = usdcOff * (1 - PULL) + PEG_STEP * normal()
    const usdt = 1 + usdtOff
    const usdc = (1 + usdcOff) * (1 - depegAt(minute))
    const thin = usdc * (1 + MARKET_NOISE * normal())
    // the first minute has a trade, so that every market has a price from the start
    const empty = random() < EMPTY_SHARE && minute > 0
    times.push(START + minute * ROW_SECONDS)
    closes.binanceus_btcusd_close.push(cents(btc))
    closes.binanceus_btcusdt_close.push(cents(btc / usdt))
    closes.binanceus_btcusdc_close.push(cents(btc / usdc))
    closes.kraken_btcusdc_close.push(empty ? undefined : cents(btc / thin))
  }
  return { source: `synthetic series, seed ${seed}: invented, not recorded`, synthetic: true, times, closes }
}

function depegAt(minute: number): number {
  const { startMinute, slideMinutes, depth, recoverMinutes } = DEPEG
  const since = minute - startMinute
  if (since <= 0) return 0
  if (since <= slideMinutes) return (depth * since) / slideMinutes
  return depth * Math.max(0, 1 - (since - slideMinutes) / recoverMinutes)
}

const cents = (price: number) => Math.round(price * 100) / 100
