import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  type Allocation,
  achieved,
  allocate,
  MAX_MEMBER_SHARES,
  MAX_SHARES,
} from '../../../../src/avs/randomness/allocation.ts'

/** Weights of up to ten members, from equal to very unequal. */
const weights = fc
  .array(
    fc.oneof(
      fc.bigInt({ min: 0n, max: 20n }),
      fc.bigInt({ min: 1n, max: 1_000_000n }),
      fc.bigInt({ min: 1n, max: 2n ** 57n }),
    ),
    { minLength: 1, maxLength: 10 },
  )
  .filter((all) => all.some((weight) => weight > 0n))

/** Weight and shares of every set of members. */
function subsets(all: readonly bigint[], shares: readonly number[]): { weight: bigint; shares: number }[] {
  return Array.from({ length: 2 ** all.length }, (_, mask) =>
    all.reduce(
      (set, weight, i) =>
        (mask >> i) & 1 ? { weight: set.weight + weight, shares: set.shares + (shares[i] ?? 0) } : set,
      { weight: 0n, shares: 0 },
    ),
  )
}

function total(shares: readonly number[]): number {
  return shares.reduce((sum, one) => sum + one, 0)
}

function checkAllocation(all: readonly bigint[], allocation: Allocation): void {
  const { shares, threshold, liveness, safety, weight } = allocation
  assert.equal(total(shares), allocation.total)
  assert.equal(
    weight,
    all.reduce((sum, one) => sum + one, 0n),
  )
  assert.ok(allocation.total <= MAX_SHARES && 2 * threshold > allocation.total && threshold <= allocation.total)
  assert.ok(shares.every((one) => Number.isInteger(one) && one >= 0 && one <= MAX_MEMBER_SHARES))
  const sets = subsets(all, shares)
  for (const set of sets) {
    if (set.weight >= liveness) assert.ok(set.shares >= threshold, 'a set of weight L signs')
    if (set.weight <= safety) assert.ok(set.shares < threshold, 'a set of weight S does not')
    if (3n * set.weight > 2n * weight) assert.ok(set.shares >= threshold, 'more than 2/3 signs')
    if (set.shares >= threshold) assert.ok(3n * set.weight > weight, 'who signs has more than 1/3')
  }
  assert.ok(
    sets.some((set) => set.weight === liveness - 1n && set.shares < threshold),
    'L is the least',
  )
  assert.ok(
    sets.some((set) => set.weight === safety + 1n && set.shares >= threshold),
    'S is the greatest',
  )
}

describe('allocation of shares', () => {
  it('achieves what it says, by all subsets of up to ten members', () => {
    fc.assert(
      fc.property(weights, (all) => {
        const allocation = allocate(all)
        assert.ok(allocation, `none for ${all.join(', ')}`)
        checkAllocation(all, allocation)
        const { liveness, safety } = allocation
        assert.deepEqual(achieved(all, allocation.shares, allocation.threshold), { liveness, safety })
      }),
      { numRuns: 300 },
    )
  })

  it('judges any allocation as all subsets do', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.bigInt({ min: 0n, max: 30n }), fc.nat(4)), { minLength: 1, maxLength: 8 }),
        fc.nat(40),
        (members, t) => {
          const all = members.map(([weight]) => weight)
          const shares = members.map(([, count]) => count)
          const weight = all.reduce((sum, one) => sum + one, 0n)
          const fits = 2 * t > total(shares) && t <= total(shares)
          const holds =
            fits &&
            subsets(all, shares).every(
              (set) =>
                (3n * set.weight <= 2n * weight || set.shares >= t) && (set.shares < t || 3n * set.weight > weight),
            )
          assert.equal(achieved(all, shares, t) !== undefined, holds)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('gives equal members one share each, and more than two thirds sign', () => {
    for (const [n, threshold] of [
      [1, 1],
      [4, 3],
      [7, 5],
      [16, 11],
      [32, 22],
    ] as const) {
      const allocation = allocate(new Array<bigint>(n).fill(32_000n))
      assert.deepEqual(allocation?.shares, new Array<number>(n).fill(1))
      assert.equal(allocation?.threshold, threshold)
    }
  })

  it('is the smallest that passes', () => {
    const all = [50n, 30n, 20n, 10n]
    const allocation = allocate(all)
    assert.ok(allocation)
    checkAllocation(all, allocation)
    assert.equal(allocation.total, 4)
  })

  it('gives one who has most of the weight no more shares than one may have', () => {
    const all = [1_000_000n, ...new Array<bigint>(31).fill(1_000n)]
    const allocation = allocate(all)
    assert.ok(allocation === undefined || (allocation.shares[0] ?? 0) <= MAX_MEMBER_SHARES)
    const moderate = [400n, ...new Array<bigint>(30).fill(20n)]
    const capped = allocate(moderate)
    assert.ok(capped)
    assert.equal(capped.shares[0], MAX_MEMBER_SHARES)
    assert.deepEqual(achieved(moderate, capped.shares, capped.threshold), {
      liveness: capped.liveness,
      safety: capped.safety,
    })
  })

  it('passes for 32 members of very unequal weights within the bound', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 1n, max: 1_000_000_000n }), { minLength: 11, maxLength: 32 }), (all) => {
        const allocation = allocate(all)
        assert.ok(allocation)
        assert.ok(allocation.total <= MAX_SHARES)
      }),
      { numRuns: 100 },
    )
  })

  it('no longer passes when weights move far enough', () => {
    assert.ok(achieved([10n, 10n, 10n, 10n], [1, 1, 1, 1], 3))
    assert.equal(achieved([10n, 10n, 10n, 100n], [1, 1, 1, 1], 3), undefined)
    assert.equal(achieved([10n, 10n], [1, 1], 1), undefined, 'half of the shares is no threshold')
    assert.equal(achieved([10n], [1, 1], 2), undefined)
  })

  it('refuses weights that are none', () => {
    assert.throws(() => allocate([]), RangeError)
    assert.throws(() => allocate([0n, 0n]), RangeError)
    assert.throws(() => allocate([5n, -1n]), RangeError)
  })
})
