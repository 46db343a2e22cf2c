import assert from 'node:assert/strict'
import type { Connection, ConnectionStatus } from '@libp2p/interface'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { DEFAULT_LIMITS } from '../../../src/p2p/limits.ts'
import { createP2pMetrics } from '../../../src/p2p/metrics.ts'
import { Peers } from '../../../src/p2p/peers.ts'
import { silentLog } from '../../../src/util/log.ts'
import { SimClock } from '../../../src/util/simclock.ts'

const connectionOf = (id: string, status: ConnectionStatus): Connection =>
  ({
    ...{ id, status, direction: 'inbound' },
    remotePeer: { toString: () => 'a' },
    remoteAddr: { toString: () => '/ip4/127.0.0.1/tcp/1' },
    abort() {},
  }) as unknown as Connection

describe('peers', () => {
  it('pass over a connection that had ended when libp2p told of it, as it never tells of its end', async () => {
    const peers = new Peers({
      ...{ self: 'm', clock: new SimClock(), log: silentLog, limits: DEFAULT_LIMITS },
      metrics: createP2pMetrics(createMetrics(), () => ({ connected: 0, allowed: 0 })),
      dial: async () => {},
      openDirect: () => assert.fail('no direct stream is opened'),
    })
    peers.onOpen(connectionOf('1', 'closed'))
    assert.deepEqual([peers.connections.has('a'), await peers.connections.admit('a', 'them')], [false, true])
    peers.onOpen(connectionOf('2', 'open'))
    assert.equal(peers.connections.newest('a')?.id, '2')
    peers.stop()
  })
})
