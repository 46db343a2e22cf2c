/** Shares of a sharing in all, as KeyGeneration bounds them: every one is sealed by every dealer. */
export const MAX_SHARES = 64
/** Shares of one member, as KeyGeneration bounds them: it deals a polynomial for each in a resharing, and those must fit a transaction. */
export const MAX_MEMBER_SHARES = 8

/** Shares by weight, with what they achieve. Weights are in the units that they were given in. */
export interface Allocation {
  /** Share count of each member, in the order of the weights; 0 for those too light for one. */
  readonly shares: readonly number[]
  /** m: their sum. */
  readonly total: number
  /** t: so many shares sign. More than half of all. */
  readonly threshold: number
  /** L: every set of members of at least this weight reaches the threshold. */
  readonly liveness: bigint
  /** S: no set of members of at most this weight does. */
  readonly safety: bigint
  /** W: the weight of all. */
  readonly weight: bigint
}

/**
 * The smallest allocation that passes the check of KeyGeneration (after Swiper, https://eprint.iacr.org/2023/1164): shares by
 * largest remainder for m = number of members, m + 1, …, and for each the highest threshold of ⌊2m/3⌋ + 1 … ⌊m/2⌋ + 1 with which
 * whoever has more than 2/3 of the weight can sign, and whoever can sign has more than 1/3.
 * @param weights at least one, none negative, in sum over 0
 * @returns undefined when none passes within the bounds
 * @throws RangeError for other weights
 */
export function allocate(weights: readonly bigint[]): Allocation | undefined {
  const weight = sum(weights)
  if (weight <= 0n || weights.some((one) => one < 0n)) throw new RangeError('weights are none negative, and not all 0')
  for (let total = weights.length; total <= MAX_SHARES; total++) {
    const shares = divide(weights, total)
    if (shares === undefined) continue
    const heaviest = heaviestWith(weights, shares, total)
    for (let threshold = Math.floor((2 * total) / 3) + 1; threshold > total / 2; threshold--) {
      const reached = check(heaviest, weight, total, threshold)
      if (reached !== undefined) return { shares, total, threshold, weight, ...reached }
    }
  }
  return undefined
}

/**
 * What an allocation achieves under `weights`, which may have changed since it was made.
 * @returns undefined when it does not pass: whoever has more than 2/3 cannot sign, or who can sign has 1/3 or less
 */
export function achieved(
  weights: readonly bigint[],
  shares: readonly number[],
  threshold: number,
): { readonly liveness: bigint; readonly safety: bigint } | undefined {
  const total = shares.reduce((all, one) => all + one, 0)
  if (weights.length !== shares.length || threshold > total || 2 * threshold <= total) return undefined
  return check(heaviestWith(weights, shares, total), sum(weights), total, threshold)
}

/** @param heaviest by number of shares, see `heaviestWith` */
function check(
  heaviest: readonly bigint[],
  weight: bigint,
  total: number,
  threshold: number,
): { readonly liveness: bigint; readonly safety: bigint } | undefined {
  const below = heaviest[threshold - 1] ?? 0n // a set that just does not sign
  const rest = heaviest[total - threshold] ?? 0n // what a set that signs can at most leave out
  if (3n * below > 2n * weight || 3n * rest >= 2n * weight) return undefined
  return { liveness: below + 1n, safety: weight - rest - 1n }
}

/** heaviest[s]: greatest weight of a set of members that have at most s shares together (0/1 knapsack). */
function heaviestWith(weights: readonly bigint[], shares: readonly number[], total: number): bigint[] {
  const heaviest = new Array<bigint>(total + 1).fill(0n)
  for (const [i, weight] of weights.entries()) {
    const own = shares[i] ?? 0
    for (let s = total; s >= own; s--) {
      const taken = (heaviest[s - own] ?? 0n) + weight
      if (taken > (heaviest[s] ?? 0n)) heaviest[s] = taken
    }
  }
  return heaviest
}

/** `total` shares by largest remainder, none over `MAX_MEMBER_SHARES`; undefined when so many cannot be given. */
function divide(weights: readonly bigint[], total: number): number[] | undefined {
  const shares = new Array<number>(weights.length).fill(0)
  const open = new Set(weights.keys())
  let left = total
  for (;;) {
    const among = [...open].map((i) => ({ i, weight: weights[i] ?? 0n }))
    const weight = sum(among.map((one) => one.weight))
    if (weight === 0n) return left === 0 ? shares : undefined
    const given = largestRemainder(among, weight, left)
    const over = [...given].filter(([, count]) => count > MAX_MEMBER_SHARES)
    if (over.length === 0) {
      for (const [i, count] of given) shares[i] = count
      return shares
    }
    // those who would have more have as many as one may, and the rest is divided again without them
    for (const [i] of over) {
      shares[i] = MAX_MEMBER_SHARES
      left -= MAX_MEMBER_SHARES
      open.delete(i)
    }
    if (left < 0) return undefined
  }
}

/** Of equal remainders the heavier, then the earlier member is served first. */
function largestRemainder(
  members: readonly { readonly i: number; readonly weight: bigint }[],
  weight: bigint,
  total: number,
): Map<number, number> {
  const parts = members.map((one) => {
    const product = one.weight * BigInt(total)
    return { ...one, count: Number(product / weight), remainder: product % weight }
  })
  let left = total - parts.reduce((all, { count }) => all + count, 0)
  const order = [...parts].sort((a, b) => compare(b.remainder, a.remainder) || compare(b.weight, a.weight) || a.i - b.i)
  const counts = new Map(parts.map(({ i, count }) => [i, count]))
  for (const { i, count, remainder } of order) {
    if (left === 0 || remainder === 0n) break
    counts.set(i, count + 1)
    left--
  }
  return counts
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((all, value) => all + value, 0n)
}
