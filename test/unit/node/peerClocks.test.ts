import assert from 'node:assert/strict'
import { createPeerClocks } from '../../../src/node/peerClocks.ts'
import { peerTimeOf } from '../../../src/node/peerTime.ts'
import { SimClock } from '../../../src/util/simclock.ts'
import { castOf, directoryOf, fixedEpochs } from '../../support/simnet.ts'

describe('clocks of peers', () => {
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
    const { offsetOf } = clocks
    const [a, b] = ['a', 'b'] as const
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

describe('time by the peers', () => {
  const cast = castOf(4, [10n, 10n, 10n, 10n])
  const clock = new SimClock()
  const timeOf = (offsets: Readonly<Record<string, number>>, of = cast) =>
    peerTimeOf({
      readings: { offsetOf: (peer) => offsets[peer] },
      directory: directoryOf(cast, ['a', 'b', 'c', 'd']),
      epochs: fixedEpochs(of.table),
      operator: cast.operators[0] as `0x${string}`,
      clock,
    }).now()

  it('is the median by weight of those that told', () => {
    assert.equal(timeOf({ b: 5, c: 7, d: 90_000 }), clock.now() + 7)
    assert.equal(timeOf({ b: -90_000, c: 7, d: 8 }), clock.now() + 7)
    const heavy = castOf(4, [10n, 10n, 10n, 30n])
    assert.equal(timeOf({ b: 5, c: 7, d: 11 }, heavy), clock.now() + 11)
  })

  it('is unknown while those that told hold less than half of what the others have', () => {
    assert.equal(timeOf({ b: 5 }), undefined)
    assert.equal(timeOf({ b: 5, c: 6 }), clock.now() + 5)
    assert.equal(timeOf({}), undefined)
  })

  it('is our own for an operator alone', () => {
    assert.equal(timeOf({}, castOf(1)), clock.now())
  })
})
