import assert from 'node:assert/strict'
import { targetsOf } from '../../../src/testnet/lrt.ts'
import { ownStakes } from '../../../src/testnet/network.ts'

describe('operators of the testnet’s LRT', () => {
  it('have targets that make up the whole, each another and under a third', () => {
    assert.deepEqual(targetsOf(4), [3_000, 2_666, 2_333, 2_001])
    for (let operators = 4; operators <= 64; operators++) {
      const targets = targetsOf(operators)
      assert.equal(
        targets.reduce((a, b) => a + b, 0),
        10_000,
      )
      assert.ok(
        targets.every((target) => target > 0 && 3 * target < 10_000),
        `${targets}`,
      )
      if (operators <= 8) assert.equal(new Set(targets).size, operators)
    }
  })

  it('begin with stakes of their own in the same parts', () => {
    assert.deepEqual(
      ownStakes(4).map((stake) => Number(stake) / 1e18),
      [4.8, 4.2656, 3.7328, 3.2016],
    )
  })
})
