import assert from 'node:assert/strict'
import { createPeerClocks, peerClocksOf } from '../../../src/node/peerClocks.ts'
import { SimClock } from '../../../src/util/simclock.ts'
import { castOf, directoryOf } from '../../support/simnet.ts'

describe('clocks of peers', () => {
  const cast = castOf(2)

  it('are asked when a peer is new and then again and again, and forgotten when it does not tell for a minute', async () => {
    const clock = new SimClock()
    const offsets = new Map([['a', 40]])
    let asked = 0
    const clocks = createPeerClocks({
      transport: {
        connected: () => ['a', 'b'],
        async clockOf(peer) {
          asked++
          const offsetMs = offsets.get(peer)
          if (offsetMs === undefined) throw new Error('it does not tell')
          return { offsetMs, roundTripMs: 2 }
        },
      },
      clock,
    })
    await clocks.start(new AbortController().signal)
    const { offsetOf } = peerClocksOf(clocks, directoryOf(cast, ['a', 'b']))
    const [a, b] = cast.operators as [`0x${string}`, `0x${string}`]
    await clock.advance(1)
    assert.deepEqual([offsetOf(a), offsetOf(b)], [40, undefined])
    offsets.set('a', -7)
    offsets.set('b', 3)
    await clock.advance(1_000)
    assert.deepEqual([offsetOf(a), offsetOf(b)], [40, 3])
    await clock.advance(15_000)
    assert.equal(offsetOf(a), -7)
    offsets.clear()
    await clock.advance(50_000)
    assert.equal(offsetOf(a), -7)
    await clock.advance(30_000)
    assert.equal(offsetOf(a), undefined)
    await clocks.stop()
    const before = asked
    await clock.advance(60_000)
    assert.equal(asked, before)
  })
})
