import assert from 'node:assert/strict'
import type { RPC } from '@libp2p/gossipsub/message'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { DEFAULT_LIMITS } from '../../../src/p2p/limits.ts'
import { GossipMeter } from '../../../src/p2p/meter.ts'
import { createP2pMetrics } from '../../../src/p2p/metrics.ts'
import { RateLimiter } from '../../../src/p2p/rate.ts'
import { SimClock } from '../../../src/util/simclock.ts'

describe('rate limiter', () => {
  const rate = { messagesPerSecond: 10, messagesBurst: 20, bytesPerSecond: 1_000, bytesBurst: 5_000 }

  it('allows the burst, then tells how long its debt lasts', async () => {
    const clock = new SimClock()
    const limiter = new RateLimiter(clock, rate)
    limiter.spend(20, 0)
    assert.equal(limiter.debtMs(), 0)
    limiter.spend(1, 0)
    assert.equal(limiter.debtMs(), 100)
    await clock.advance(100)
    assert.equal(limiter.debtMs(), 0)
  })

  it('counts bytes too, and the longer debt decides', () => {
    const limiter = new RateLimiter(new SimClock(), rate)
    limiter.spend(21, 7_000)
    assert.equal(limiter.debtMs(), 2_000)
  })

  it('saves no more than the burst', async () => {
    const clock = new SimClock()
    const limiter = new RateLimiter(clock, rate)
    await clock.advance(1_000_000)
    limiter.spend(30, 0)
    assert.equal(limiter.debtMs(), 1_000)
  })
})

describe('gossip meter', () => {
  const rate = { messagesPerSecond: 1, messagesBurst: 3, bytesPerSecond: 1e9, bytesBurst: 1e9 }
  const message = { topic: 't', data: new Uint8Array(3) }
  const ids = { messageIDs: [new Uint8Array(16)] }
  const rpc: RPC = {
    subscriptions: [{ topic: 't', subscribe: true }],
    messages: [message, message],
    control: {
      ihave: [{ topicID: 't', ...ids }],
      iwant: [ids],
      graft: [{ topicID: 't' }],
      prune: [],
      idontwant: [ids],
    },
  }

  it('drops messages and requests beyond the rate, keeps state, and penalises once a second', async () => {
    const clock = new SimClock()
    const offences: string[] = []
    const metrics = createP2pMetrics(createMetrics(), () => ({ connected: 0, allowed: 0 }))
    const penalize = (peer: string, offence: string) => offences.push(`${peer}: ${offence}`)
    const meter = new GossipMeter({ clock, limits: { ...DEFAULT_LIMITS, gossip: rate }, metrics, penalize }, 'a')
    assert.equal(meter.filter(rpc), rpc)
    for (let i = 0; i < 3; i++) {
      const { subscriptions, messages, control } = meter.filter(rpc)
      assert.deepEqual(messages, [])
      assert.deepEqual(subscriptions, rpc.subscriptions)
      assert.deepEqual(control, { ihave: [], iwant: [], graft: [{ topicID: 't' }], prune: [], idontwant: [] })
    }
    assert.deepEqual(meter.filter({ subscriptions: [], messages: [message] }), { subscriptions: [], messages: [] })
    assert.deepEqual(offences, ['a: spam'])
    await clock.advance(1_000)
    assert.equal(meter.filter(rpc), rpc)
    meter.filter(rpc)
    assert.deepEqual(offences, ['a: spam', 'a: spam'])
  })
})
