import assert from 'node:assert/strict'
import { rewindAll } from '../../../../src/node/acknowledgeReorg.ts'
import { cursorsOf, stakeCursors } from '../../../../src/node/chains/cursors.ts'
import { memoryCursors } from '../../../support/chain.ts'

describe('cursors of several chains', () => {
  it('have names of their own, in one store', () => {
    const all = memoryCursors()
    const [base, other] = [cursorsOf(all, 'base'), cursorsOf(all, 'base-2')]
    all.set('pings', 1n)
    base.set('pings', 2n)
    other.set('pings', 3n)
    assert.deepEqual([stakeCursors(all).get('pings'), base.get('pings'), other.get('pings')], [1n, 2n, 3n])
    assert.deepEqual([stakeCursors(all).names(), base.names(), other.names()], [['pings'], ['pings'], ['pings']])
    assert.equal(all.names().length, 3)
  })

  it('are set back one chain at a time when its final block was undone', () => {
    const all = memoryCursors()
    const [stake, base] = [stakeCursors(all), cursorsOf(all, 'base')]
    for (const cursors of [stake, base]) cursors.set('pings', 5_000n)
    rewindAll(base, 3_000n, 3_001n)
    assert.deepEqual([stake.get('pings'), base.get('pings')], [5_000n, 1_976n])
    rewindAll(stake, 4_000n, 4_001n)
    assert.deepEqual([stake.get('pings'), base.get('pings')], [2_976n, 1_976n])
  })
})
