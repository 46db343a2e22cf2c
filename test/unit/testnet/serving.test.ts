import assert from 'node:assert/strict'
import { FULL_MAGNITUDE } from '../../../src/chain/core.ts'
import { stakeParts } from '../../../src/testnet/joining.ts'
import { stepsOf } from '../../../src/testnet/launcher.ts'
import { targetsOf } from '../../../src/testnet/lrt.ts'
import { wavesOf } from '../../../src/testnet/serving.ts'

describe('what operators of a testnet serve later', () => {
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

  it('has a quarter each of what an operator does not promise elsewhere', () => {
    const quarter = FULL_MAGNITUDE / 4n
    const parts = (randomness: boolean, bridge: boolean) => stakeParts(0n, { randomness, bridge })
    assert.deepEqual(parts(true, true), { prices: 2n * quarter, randomness: quarter, bridge: quarter })
    assert.deepEqual(parts(true, false), { prices: 3n * quarter, randomness: quarter, bridge: 0n })
    assert.deepEqual(parts(false, true), { prices: 3n * quarter, randomness: 0n, bridge: quarter })
    assert.deepEqual(parts(false, false), { prices: FULL_MAGNITUDE, randomness: 0n, bridge: 0n })
    const { prices, randomness, bridge } = stakeParts(FULL_MAGNITUDE / 10n, { randomness: true, bridge: true })
    assert.equal(prices + randomness + bridge + FULL_MAGNITUDE / 10n, FULL_MAGNITUDE)
  })

  it('is one step of the set-up, unless all of it is left out', () => {
    const serving = (of: Parameters<typeof stepsOf>[0]) => stepsOf(of).filter((step) => step.startsWith('serve '))
    const beacon = { period: 3 }
    assert.deepEqual(serving({ beacon }), ['serve randomness'])
    assert.deepEqual(serving({ bridge: true }), ['serve a bridge'])
    assert.deepEqual(serving({ beacon, bridge: true }), ['serve randomness and a bridge'])
    assert.deepEqual(serving({}), [])
  })
})
