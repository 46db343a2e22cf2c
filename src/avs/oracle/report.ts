import type { Observed } from 'lariat/avs'
import { MAX_FEEDS, type Price, type Prices } from './codec.ts'

interface Vote {
  readonly answer: bigint
  readonly weight: bigint
}

/**
 * The report of a round: for each feed that operators of more than two thirds of the whole weight observed, the weighted
 * median of their answers. With less than a third of the weight lying, liars hold less than half of the weight that
 * observed a feed, so the median lies between two honest answers.
 */
export function computeReport(
  observed: readonly Observed<Prices>[],
  totalWeight: bigint,
): Prices | { refused: string } {
  const votes = new Map<number, Vote[]>()
  for (const { weight, observation } of observed) {
    if (weight <= 0n) continue
    for (const { feedIndex, answer } of observation) {
      const list = votes.get(feedIndex)
      if (list === undefined) votes.set(feedIndex, [{ answer, weight }])
      else list.push({ answer, weight })
    }
  }
  const prices = [...votes]
    .filter(([, list]) => 3n * sum(list) > 2n * totalWeight)
    .map(([feedIndex, list]): Price => ({ feedIndex, answer: lowerWeightedMedian(list) }))
    .sort((a, b) => a.feedIndex - b.feedIndex)
  if (prices.length === 0) return { refused: 'no feed was observed by more than two thirds of the weight' }
  // only observations that decoded get here, so more feeds than one of them holds would take liars of a third of the weight
  if (prices.length > MAX_FEEDS) return { refused: `${prices.length} feeds, at most ${MAX_FEEDS} are certified` }
  return prices
}

/** The least answer at which answers up to it hold half of the weight or more; the same in any order of `votes`, which is not empty. */
export function lowerWeightedMedian(votes: readonly Vote[]): bigint {
  const sorted = [...votes].sort((a, b) => (a.answer < b.answer ? -1 : a.answer > b.answer ? 1 : 0))
  const total = sum(sorted)
  let held = 0n
  for (const { answer, weight } of sorted) {
    held += weight
    if (2n * held >= total) return answer
  }
  throw new RangeError('a median needs at least one vote')
}

const sum = (votes: readonly Vote[]) => votes.reduce((total, { weight }) => total + weight, 0n)

/**
 * Why a report must not be signed: a price lies further than `bandBps` from our own. A feed of which we have no price of our
 * own (our sources for it are stale, or it is not configured here) rests on the signed observations of the others, more than
 * two thirds of the weight; but with no price of our own at all there is nothing to compare, and nothing is signed.
 */
export function checkReport(value: Prices, own: Prices, { bandBps }: { readonly bandBps: number }): string | undefined {
  if (own.length === 0) return 'this operator has no price of its own to compare with'
  const ours = new Map(own.map(({ feedIndex, answer }) => [feedIndex, answer]))
  for (const { feedIndex, answer } of value) {
    const mine = ours.get(feedIndex)
    if (mine !== undefined && distanceBps(answer, mine) > BigInt(bandBps)) {
      return `feed ${feedIndex}: ${answer} is over ${bandBps} basis points from our own ${mine}`
    }
  }
  return undefined
}

/** |a − b| in basis points of |b|, rounded up; anything is infinitely far from zero but zero. */
export function distanceBps(a: bigint, b: bigint): bigint {
  const delta = a > b ? a - b : b - a
  const base = b < 0n ? -b : b
  if (base === 0n) return delta === 0n ? 0n : 2n ** 255n
  return (delta * 10_000n + base - 1n) / base
}
