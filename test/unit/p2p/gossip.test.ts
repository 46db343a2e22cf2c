import assert from 'node:assert/strict'
import type { Connection } from '@libp2p/interface'
import { forgetStreams, isGossiping } from '../../../src/p2p/gossip.ts'

const GOSSIP = '/meshsub/1.2.0'
type Parts = readonly [direction: string, status: string, protocol: string]

const connectionWith = (...streams: Parts[]): Connection =>
  ({
    remotePeer: { toString: () => 'a' },
    streams: streams.map(([direction, status, protocol]) => ({ direction, status, protocol })),
  }) as unknown as Connection
const recordsOf = (inbound: string[], outbound: string[]) => ({
  streamsInbound: new Map(inbound.map((peer) => [peer, {}])),
  streamsOutbound: new Map(outbound.map((peer) => [peer, {}])),
})

describe('gossip streams', () => {
  const out: Parts = ['outbound', 'open', GOSSIP]
  const both = [out, ['inbound', 'open', GOSSIP]] as const

  it('flow when one is open each way', () => {
    const used = recordsOf(['a'], ['a'])
    assert.equal(isGossiping(used, connectionWith(...both)), true)
    assert.equal(isGossiping(used, connectionWith(out)), false)
    assert.equal(isGossiping(used, connectionWith(out, ['inbound', 'aborted', GOSSIP])), false)
    assert.equal(isGossiping(used, connectionWith(out, ['inbound', 'open', '/lariat/direct/1'])), false)
    assert.equal(isGossiping(used, connectionWith()), false)
  })

  it('do not flow when gossipsub gave them up', () => {
    for (const records of [recordsOf([], ['a']), recordsOf(['a'], []), recordsOf(['b'], ['b'])]) {
      assert.equal(isGossiping(records, connectionWith(...both)), false)
    }
  })

  it('of a former connection are forgotten', () => {
    const records = recordsOf(['a', 'b'], ['a', 'b'])
    forgetStreams(records, 'a')
    assert.deepEqual([[...records.streamsInbound.keys()], [...records.streamsOutbound.keys()]], [['b'], ['b']])
  })
})
