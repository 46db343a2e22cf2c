import assert from 'node:assert/strict'
import { aggregatorsOf, leaderOf, ranking } from '../../../src/avs/rank.ts'
import { castOf, SERVICE } from '../../support/simnet.ts'

describe('ranking', () => {
  const cast = castOf(4, [10n, 20n, 30n, 40n])

  it('is a permutation of the rows, the same wherever it is computed', () => {
    for (let slot = 0n; slot < 50n; slot++) {
      const order = ranking(cast.table, SERVICE, slot)
      assert.deepEqual([...order].sort(), [0, 1, 2, 3])
      assert.deepEqual(ranking(cast.table, SERVICE, slot), order)
      assert.deepEqual(ranking(cast.table, SERVICE, slot, 2), order.slice(0, 2))
    }
  })

  it('is pinned, as nodes of different versions must agree on it', () => {
    assert.deepEqual(
      [1n, 2n, 3n, 1_000_000n].map((slot) => ranking(cast.table, SERVICE, slot)),
      PINNED,
    )
  })

  it('draws the leader by weight', () => {
    const led = [0, 0, 0, 0]
    const slots = 4_000
    for (let slot = 0; slot < slots; slot++) {
      const leader = leaderOf(ranking(cast.table, SERVICE, BigInt(slot), 1), 0) as number
      led[leader] = (led[leader] ?? 0) + 1
    }
    // the draw is a hash of the slot, so these counts never change; 4 standard deviations are 3.1 % of the slots
    for (const [row, count] of led.entries()) assert.ok(Math.abs(count / slots - (row + 1) / 10) < 0.031, `${led}`)
  })

  it('leaves revoked rows out', () => {
    const table = { ...cast.table, revoked: new Set([3]) }
    for (let slot = 0n; slot < 20n; slot++) assert.equal(ranking(table, SERVICE, slot).includes(3), false)
  })

  it('gives each attempt its own leader and two aggregators', () => {
    const order = [2, 0, 3, 1]
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((attempt) => leaderOf(order, attempt)),
      [2, 0, 3, 1, 2],
    )
    assert.deepEqual(aggregatorsOf(order, 0), [2, 0])
    assert.deepEqual(aggregatorsOf(order, 3), [1, 2])
    assert.deepEqual(aggregatorsOf([5], 0), [5])
    assert.equal(leaderOf([], 0), undefined)
  })
})

const PINNED = [
  [0, 3, 2, 1],
  [0, 2, 3, 1],
  [2, 1, 0, 3],
  [3, 2, 0, 1],
]
