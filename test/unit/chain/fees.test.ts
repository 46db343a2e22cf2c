import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parseGwei } from 'viem'
import { initialFees, raiseFees } from '../../../src/chain/fees.ts'

const cap = parseGwei('200')
const wei = fc.bigInt(0n, cap)

describe('fees', () => {
  it('cover twice the base fee and the tip', () => {
    assert.deepEqual(initialFees({ baseFee: 10n, tip: 3n }, 100n), { maxFeePerGas: 23n, maxPriorityFeePerGas: 3n })
  })

  it('stay under the cap, and are refused when the base fee does not', () => {
    assert.deepEqual(initialFees({ baseFee: 90n, tip: 200n }, 100n), { maxFeePerGas: 100n, maxPriorityFeePerGas: 100n })
    assert.throws(() => initialFees({ baseFee: 101n, tip: 0n }, 100n), { code: 'chain.fee-cap' })
  })

  it('rise as much as every pool wants of a replacement, or not at all', () => {
    fc.assert(
      fc.property(wei, wei, wei, fc.bigInt(12n, 100n), (baseFee, tip, later, percent) => {
        const fees = initialFees({ baseFee, tip }, cap)
        const raised = raiseFees(fees, percent, initialFees({ baseFee: later, tip }, cap), cap)
        if (raised === undefined) {
          assert.ok(fees.maxFeePerGas * 111n > cap * 100n - 100n)
          return
        }
        assert.ok(raised.maxFeePerGas * 10n >= fees.maxFeePerGas * 11n)
        assert.ok(raised.maxFeePerGas <= cap)
        assert.ok(raised.maxPriorityFeePerGas <= raised.maxFeePerGas)
        assert.ok(raised.maxPriorityFeePerGas * 10n >= fees.maxPriorityFeePerGas * 11n)
      }),
    )
  })
})
