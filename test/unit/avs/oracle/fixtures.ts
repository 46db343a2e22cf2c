import { type OracleConfig, oracleConfigSchema } from '../../../../src/avs/oracle/config.ts'
import { parseDecimal } from '../../../../src/avs/oracle/decimal.ts'
import type { ChainFeed } from '../../../../src/avs/oracle/feeds.ts'
import type { Log, LogFields } from '../../../../src/util/log.ts'

export const CONTRACT = '0x5FbDB2315678afecb367f032d93F642f64180aa3'

/** `venue MARKET` → a source. */
export const sources = (...list: string[]) =>
  list.map((text) => {
    const [venue = '', symbol = ''] = text.split(' ')
    return { venue, symbol }
  })

/** Three direct feeds, one of them with two converted sources. */
export const FEEDS = [
  {
    name: 'BTC/USD',
    sources: sources('coinbase BTC/USD', 'kraken BTC/USD', 'bitstamp BTC/USD', 'binance BTC/USDT', 'okx BTC/USDC'),
  },
  { name: 'USDC/USD', sources: sources('kraken USDC/USD', 'bitstamp USDC/USD', 'gemini USDC/USD') },
  { name: 'USDT/USD', sources: sources('kraken USDT/USD', 'coinbase USDT/USD', 'bitstamp USDT/USD') },
]

/** Problems of a configuration as `path: message`. */
export function problemsOf(config: unknown): string[] {
  const result = oracleConfigSchema.safeParse(config)
  return result.success ? [] : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

export const configOf = (config: object = {}): OracleConfig =>
  oracleConfigSchema.parse({ contract: CONTRACT, feeds: FEEDS, ...config })

export const price = (text: string): bigint => {
  const value = parseDecimal(text)
  if (value === undefined) throw new RangeError(text)
  return value
}

export const chainFeed = (feedIndex: number, name: string, state: Partial<ChainFeed> = {}): ChainFeed => ({
  feedIndex,
  name,
  facade: '0x0000000000000000000000000000000000000001',
  decimals: 8,
  deviationBps: 50,
  heartbeat: 3_600,
  minAnswer: 1n,
  maxAnswer: 10n ** 20n,
  roundId: 0,
  answer: 0n,
  startedAt: 0,
  updatedAt: 0,
  ...state,
})

export interface Entry {
  readonly level: string
  readonly message: string
  readonly fields: LogFields | undefined
}

/** A log that keeps what it is told. */
export function keepingLog(): Log & { readonly entries: Entry[] } {
  const entries: Entry[] = []
  const at = (level: string) => (message: string, fields?: LogFields) => {
    entries.push({ level, message, fields })
  }
  const log = { entries, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), child: () => log }
  return log
}
