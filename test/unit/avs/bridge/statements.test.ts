import assert from 'node:assert/strict'
import {
  epochRows,
  Level,
  pauseServices,
  revocationSlot,
  streamService,
} from '../../../../src/avs/bridge/statements.ts'

describe('statements of bridges', () => {
  it('differ for each tree and level', () => {
    const hook = `0x${'11'.repeat(32)}` as const
    const services = [
      streamService({ domain: 1, hook }, Level.finalized),
      streamService({ domain: 1, hook }, Level.fast),
      streamService({ domain: 2, hook }, Level.finalized),
      streamService({ domain: 1, hook: `0x${'12'.repeat(32)}` }, Level.finalized),
    ]
    assert.equal(new Set(services).size, services.length)
  })

  it('are of different slots or services where one block, or one night, brings several', () => {
    assert.notEqual(revocationSlot(100n, 4n), revocationSlot(100n, 5n))
    assert.ok(revocationSlot(100n, 65_535n) < revocationSlot(101n, 1n))
    assert.equal(revocationSlot(2n ** 48n - 1n, 65_535n), 2n ** 64n - 1n)
    assert.throws(() => revocationSlot(2n ** 48n, 1n), { code: 'bridge.epoch' })
    const [a, b] = [`0x${'0a'.repeat(20)}`, `0x${'0b'.repeat(20)}`] as const
    const services = [pauseServices(7, a), pauseServices(8, a), pauseServices(7, b)]
    assert.equal(new Set(services.flatMap(({ pauses, unpauses }) => [pauses, unpauses])).size, 6)
  })

  it('have rows of keys and weights', () => {
    const key = new Uint8Array(96).fill(3)
    const rows = epochRows([
      { key, weight: 1n },
      { key: key.map(() => 5), weight: 2n ** 64n - 1n },
    ])
    assert.equal(rows.length, 208)
    assert.deepEqual([...rows.subarray(94, 105)], [3, 3, 0, 0, 0, 0, 0, 0, 0, 1, 5])
    assert.deepEqual([...rows.subarray(200)], Array(8).fill(255))
    for (const wrong of [
      { key: key.subarray(1), weight: 1n },
      { key, weight: 0n },
      { key, weight: 2n ** 64n },
    ]) {
      assert.throws(() => epochRows([wrong]), { code: 'bridge.epoch' })
    }
  })
})
