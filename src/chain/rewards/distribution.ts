import { setImmediate } from 'node:timers/promises'
import * as z from 'zod'
import { LariatError } from '../../util/errors.ts'
import type { Address } from '../../util/hex.ts'

/** Largest distribution that is read, bytes: 500,000 lines of some 190 bytes. Mainnet's are a few tens of megabytes. */
export const MAX_DISTRIBUTION_BYTES = 96 * 1024 * 1024
/** Most pairs of earner and token in one: each takes up to 90 µs of a slow core to read and hash, and 440 bytes to keep. */
export const MAX_EARNINGS = 500_000
/** Pairs that are worked on before other work of the process gets its turn: some milliseconds. */
export const PAIRS_A_TURN = 128

/** What one earner has earned of one token in all, claimed or not. */
export interface TokenEarnings {
  /** Lower case. */
  readonly token: Address
  /** In the token's smallest unit. */
  readonly cumulative: bigint
}

/** One earner's leaf of the distribution. */
export interface EarnerEarnings {
  /** Lower case. */
  readonly earner: Address
  /** Ascending by address; never empty. */
  readonly tokens: readonly TokenEarnings[]
}

/** Everyone's cumulative earnings, ascending by earner's address: the order of the leaves. */
export type Distribution = readonly EarnerEarnings[]

const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'expected a 20-byte address')
  .transform((text): Address => text.toLowerCase() as Address)

/** A line as EigenLayer publishes them (`claim-amounts.json`); `snapshot`, the day, is left alone. */
const lineSchema = z.strictObject({
  earner: address,
  token: address,
  cumulative_amount: z
    .string()
    .regex(/^(0|[1-9]\d{0,77})$/, 'expected a whole number in quotes, in the token’s smallest unit')
    .transform(BigInt)
    .refine((amount) => amount < 1n << 256n, 'does not fit 256 bits'),
  snapshot: z.union([z.int(), z.string().max(64)]).optional(),
})

/** One earner's earnings of one token, as a distribution's text has them. */
export type DistributionLine = z.input<typeof lineSchema>

/**
 * Reads a distribution: a JSON list, or one JSON object a line, of `{earner, token, cumulative_amount}` in any order.
 * Lets other work of the process run in between.
 * @param where names it in errors
 * @throws LariatError `rewards.distribution` with the line or place that is wrong
 */
export async function parseDistribution(text: string, where: string): Promise<Distribution> {
  const byEarner = new Map<Address, Map<Address, bigint>>()
  let count = 0
  for (const { place, value } of entries(text, where)) {
    if (++count > MAX_EARNINGS) throw invalid(where, place, `more than ${MAX_EARNINGS} entries`)
    const parsed = lineSchema.safeParse(value())
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      const path = issue?.path.join('.')
      throw invalid(where, place, `${path ? `${path}: ` : ''}${issue?.message ?? 'invalid'}`)
    }
    const { earner, token, cumulative_amount: amount } = parsed.data
    const tokens = byEarner.get(earner) ?? new Map<Address, bigint>()
    if (tokens.has(token)) throw invalid(where, place, `${earner} has two entries of token ${token}`)
    byEarner.set(earner, tokens.set(token, amount))
    if (count % PAIRS_A_TURN === 0) await setImmediate()
  }
  if (count === 0) throw invalid(where, 'all', 'it has no entries')
  return [...byEarner]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([earner, tokens]) => ({
      earner,
      tokens: [...tokens].sort(([a], [b]) => (a < b ? -1 : 1)).map(([token, cumulative]) => ({ token, cumulative })),
    }))
}

interface Entry {
  readonly place: string
  readonly value: () => unknown
}

function* entries(text: string, where: string): Generator<Entry> {
  if (text.trimStart().startsWith('[')) {
    const list = json(text, where, 'all')
    if (!Array.isArray(list)) throw invalid(where, 'all', 'expected a list')
    for (const [i, value] of list.entries()) yield { place: `entry ${i}`, value: () => value }
    return
  }
  for (let start = 0, line = 1; start < text.length; line++) {
    const end = text.indexOf('\n', start)
    const piece = text.slice(start, end < 0 ? text.length : end).trim()
    start = end < 0 ? text.length : end + 1
    const place = `line ${line}`
    if (piece !== '') yield { place, value: () => json(piece, where, place) }
  }
}

function json(text: string, where: string, place: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalid(where, place, 'it is not JSON')
  }
}

function invalid(where: string, place: string, what: string): LariatError {
  return new LariatError(
    'rewards.distribution',
    `${where}, ${place}: ${what}; a distribution has one {"earner", "token", "cumulative_amount"} for each earner and token`,
    { where, place },
  )
}

/** The text of a distribution, one JSON object a line: what `parseDistribution` reads. */
export function renderDistribution(distribution: Distribution): string {
  const lines = distribution.flatMap(({ earner, tokens }) =>
    tokens.map(({ token, cumulative }): DistributionLine => ({ earner, token, cumulative_amount: `${cumulative}` })),
  )
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}
