import assert from 'node:assert/strict'
import type { Connection } from '@libp2p/interface'
import { forgetStreams, isGossiping } from '../../../src/p2p/gossip.ts'

const GOSSIP = '/meshsub/1.2.0'
type Parts = readonly [direction: string, status: string, protocol: string]

const connectionWith = (...streams: Parts[]): Connection =>
  ({
    streams: streams.map(([direction, status, protocol]) => ({ direction, status, protocol })),
  }) as unknown as Connection

describe('gossip streams', () => {
  it('flow when one is open each way', () => {
    const out: Parts = ['outbound', 'open', GOSSIP]
    assert.equal(isGossiping(connectionWith(out, ['inbound', 'open', GOSSIP])), true)
    assert.equal(isGossiping(connectionWith(out)), false)
    assert.equal(isGossiping(connectionWith(out, ['inbound', 'aborted', GOSSIP])), false)
    assert.equal(isGossiping(connectionWith(out, ['inbound', 'open', '/lariat/direct/1'])), false)
    assert.equal(isGossiping(connectionWith()), false)
  })

  it('of a former connection are forgotten', () => {
    const [streamsInbound, streamsOutbound] = [new Map(), new Map()]
    for (const peer of ['a', 'b']) {
      streamsInbound.set(peer, {})
      streamsOutbound.set(peer, {})
    }
    forgetStreams({ streamsInbound, streamsOutbound }, 'a')
    assert.deepEqual([[...streamsInbound.keys()], [...streamsOutbound.keys()]], [['b'], ['b']])
  })
})
