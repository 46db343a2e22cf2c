/** What a search for bad shares found. */
export interface Blame {
  /** Indices into the shares, ascending, each refused by a check of its own or by elimination. */
  readonly invalid: readonly number[]
  /** True when `maxChecks` ran out: shares that are not in `invalid` are then undecided. */
  readonly exhausted: boolean
}

/**
 * Finds the shares that `check` refuses, by halving: about 2·k·log2(n / k) checks for k bad ones of n.
 * `check` must hold for a set exactly when it holds for each member, so it must be a randomised batch check
 * (`verifySameMessage`, `verifyDistinct`); a plain aggregate lets shares cancel out.
 * @param maxChecks most calls of `check`, > 0: bounds what a sender of rubbish can make us compute
 */
export function findInvalid<T>(
  shares: readonly T[],
  check: (subset: readonly T[]) => boolean,
  maxChecks: number,
): Blame {
  const search = halve(shares, check, maxChecks)
  for (;;) {
    const { done, value } = search.next()
    if (done === true) return value
  }
}

/** The same, with a `rest` after each check: for checks that take long, on the loop that answers everybody. */
export async function findInvalidInPieces<T>(
  shares: readonly T[],
  check: (subset: readonly T[]) => boolean,
  maxChecks: number,
  rest: () => Promise<void>,
): Promise<Blame> {
  const search = halve(shares, check, maxChecks)
  for (;;) {
    const { done, value } = search.next()
    if (done === true) return value
    await rest()
  }
}

/** Yields after each check. */
function* halve<T>(
  shares: readonly T[],
  check: (subset: readonly T[]) => boolean,
  maxChecks: number,
): Generator<undefined, Blame, undefined> {
  const invalid: number[] = []
  let checks = 0
  let exhausted = false

  /** True when [from, to) holds. `bad`: already known not to hold as a whole. */
  function* search(from: number, to: number, bad: boolean): Generator<undefined, boolean, undefined> {
    if (!bad) {
      if (checks >= maxChecks) {
        exhausted = true
        return false
      }
      checks++
      const holds = check(shares.slice(from, to))
      yield
      if (holds) return true
    }
    if (to - from === 1) {
      invalid.push(from)
      return false
    }
    const middle = (from + to) >> 1
    const leftHolds: boolean = yield* search(from, middle, false)
    if (!exhausted) yield* search(middle, to, leftHolds) // if the left half holds, what is bad is in the right
    return false
  }

  if (shares.length > 0) yield* search(0, shares.length, false)
  return { invalid, exhausted }
}
