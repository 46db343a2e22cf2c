import { beaconWords } from './beaconWatch.ts'
import { bridgeWords } from './bridgeWatch.ts'
import type { Testnet } from './launcher.ts'
import { LRT_SYMBOL } from './lrt.ts'
import type { LrtFact } from './lrtWatch.ts'
import { decimalString, type Facts, figures } from './report.ts'

/** Rounds that the latency of the table is taken from. */
const RECENT = 100n
const ONE = 10n ** 18n
/** Characters of a rate: nine digits after the point, in which its growth is seen from second to second. */
const RATE_WIDTH = 11

/** The live table: rounds, price per feed, on-chain round, certificate latency, operators up, head block. */
export function tableLines({ collector, chain, restaking, beacon, bridge }: Testnet, width: number): string[] {
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
    const certifiedPrice = answer === undefined ? '-' : priceOf(answer, feed.decimals)
    const { latest } = feed
    const onChain = latest === undefined ? '-' : priceOf(latest.answer, feed.decimals)
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
  return [
    '',
    head,
    ...columns([['feed', 'certified', 'round', 'on chain', 'round id', 'age'], ...rows]),
    ...lrtLines(restaking.fact(), facts),
    ...(beacon === undefined ? [] : ['', beaconWords(beacon.fact())]),
    ...(bridge === undefined ? [] : ['', bridgeWords(bridge.fact())]),
    ...ill,
  ].map((line) => line.slice(0, width - 1))
}

/** The LRT: rate, backing, and which operator has which part of its stake and of the price service's weight. */
export function lrtLines(lrt: LrtFact | undefined, { operators }: Pick<Facts, 'operators'>): string[] {
  if (lrt === undefined) return []
  const held = lrt.operators.reduce((sum, { value }) => sum + value, 0n)
  const weight = operators.reduce((sum, each) => sum + each.weight, 0n)
  const weightOf = new Map(operators.map((each) => [each.address.toLowerCase(), each.weight]))
  const stopped = lrt.lsts.filter(({ depegged }) => depegged).map(({ symbol }) => symbol)
  return [
    '',
    [
      `${LRT_SYMBOL} ${decimalString(lrt.rate, 18).slice(0, RATE_WIDTH)} ETH`,
      `${shortDecimal(lrt.value)} ETH restaked`,
      `backing ${percentOf(lrt.backing, ONE)}`,
    ].join('   '),
    lrt.lsts.map(({ symbol, rate }) => `${symbol} ${decimalString(rate, 18).slice(0, RATE_WIDTH)} ETH`).join('   '),
    ...columns([
      ['operator', ...lrt.operators.map((_, i) => `${i + 1}`)],
      ['target', ...lrt.operators.map(({ targetBps }) => percentOf(BigInt(targetBps), 10_000n))],
      ['stake', ...lrt.operators.map(({ value }) => percentOf(value, held))],
      ['weight', ...lrt.operators.map(({ operator }) => percentOf(weightOf.get(operator.toLowerCase()) ?? 0n, weight))],
    ]),
    ...(stopped.length > 0
      ? [`deposits of ${stopped.join(', ')} are stopped: the market is below its own rate, or silent`]
      : []),
  ]
}

/** The same in one line. */
export function summaryLine({ collector, restaking, beacon, bridge }: Testnet): string {
  const lrt = restaking.fact()
  const facts = collector.facts()
  const { certified, missed, recent } = counts(facts)
  const nodes = collector.nodes()
  const prices = facts.feeds.map(
    ({ name, decimals, latest }) => `${name} ${latest === undefined ? '-' : priceOf(latest.answer, decimals)}`,
  )
  return [
    `${certified} rounds certified, ${missed} missed, ${facts.updates.length} updates on chain`,
    ...prices,
    ...(lrt === undefined ? [] : [`${LRT_SYMBOL} ${decimalString(lrt.rate, 18).slice(0, RATE_WIDTH)} ETH`]),
    ...(beacon === undefined ? [] : [beaconWords(beacon.fact())]),
    ...(bridge === undefined ? [] : [bridgeWords(bridge.fact())]),
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

/** Digits after the point that are shown of a price. */
const PRICE_DIGITS = 8

function priceOf(answer: bigint, decimals: number): string {
  const shown = Math.min(decimals, PRICE_DIGITS)
  return decimalString(answer / 10n ** BigInt(decimals - shown), shown)
}

/** Two digits after the point, cut. */
function shortDecimal(wei: bigint): string {
  return decimalString(wei / 10n ** 16n, 2)
}

/** One digit after the point. */
function percentOf(part: bigint, whole: bigint): string {
  return whole === 0n ? '-' : `${(Number((part * 10_000n) / whole) / 100).toFixed(1)} %`
}
