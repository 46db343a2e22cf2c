import assert from 'node:assert/strict'
import type { Address } from '../../../../src/avs/api.ts'
import type { BeaconPorts } from '../../../../src/avs/randomness/beacon/node.ts'
import type { BeaconSharing } from '../../../../src/avs/randomness/beacon/sharings.ts'
import { Telling } from '../../../../src/avs/randomness/beacon/telling.ts'
import { decodeRounds } from '../../../../src/avs/randomness/beacon/wire.ts'
import { silentLog } from '../../../../src/util/log.ts'
import { SimClock } from '../../../../src/util/simclock.ts'

const operatorOf = (i: number): Address => `0x${(i + 1).toString(16).padStart(40, '0')}`
const sharing: BeaconSharing = {
  sharing: 1n,
  switchRound: 1n,
  threshold: 3,
  // the second has no share, and is nobody's recipient
  members: [1, 0, 1, 2].map((shares, i) => ({ operator: operatorOf(i), shares })),
  polynomial: new Uint8Array(3 * 192),
}
const round = { round: 7n, signature: new Uint8Array(48).fill(5) }

describe('who is told of rounds', () => {
  let clock: SimClock
  let sent: string[]
  beforeEach(() => {
    clock = new SimClock()
    sent = []
  })

  function tellingOf(own: number): Telling {
    const messages = {
      async send(type: string, to: { readonly peer: string }, data: Uint8Array) {
        sent.push(`${type} to ${to.peer}`)
        assert.deepEqual(decodeRounds(data), [round])
      },
      async publish(type: string) {
        sent.push(`${type} to all`)
      },
      connected: () => ['peer-a', 'stranger', 'peer-b'],
      operatorOf: (peer: string) => (peer === 'stranger' ? undefined : operatorOf(0)),
    }
    const ports = { clock, messages, operator: operatorOf(own), log: silentLog } as unknown as BeaconPorts
    return new Telling(ports, () => undefined)
  }

  it('the first teller tells all connected operators at once, and who else may listen later', async () => {
    tellingOf(2).onRound(round, sharing, true)
    assert.deepEqual(sent, ['round to peer-a', 'round to peer-b'])
    await clock.advance(399)
    assert.equal(sent.length, 2)
    await clock.advance(1)
    assert.deepEqual(sent.slice(2), ['round to all'])
  })

  it('members gossip one after the other, and not what was heard', async () => {
    const second = tellingOf(3)
    second.onRound(round, sharing, true)
    await clock.advance(549)
    assert.deepEqual(sent, [])
    await clock.advance(1)
    assert.deepEqual(sent, ['round to all'])
    sent = []
    const third = tellingOf(0)
    third.onRound(round, sharing, false)
    third.heard(7n)
    third.onRound({ ...round, round: 8n }, sharing, false)
    third.tidy((one) => one > 7n)
    third.stop()
    await clock.advance(5_000)
    assert.deepEqual(sent, [])
  })

  it('who holds no share, or was told a round as the first teller, tells nobody directly', async () => {
    tellingOf(1).onRound(round, sharing, true)
    tellingOf(2).onRound(round, undefined, true)
    tellingOf(2).onRound(round, sharing, false)
    assert.deepEqual(sent, [])
    await clock.advance(5_000)
    assert.deepEqual(sent, ['round to all'])
  })
})
