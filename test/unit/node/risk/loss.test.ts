import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ethOf, type SetAllocation, type StrategyStake, stakeAtRisk } from '../../../../src/node/risk/loss.ts'
import type { Address } from '../../../../src/util/hex.ts'

const ETH = 10n ** 18n
const address = (n: number): Address => `0x${n.toString(16).padStart(40, '0')}`
const set = (avs: number, id = 0) => ({ avs: address(avs), id })

describe('stake at risk', () => {
  it('is what each set has of the stake, and adds up over sets and strategies', () => {
    const stakes: StrategyStake[] = [
      { strategy: address(1), shares: 100n * ETH, maxMagnitude: ETH, worth: ETH },
      { strategy: address(2), shares: 10n * ETH, maxMagnitude: ETH, worth: (11n * ETH) / 10n },
    ]
    const risk = stakeAtRisk(stakes, [
      { set: set(7, 0), strategy: address(1), magnitude: ETH / 2n },
      { set: set(7, 1), strategy: address(1), magnitude: ETH / 10n },
      { set: set(8, 0), strategy: address(1), magnitude: ETH / 5n },
      { set: set(8, 0), strategy: address(2), magnitude: ETH },
    ])
    assert.deepEqual(risk, {
      stake: 111n * ETH,
      loss: 80n * ETH + 11n * ETH,
      byAvs: [
        { avs: address(7), loss: 60n * ETH },
        { avs: address(8), loss: 31n * ETH },
      ],
      unvalued: [],
    })
  })

  it('counts what is left after slashes: magnitudes are parts of the largest there can be', () => {
    const stakes = [{ strategy: address(1), shares: 50n * ETH, maxMagnitude: ETH / 2n, worth: ETH }]
    const allocations = [{ set: set(7), strategy: address(1), magnitude: ETH / 4n }]
    assert.equal(stakeAtRisk(stakes, allocations).loss, 25n * ETH)
  })

  it('is nothing where all was slashed, and where nothing is allocated', () => {
    const gone = [{ strategy: address(1), shares: 0n, maxMagnitude: 0n, worth: ETH }]
    assert.equal(stakeAtRisk(gone, [{ set: set(7), strategy: address(1), magnitude: 0n }]).loss, 0n)
    const idle = [{ strategy: address(1), shares: ETH, maxMagnitude: ETH, worth: ETH }]
    assert.deepEqual(stakeAtRisk(idle, []), { stake: ETH, loss: 0n, byAvs: [], unvalued: [] })
  })

  it('names strategies that nobody values, and leaves them out', () => {
    const stakes = [{ strategy: address(1), shares: ETH, maxMagnitude: ETH, worth: undefined }]
    const risk = stakeAtRisk(stakes, [{ set: set(7), strategy: address(1), magnitude: ETH }])
    assert.deepEqual(risk, { stake: 0n, loss: 0n, byAvs: [], unvalued: [address(1)] })
  })

  it('is never more than the stake', () => {
    const stake = fc.record({
      strategy: fc.integer({ min: 1, max: 3 }).map(address),
      shares: fc.bigInt({ min: 0n, max: 10n ** 27n }),
      maxMagnitude: fc.bigInt({ min: 0n, max: ETH }),
      worth: fc.bigInt({ min: 1n, max: 2n * ETH }),
    })
    const allocation: fc.Arbitrary<SetAllocation> = fc.record({
      set: fc.integer({ min: 1, max: 4 }).map((n) => set(n)),
      strategy: fc.integer({ min: 1, max: 3 }).map(address),
      magnitude: fc.bigInt({ min: 0n, max: ETH }),
    })
    fc.assert(
      fc.property(
        fc.uniqueArray(stake, { selector: ({ strategy }) => strategy, maxLength: 3 }),
        fc.array(allocation, { maxLength: 8 }),
        (stakes, allocations) => {
          const risk = stakeAtRisk(stakes, allocations)
          assert.ok(risk.loss <= risk.stake)
          assert.equal(
            risk.stake,
            stakes.reduce((sum, each) => sum + ethOf(each), 0n),
          )
          assert.ok(risk.byAvs.every(({ loss }, i) => i === 0 || loss <= (risk.byAvs[i - 1]?.loss ?? 0n)))
        },
      ),
    )
  })
})
