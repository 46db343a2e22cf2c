import type { Collector } from './collector.ts'
import type { Testnet } from './launcher.ts'
import { decimalString, type Facts, figures } from './report.ts'

/** Rounds that the latency of the table is taken from. */
const RECENT = 100n

/** The live table: rounds, price per feed, on-chain round, certificate latency, operators up, head block. */
export function tableLines({ collector, chain }: Testnet, width: number): string[] {
  const facts = collector.facts()
  const { certified, missed, recent } = counts(facts)
  const nodes = collector.nodes()
  const newest = [...facts.rounds.values()].reduce<
    Facts['rounds'] extends ReadonlyMap<bigint, infer R> ? R | undefined : never
  >((a, b) => (a === undefined || b.slot > a.slot ? b : a), undefined)
  const head = [
    `rounds ${certified} certified, ${missed} missed`,
    `latency ${recent === null ? '-' : `p50 ${recent.p50.toFixed(1)} ms, p99 ${recent.p99.toFixed(1)} ms`}`,
    `operators ${nodes.filter(({ health }) => health !== undefined).length} of ${nodes.length} up`,
    `block ${chain.head()}`,
  ].join('   ')
  const rows = facts.feeds.map((feed) => {
    const answer = newest?.answers.get(feed.name)
    const certifiedPrice = answer === undefined ? '-' : decimalString(answer, feed.decimals)
    const { latest } = feed
    const onChain = latest === undefined ? '-' : decimalString(latest.answer, feed.decimals)
    return [
      feed.name,
      certifiedPrice,
      `${newest?.slot ?? '-'}`,
      onChain,
      `${latest?.roundId ?? '-'}`,
      age(latest?.updatedAt),
    ]
  })
  const ill = nodes.flatMap(({ name, health }) => {
    const why = health === undefined ? 'does not answer' : health.checks.find(({ ok }) => !ok)?.problem
    return why === undefined ? [] : [`${name}: ${why}`]
  })
  return ['', head, ...columns([['feed', 'certified', 'round', 'on chain', 'round id', 'age'], ...rows]), ...ill].map(
    (line) => line.slice(0, width - 1),
  )
}

/** The same in one line. */
export function summaryLine(collector: Collector): string {
  const facts = collector.facts()
  const { certified, missed, recent } = counts(facts)
  const nodes = collector.nodes()
  const prices = facts.feeds.map(
    ({ name, decimals, latest }) => `${name} ${latest === undefined ? '-' : decimalString(latest.answer, decimals)}`,
  )
  return [
    `${certified} rounds certified, ${missed} missed, ${facts.updates.length} updates on chain`,
    ...prices,
    `latency p50 ${recent === null ? '-' : `${recent.p50.toFixed(1)} ms`}`,
    `${nodes.filter(({ health }) => health !== undefined).length} of ${nodes.length} up`,
  ].join(' · ')
}

function counts(facts: Facts) {
  const { certificates, missed } = figures(facts)
  const window = facts.window && { ...facts.window, first: max(facts.window.first, facts.window.last - RECENT) }
  const recent = window === undefined ? null : figures({ ...facts, window }).certificateLatencyMs
  return { certified: certificates, missed: missed.length, recent }
}

const max = (a: bigint, b: bigint) => (a > b ? a : b)

function age(updatedAt: number | undefined): string {
  return updatedAt === undefined ? '-' : `${Math.max(0, Math.round(Date.now() / 1_000 - updatedAt))} s`
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  '))
}
