import type { Address, Hex } from '../util/hex.ts'

/** What nodes and chain said about one certified round. Times are ms since the epoch. */
export interface RoundFact {
  readonly slot: bigint
  readonly triggeredAt: number
  /** Trigger → verified certificate, per node that has it, ms. */
  readonly certificateMs: ReadonlyMap<string, number>
  /** Operators in the certificate, lower case. */
  readonly signers: readonly string[]
  /** Certified answers by feed name, in units of the feed's decimals. */
  readonly answers: ReadonlyMap<string, bigint>
}

/** What the journals say of a slot without certificate: one reason per node that has a record. */
export interface MissFact {
  readonly slot: bigint
  readonly reasons: readonly string[]
}

/** One accepted report on chain. */
export interface UpdateFact {
  readonly slot: bigint
  readonly transaction: Hex
  /** When its block was seen, ms since the epoch; undefined when that was not watched. */
  readonly landedAt: number | undefined
  readonly gasUsed: bigint
  /** Answers that the transaction set, by feed name. */
  readonly answers: ReadonlyMap<string, bigint>
}

export interface FeedFact {
  readonly name: string
  readonly address: Address
  readonly decimals: number
  /** As `latestRoundData` has it; undefined while it has no data. Times are Unix seconds. */
  readonly latest: { readonly roundId: bigint; readonly answer: bigint; readonly updatedAt: number } | undefined
}

export interface OperatorFact {
  readonly address: Address
  readonly peer: string | undefined
  /** Gwei of ETH value. */
  readonly weight: bigint
  readonly up: boolean
}

export interface Facts {
  /** First and last slot that count, inclusive; undefined before the first certificate. */
  readonly window: { readonly first: bigint; readonly last: bigint } | undefined
  readonly rounds: ReadonlyMap<bigint, RoundFact>
  readonly misses: ReadonlyMap<bigint, MissFact>
  readonly updates: readonly UpdateFact[]
  readonly feeds: readonly FeedFact[]
  readonly operators: readonly OperatorFact[]
  /** ms since the epoch of slot 0, and between slots. */
  readonly timeOf: (slot: bigint) => number
}

/** Reasons that say nothing about the network, only that a node was not there. */
const UNINFORMATIVE = ['trigger.before-floor', 'trigger.not-a-member', 'stopped']

/** p50 and p99 by nearest rank; null without samples. */
export function quantiles(samples: readonly number[]): { p50: number; p99: number } | null {
  if (samples.length === 0) return null
  const sorted = [...samples].sort((a, b) => a - b)
  const at = (q: number) => rounded(sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0)
  return { p50: at(0.5), p99: at(0.99) }
}

/** An integer of `decimals` digits after the point, exactly: 91234567 with 8 → `0.91234567`. */
export function decimalString(value: bigint, decimals: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = decimals === 0 ? '' : `.${digits.slice(-decimals)}`
  return `${value < 0n ? '-' : ''}${whole}${fraction}`
}

/** The figures of `--json`. Times are Unix seconds, latencies ms. */
export function figures(facts: Facts) {
  const { window, rounds, updates, timeOf } = facts
  const slots: bigint[] = []
  if (window !== undefined) for (let slot = window.first; slot <= window.last; slot++) slots.push(slot)
  const certified = slots.flatMap((slot) => rounds.get(slot) ?? [])
  const landed = updates.filter(({ slot }) => window !== undefined && slot >= window.first && slot <= window.last)
  const decimals = new Map(facts.feeds.map((feed) => [feed.name, feed.decimals]))
  const gas = landed.map(({ gasUsed }) => Number(gasUsed))

  return {
    operators: facts.operators.map((operator) => ({
      address: operator.address,
      peerId: operator.peer ?? null,
      weight: operator.weight.toString(),
      up: operator.up,
      certificates: certified.filter(({ signers }) => signers.includes(operator.address.toLowerCase())).length,
    })),
    rounds: slots.length,
    certificates: certified.length,
    onChainUpdates: landed.length,
    missed: slots
      .filter((slot) => !rounds.has(slot))
      .map((slot) => ({ slot: Number(slot), reason: reasonOf(facts.misses.get(slot)) })),
    certificateLatencyMs: quantiles(certified.flatMap(({ certificateMs }) => [...certificateMs.values()])),
    onChainLatencyMs: quantiles(
      landed.flatMap(({ slot, landedAt }) => (landedAt === undefined ? [] : [landedAt - timeOf(slot)])),
    ),
    gasPerUpdate: gas.length === 0 ? null : Math.round(gas.reduce((a, b) => a + b, 0) / gas.length),
    feeds: Object.fromEntries(
      facts.feeds.map((feed) => [
        feed.name,
        {
          address: feed.address,
          decimals: feed.decimals,
          answer: feed.latest === undefined ? null : decimalString(feed.latest.answer, feed.decimals),
          roundId: feed.latest === undefined ? null : Number(feed.latest.roundId),
          updatedAt: feed.latest?.updatedAt ?? null,
        },
      ]),
    ),
    history: certified.flatMap((round) => historyOf(round, landed, decimals, timeOf)),
  }
}

/** One row for each feed of a round; where the round is on chain, what it says there. */
function historyOf(
  { slot, answers }: RoundFact,
  updates: readonly UpdateFact[],
  decimals: ReadonlyMap<string, number>,
  timeOf: (slot: bigint) => number,
) {
  const update = updates.find((candidate) => candidate.slot === slot)
  return [...answers].map(([feed, certified]) => {
    const onChain = update?.answers.get(feed)
    return {
      round: Number(slot),
      feed,
      answer: decimalString(onChain ?? certified, decimals.get(feed) ?? 0),
      observedAt: timeOf(slot) / 1_000,
      transaction: onChain === undefined ? null : (update?.transaction ?? null),
    }
  })
}

function reasonOf(miss: MissFact | undefined): string {
  if (miss === undefined || miss.reasons.length === 0) return 'no node has a record of it'
  const telling = miss.reasons.filter((reason) => !UNINFORMATIVE.includes(reason))
  const counts = new Map<string, number>()
  for (const reason of telling.length > 0 ? telling : miss.reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))[0]?.[0] ?? ''
}

/** Microseconds are the finest that the clocks here tell. */
function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000
}
