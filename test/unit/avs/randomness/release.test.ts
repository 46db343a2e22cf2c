import assert from 'node:assert/strict'
import { releaseAt } from '../../../../src/avs/randomness/beacon/release.ts'
import { SimClock } from '../../../../src/util/simclock.ts'

describe('when partials may leave', () => {
  const at = (own: number, theirs: number | undefined) => releaseAt(1_000, new SimClock(own), { now: () => theirs })

  it('is when the round’s time has come by our clock and by the others’', () => {
    assert.deepEqual(at(1_000, 1_000), { free: true })
    assert.deepEqual(at(5_000, 1_200), { free: true })
    assert.deepEqual(at(990, 5_000), { free: false, waitMs: 10, reason: 'early' })
    assert.deepEqual(at(5_000, 940), { free: false, waitMs: 60, reason: 'peers-behind' })
  })

  it('is not while nobody confirms our clock', () => {
    const held = at(5_000, undefined)
    assert.ok(!held.free)
    assert.equal(held.reason, 'peers-unknown')
    assert.ok(held.waitMs > 0)
  })
})
