import { randomInt } from 'node:crypto'
import fc from 'fast-check'

/** Times as many cases as `npm run check:random` has: `npm test` a quarter, `npm run check:deep -- fuzz` 50. */
const factor = Number(process.env.LARIAT_FUZZ_FACTOR ?? 1)
/** Drawn anew for each run, unless FC_SEED repeats one. */
const seed = Number(process.env.FC_SEED ?? randomInt(2 ** 31))
/** A case takes milliseconds: a property that takes an hour hangs. */
const HUNG_AFTER_MS = 60 * 60_000

/**
 * Declares a test that checks `property` on `cases` cases, or in the deep tier on a multiple of them. Its name has the seed:
 * FC_SEED=… repeats it.
 */
export function fuzz<T>(name: string, cases: number, property: fc.IAsyncProperty<T> | fc.IProperty<T>): void {
  const numRuns = Math.ceil(cases * factor)
  it(`${name} (${numRuns.toLocaleString('en')} cases, seed ${seed})`, async function () {
    this.timeout(HUNG_AFTER_MS)
    await fc.assert(property, { numRuns, seed })
  })
}
