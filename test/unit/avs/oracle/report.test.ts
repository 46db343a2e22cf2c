import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Observed } from '../../../../src/avs/api.ts'
import { MAX_ANSWER, MIN_ANSWER, type Prices } from '../../../../src/avs/oracle/codec.ts'
import { checkReport, computeReport, lowerWeightedMedian } from '../../../../src/avs/oracle/report.ts'

const observed = (weight: bigint, ...observation: [number, bigint][]): Observed<Prices> => ({
  operator: '0x0000000000000000000000000000000000000001',
  weight,
  observation: observation.map(([feedIndex, answer]) => ({ feedIndex, answer })),
})

function computed(list: readonly Observed<Prices>[], total: bigint): Prices {
  const value = computeReport(list, total)
  assert.ok(
    !('refused' in value),
    JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? String(v) : v)),
  )
  return value
}

/** Operators with a weight, lying or not; liars hold less than a third of all. */
const network = fc
  .array(
    fc.record({
      weight: fc.bigInt({ min: 1n, max: 1000n }),
      answer: fc.bigInt({ min: 100n, max: 200n }),
      lies: fc.boolean(),
    }),
    { minLength: 1, maxLength: 20 },
  )
  .map((operators) => {
    const total = operators.reduce((sum, { weight }) => sum + weight, 0n)
    let lying = 0n
    return {
      total,
      operators: operators.map((operator) => {
        const lies = operator.lies && 3n * (lying + operator.weight) < total
        if (lies) lying += operator.weight
        return { ...operator, lies }
      }),
    }
  })

describe('report', () => {
  it('takes the weighted median of each feed', () => {
    assert.deepEqual(
      computed([observed(1n, [0, 10n], [1, 5n]), observed(1n, [0, 30n], [1, 5n]), observed(3n, [0, 20n], [1, 7n])], 5n),
      [
        { feedIndex: 0, answer: 20n },
        { feedIndex: 1, answer: 7n },
      ],
    )
  })

  it('leaves out a feed that two thirds of the whole weight or less observed', () => {
    const list = [observed(1n, [0, 1n], [1, 1n]), observed(1n, [0, 1n], [1, 1n]), observed(1n, [0, 1n])]
    assert.deepEqual(computed(list, 3n), [{ feedIndex: 0, answer: 1n }])
    // 3 of 4 is more than two thirds, 3 of 5 is not: who is silent counts
    assert.deepEqual(computed(list, 4n), [{ feedIndex: 0, answer: 1n }])
    assert.deepEqual(computeReport(list, 5n), {
      refused: 'no feed was observed by more than two thirds of the weight',
    })
    assert.ok('refused' in computeReport([], 1n))
  })

  it('lies between two honest answers whatever less than a third of the weight says', () => {
    const lie = fc.oneof(fc.constant(MIN_ANSWER), fc.constant(MAX_ANSWER), fc.bigInt({ min: -1000n, max: 1000n }))
    fc.assert(
      fc.property(
        network,
        fc.array(lie, { minLength: 20, maxLength: 20 }),
        fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
        ({ total, operators }, lies, silent) => {
          // liars may also be silent; the honest all observe, but the leader may leave some of them out down to its quorum
          const list = operators.flatMap(({ weight, answer, lies: liar }, i) =>
            liar ? (silent[i] ? [] : [observed(weight, [0, lies[i] ?? 0n])]) : [observed(weight, [0, answer])],
          )
          const honest = operators.filter(({ lies: liar }) => !liar).map(({ answer }) => answer)
          const value = computeReport(list, total)
          // the honest hold more than two thirds
          assert.ok(!('refused' in value))
          const [{ answer } = { answer: 0n }] = value
          assert.ok(honest.some((h) => h <= answer) && honest.some((h) => h >= answer), `${answer}`)
        },
      ),
    )
  })

  it('lies between honest answers also when the leader leaves out as many honest ones as it can', () => {
    fc.assert(
      fc.property(network, fc.boolean(), ({ total, operators }, high) => {
        const honest = operators.filter(({ lies }) => !lies)
        const sorted = [...honest].sort((a, b) => Number(a.answer - b.answer) * (high ? 1 : -1))
        let left = operators.reduce((sum, { weight }) => sum + weight, 0n)
        const kept = sorted.filter(({ weight }) => {
          if (3n * (left - weight) <= 2n * total) return true
          left -= weight
          return false
        })
        const list = [
          ...kept.map(({ weight, answer }) => observed(weight, [0, answer])),
          ...operators
            .filter(({ lies }) => lies)
            .map(({ weight }) => observed(weight, [0, high ? MAX_ANSWER : MIN_ANSWER])),
        ]
        const value = computed(list, total)
        const answer = value[0]?.answer ?? 0n
        assert.ok(honest.some((h) => h.answer <= answer) && honest.some((h) => h.answer >= answer))
      }),
    )
  })

  it('is the same in any order of observations', () => {
    const observation = fc
      .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.bigInt({ min: -50n, max: 50n })), {
        minLength: 1,
        selector: ([index]) => index,
      })
      .map((rows) => rows.sort(([a], [b]) => a - b))
    fc.assert(
      fc.property(
        fc
          .array(fc.tuple(fc.bigInt({ min: 1n, max: 9n }), observation), { minLength: 1, maxLength: 8 })
          .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([list, shuffled]) => {
          const total = list.reduce((sum, [weight]) => sum + weight, 0n)
          const of = (all: typeof list) =>
            computeReport(
              all.map(([weight, rows]) => observed(weight, ...rows)),
              total,
            )
          assert.deepEqual(of(shuffled), of(list))
        },
      ),
    )
  })

  it('takes the lower of two medians', () => {
    assert.equal(
      lowerWeightedMedian([
        { answer: 1n, weight: 1n },
        { answer: 2n, weight: 1n },
      ]),
      1n,
    )
    assert.equal(
      lowerWeightedMedian([
        { answer: 1n, weight: 1n },
        { answer: 2n, weight: 2n },
      ]),
      2n,
    )
    assert.throws(() => lowerWeightedMedian([]), RangeError)
  })

  it('does not count weightless observations', () => {
    assert.deepEqual(computed([observed(0n, [0, 1n]), observed(1n, [0, 9n])], 1n), [{ feedIndex: 0, answer: 9n }])
  })
})

describe('band', () => {
  const own: Prices = [
    { feedIndex: 0, answer: 10_000n },
    { feedIndex: 2, answer: -10_000n },
  ]
  const at = (feedIndex: number, answer: bigint) => checkReport([{ feedIndex, answer }], own, { bandBps: 100 })

  it('holds each price to bandBps of our own, both ways and for both signs', () => {
    for (const answer of [9_900n, 10_000n, 10_100n]) assert.equal(at(0, answer), undefined)
    for (const answer of [9_899n, 10_101n, 0n, -10_000n])
      assert.match(at(0, answer) ?? '', /^feed 0: .* over 100 basis points/)
    assert.equal(at(2, -10_100n), undefined)
    assert.ok(at(2, -10_101n))
  })

  it('lets a feed pass of which we have no price', () => assert.equal(at(1, 7n), undefined))

  it('refuses everything without any price of our own', () => {
    assert.match(checkReport([{ feedIndex: 0, answer: 1n }], [], { bandBps: 100 }) ?? '', /no price of its own/)
  })

  it('lets zero match only zero', () => {
    const zero = [{ feedIndex: 0, answer: 0n }]
    assert.equal(checkReport(zero, zero, { bandBps: 1 }), undefined)
    assert.ok(checkReport([{ feedIndex: 0, answer: 1n }], zero, { bandBps: 5_000 }))
  })
})
