import assert from 'node:assert/strict'
import fc from 'fast-check'
import { createEarnings, shareReward } from '../../../../src/chain/rewards/earnings.ts'
import type { Address } from '../../../../src/util/hex.ts'

const of = (i: number): Address => `0x${i.toString(16).padStart(40, '0')}`
const OPERATOR = of(0xab)

describe('earnings', () => {
  it('are the operator’s split first, and the rest by stake, all rounded down', () => {
    const stakers = [
      { staker: OPERATOR, stake: 1n },
      { staker: of(2), stake: 2n },
      { staker: of(3), stake: 0n },
    ]
    assert.deepEqual(shareReward({ operator: OPERATOR, amount: 1_009n, splitBps: 1_000, stakers }), [
      { earner: OPERATOR, amount: 100n },
      { earner: OPERATOR, amount: 303n },
      { earner: of(2), amount: 606n },
      { earner: of(3), amount: 0n },
    ])
  })

  it('are the operator’s alone where nobody has stake', () => {
    const all = [{ earner: OPERATOR, amount: 7n }]
    for (const stakers of [[], [{ staker: of(2), stake: 0n }]]) {
      assert.deepEqual(shareReward({ operator: OPERATOR, amount: 7n, splitBps: 0, stakers }), all)
    }
  })

  it('never are more than was paid, nor less by more than a unit for each part', () => {
    const stake = fc.bigInt({ min: 0n, max: 10n ** 45n })
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 38n }),
        fc.integer({ min: 0, max: 10_000 }),
        fc.array(stake, { maxLength: 20 }),
        (amount, splitBps, stakes) => {
          const stakers = stakes.map((each, i) => ({ staker: of(i + 1), stake: each }))
          const parts = shareReward({ operator: OPERATOR, amount, splitBps, stakers })
          const shared = parts.reduce((sum, part) => sum + part.amount, 0n)
          assert.ok(parts.every((part) => part.amount >= 0n))
          assert.ok(shared <= amount && amount - shared <= BigInt(parts.length), `${shared} of ${amount}`)
        },
      ),
    )
  })

  it('add up to a distribution in order of addresses, whatever their case, without zeros', () => {
    const earnings = createEarnings()
    assert.deepEqual(earnings.distribution(), [])
    const upper = OPERATOR.toUpperCase().replace('0X', '0x') as Address
    earnings.add(of(0xcd), [
      { earner: upper, amount: 3n },
      { earner: of(1), amount: 1n },
      { earner: of(9), amount: 0n },
    ])
    earnings.add(of(0xcc), [{ earner: OPERATOR, amount: 5n }])
    earnings.add(of(0xcd), [{ earner: OPERATOR, amount: 4n }])
    assert.deepEqual(earnings.distribution(), [
      { earner: of(1), tokens: [{ token: of(0xcd), cumulative: 1n }] },
      {
        earner: OPERATOR,
        tokens: [
          { token: of(0xcc), cumulative: 5n },
          { token: of(0xcd), cumulative: 7n },
        ],
      },
    ])
  })
})
