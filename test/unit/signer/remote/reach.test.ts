import assert from 'node:assert/strict'
import { createReach } from '../../../../src/signer/remote/reach.ts'
import { memoryDataStore } from '../../../../src/store/memory.ts'
import { Kind } from '../../../../src/types/statement.ts'
import { SimClock } from '../../../../src/util/simclock.ts'
import { bytes32, domain, statement } from '../fixtures.ts'

const { serviceManager } = domain
const tooFar = { code: 'signer.refused' }

describe('reach of a remote signer', () => {
  const setUp = () => {
    const clock = new SimClock()
    const { cursors } = memoryDataStore()
    return { clock, cursors, reach: createReach(cursors, clock) }
  }

  it('takes any first slot, then only what lies near the highest signed one', () => {
    const { reach } = setUp()
    reach.check(serviceManager, statement({ slot: 1_700_000_000n }))
    reach.signed(serviceManager, statement({ slot: 1_700_000_000n }))
    reach.check(serviceManager, statement({ slot: 1_700_001_024n }))
    assert.throws(() => reach.check(serviceManager, statement({ slot: 1_700_001_025n })), tooFar)
    assert.throws(() => reach.check(serviceManager, statement({ slot: 2n ** 63n })), tooFar)
    reach.check(serviceManager, statement({ slot: 1n })) // below is the guard's matter
  })

  it('grows with time, four slots a second, as after a long stop', async () => {
    const { reach, clock } = setUp()
    reach.signed(serviceManager, statement({ slot: 100n }))
    await clock.advance(3_600_000)
    reach.check(serviceManager, statement({ slot: 100n + 1_024n + 14_400n }))
    assert.throws(() => reach.check(serviceManager, statement({ slot: 100n + 1_024n + 14_401n })), tooFar)
  })

  it('is not moved by lower slots, and knows kinds and contracts apart', async () => {
    const { reach, clock } = setUp()
    reach.signed(serviceManager, statement({ slot: 100n }))
    await clock.advance(1_000_000)
    reach.signed(serviceManager, statement({ slot: 99n }))
    reach.check(serviceManager, statement({ slot: 100n + 1_024n + 4_000n }))
    reach.check(serviceManager, statement({ slot: 10n ** 9n, kind: Kind.observe }))
    reach.check(`0x${'22'.repeat(20)}`, statement({ slot: 10n ** 9n }))
  })

  it('survives a restart', () => {
    const { reach, clock, cursors } = setUp()
    reach.signed(serviceManager, statement({ slot: 100n }))
    const again = createReach(cursors, clock)
    again.check(serviceManager, statement({ slot: 1_124n }))
    assert.throws(() => again.check(serviceManager, statement({ slot: 1_125n })), tooFar)
  })

  it('bounds how many services have a record under one contract', () => {
    const { reach } = setUp()
    for (let i = 0; i < 64; i++) {
      reach.check(serviceManager, statement({ service: bytes32(i) }))
      reach.signed(serviceManager, statement({ service: bytes32(i) }))
    }
    assert.throws(() => reach.check(serviceManager, statement({ service: bytes32(64) })), tooFar)
    reach.check(serviceManager, statement({ service: bytes32(63), slot: 101n }))
  })
})
