import assert from 'node:assert/strict'
import { FULL_MAGNITUDE } from '../../../src/chain/core.ts'
import { wavesOf } from '../../../src/testnet/beacon.ts'
import { stakeParts } from '../../../src/testnet/joining.ts'
import { stepsOf } from '../../../src/testnet/launcher.ts'
import { targetsOf } from '../../../src/testnet/lrt.ts'

describe('the beacon of a testnet', () => {
  it('has its nodes restarted so that the others are a quorum, in few goes', () => {
    for (const operators of [4, 5, 7, 8, 16, 64]) {
      const weights = targetsOf(operators).map((bps, i) => ({ i, weight: BigInt(bps) }))
      const waves = wavesOf(weights, ({ weight }) => weight)
      assert.deepEqual(waves.flat(), weights)
      for (const wave of waves) {
        const away = wave.reduce((sum, { weight }) => sum + weight, 0n)
        assert.ok(away <= 3_000n && wave.length <= 8, `${operators}: ${away}`)
      }
      assert.ok(waves.length <= Math.max(5, operators / 8), `${operators}: ${waves.length}`)
    }
  })

  it('restarts one after another where weights are not known, and who is heavier than a wave alone', () => {
    assert.deepEqual(
      wavesOf([5n, 1n, 1n], (weight) => weight),
      [[5n], [1n, 1n]],
    )
    assert.deepEqual(
      wavesOf([1n, 0n, 1n, 1n, 5n], (weight) => weight),
      [[1n], [0n], [1n, 1n], [5n]],
    )
  })

  it('has a quarter of what an operator does not promise elsewhere', () => {
    assert.deepEqual(stakeParts(0n, true), { prices: (FULL_MAGNITUDE * 3n) / 4n, randomness: FULL_MAGNITUDE / 4n })
    const { prices, randomness } = stakeParts(FULL_MAGNITUDE / 10n, true)
    assert.equal(prices + randomness + FULL_MAGNITUDE / 10n, FULL_MAGNITUDE)
    assert.deepEqual(stakeParts(0n, false), { prices: FULL_MAGNITUDE, randomness: 0n })
  })

  it('is a step of the set-up, unless it is left out', () => {
    const step = 'serve randomness'
    assert.ok(stepsOf({ beacon: { period: 3 } }).includes(step))
    assert.ok(!stepsOf({}).includes(step))
  })
})
