import assert from 'node:assert/strict'
import type { Address } from '../../../../src/avs/api.ts'
import type { BeaconPorts } from '../../../../src/avs/randomness/beacon/node.ts'
import type { BeaconSharing } from '../../../../src/avs/randomness/beacon/sharings.ts'
import { Spreading } from '../../../../src/avs/randomness/beacon/spreading.ts'
import { silentLog } from '../../../../src/util/log.ts'
import { SimClock } from '../../../../src/util/simclock.ts'

const operatorOf = (i: number): Address => `0x${(i + 1).toString(16).padStart(40, '0')}`
const sharing: BeaconSharing = {
  sharing: 1n,
  switchRound: 1n,
  threshold: 3,
  // the second has no share, and is nobody's recipient
  members: [1, 0, 1, 2, 1].map((shares, i) => ({ operator: operatorOf(i), shares })),
  polynomial: new Uint8Array(3 * 192),
}
const PERIOD = 4_000
/** 6 mod 4 holders: operators 3, 4, 0 and 2, in this order. */
const ROUND = 6n

describe('who is sent our partials', () => {
  let clock: SimClock
  let sent: string[]
  let fails: number[]
  let away: number[]
  let isSettled: boolean
  /** ms by which timers fire too late. */
  let late: number
  let spreading: Spreading
  beforeEach(() => {
    clock = new SimClock()
    sent = []
    fails = []
    away = []
    isSettled = false
    late = 0
  })

  /** Starts with two messages. @param time of the round */
  async function spread(own: number, time = clock.now()): Promise<void> {
    const indexOf = (operator: Address) => Number(operator) - 1
    const messages = {
      async send(type: string, to: { readonly operator: Address }, data: Uint8Array) {
        if (fails.includes(indexOf(to.operator))) throw new Error('there is no connection')
        sent.push(`${type} ${data[0]} to ${indexOf(to.operator)}`)
      },
      async publish(type: string, data: Uint8Array) {
        sent.push(`${type} ${data[0]} to all`)
      },
    }
    const slow = { now: () => clock.now(), after: (ms: number, run: () => void) => clock.after(ms + late, run) }
    const ports = { clock: slow, messages, operator: operatorOf(own), log: silentLog } as unknown as BeaconPorts
    spreading = new Spreading(
      ports,
      () => undefined,
      (operator) => !away.includes(indexOf(operator)),
    )
    const round = { sharing, round: ROUND, time, periodMs: PERIOD, isSettled: () => isSettled }
    spreading.start({ ...round, messages: [Uint8Array.of(1), Uint8Array.of(2)] })
    await clock.advance(0)
  }

  const to = (...operators: number[]) =>
    operators.flatMap((operator) => [`partial 1 to ${operator}`, `partial 2 to ${operator}`])
  const toAll = ['partial 1 to all', 'partial 2 to all']

  it('the first teller; all others when it has not told the round after 100 ms', async () => {
    await spread(0)
    assert.deepEqual(sent, to(3))
    await clock.advance(99)
    assert.deepEqual(sent, to(3))
    await clock.advance(1)
    assert.deepEqual(sent, [...to(3), ...to(4, 2)])
  })

  it('on a busy node the others only after it looked again, as the round may lie unread; four times at most', async () => {
    late = 6
    await spread(0)
    await clock.advance(100 + 6 + 2 * (50 + 6))
    isSettled = true
    await clock.advance(56)
    assert.deepEqual(sent, to(3), 'the round came meanwhile')
    isSettled = false
    sent = []
    await spread(0)
    await clock.advance(100 + 6 + 3 * (50 + 6) - 1)
    assert.deepEqual(sent, to(3))
    await clock.advance(1)
    assert.deepEqual(sent, [...to(3), ...to(4, 2)])
    sent = []
    late = 5
    await spread(0)
    await clock.advance(105)
    assert.deepEqual(sent, [...to(3), ...to(4, 2)], 'five ms too late is no busy node')
  })

  it('where the round came in time the others at leisure, each member in its turn', async () => {
    await spread(0)
    isSettled = true
    // a fifth of the period, and half of the fifth after it for the third of four
    await clock.advance(PERIOD * 0.3 - 1)
    assert.deepEqual(sent, to(3))
    await clock.advance(1)
    assert.deepEqual(sent, [...to(3), ...to(4, 2)])
    await clock.advance(PERIOD)
    assert.equal(sent.length, 6)
  })

  it('as the first teller everybody, at leisure or when it does not come', async () => {
    await spread(3)
    assert.deepEqual(sent, [])
    await clock.advance(100)
    assert.deepEqual(sent, to(4, 0, 2))
    sent = []
    await spread(3)
    isSettled = true
    await clock.advance(PERIOD * 0.2)
    assert.deepEqual(sent, to(4, 0, 2))
  })

  it('all at once when the first teller took no part lately, or is out of reach', async () => {
    away = [3]
    await spread(0)
    assert.deepEqual(sent, [...to(3), ...to(4, 2)])
    sent = []
    fails = [3]
    await spread(0)
    assert.deepEqual(sent, to(4, 2))
  })

  it('by gossip those that take part and are out of reach, once, and nobody for the sake of one that does not', async () => {
    fails = [2]
    await spread(0)
    await clock.advance(100)
    assert.deepEqual(sent, [...to(3), ...to(4), ...toAll])
    await clock.advance(PERIOD)
    assert.equal(sent.length, 6)
    sent = []
    away = [2]
    isSettled = false
    await spread(0)
    isSettled = true
    await clock.advance(PERIOD)
    assert.deepEqual(sent, [...to(3), ...to(4)])
  })

  it('by gossip all, when the round has not come by half of the period, members in turn', async () => {
    await spread(0)
    await clock.advance(PERIOD * 0.625 - 1)
    assert.deepEqual(sent, [...to(3), ...to(4, 2)])
    await clock.advance(1)
    assert.deepEqual(sent, [...to(3), ...to(4, 2), ...toAll])
  })

  it('everybody after 100 ms, when a partial could leave only after its turn', async () => {
    isSettled = true
    await spread(0, clock.now() - PERIOD)
    assert.deepEqual(sent, to(3))
    await clock.advance(100)
    assert.deepEqual(sent, [...to(3), ...to(4, 2)])
  })

  it('nobody any more after the stop', async () => {
    await spread(0)
    spreading.stop()
    await clock.advance(PERIOD)
    assert.deepEqual(sent, to(3))
  })
})
