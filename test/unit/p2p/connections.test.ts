import assert from 'node:assert/strict'
import type { Connection, PeerId } from '@libp2p/interface'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { Connections } from '../../../src/p2p/connections.ts'
import { createGater } from '../../../src/p2p/gater.ts'
import { createP2pMetrics } from '../../../src/p2p/metrics.ts'
import { GossipWatch } from '../../../src/p2p/watch.ts'
import { silentLog } from '../../../src/util/log.ts'
import { SimClock } from '../../../src/util/simclock.ts'

const idOf = (text: string) => ({ toString: () => text }) as PeerId

/** As much of a connection as is looked at; `connections` hears when it is cut, as libp2p would tell. */
function connectionTo(
  peer: string,
  id: string,
  connections: Connections,
  cut: string[],
  direction: 'inbound' | 'outbound' = 'outbound',
): Connection {
  const connection = {
    id,
    direction,
    remotePeer: idOf(peer),
    abort() {
      cut.push(id)
      connections.remove(connection as unknown as Connection)
    },
  }
  return connection as unknown as Connection
}

function setUp(self: string) {
  const clock = new SimClock()
  const connections = new Connections(clock, self)
  const cut: string[] = []
  const open = (peer: string, id: string, direction?: 'inbound' | 'outbound') =>
    connections.add(connectionTo(peer, id, connections, cut, direction))
  return { clock, connections, cut, open }
}

describe('connections', () => {
  it('know the first and the last of a peer', async () => {
    const { clock, connections, cut, open } = setUp('m')
    assert.equal(open('a', '1'), true)
    await clock.advance(500)
    assert.equal(open('a', '2'), false)
    assert.equal(connections.newest('a')?.id, '2')
    assert.equal(connections.remove(connectionTo('a', '2', connections, cut)), undefined)
    assert.equal(connections.remove(connectionTo('a', 'unknown', connections, cut)), undefined)
    assert.equal(connections.remove(connectionTo('a', '1', connections, cut)), 500)
    assert.equal(connections.has('a'), false)
  })

  it('are cut although libp2p cannot say goodbye to a peer that has closed its end', () => {
    const { connections, cut, open } = setUp('m')
    const closed = connectionTo('a', 'closed', connections, cut)
    const { abort } = closed
    let tries = 0
    closed.abort = (reason) => {
      if (++tries === 1) throw new Error('Cannot write to a stream that is closed')
      abort(reason)
    }
    connections.add(closed)
    open('a', 'other')
    connections.abort('a', 'gossip broke')
    assert.deepEqual(cut, ['closed', 'other'])
    assert.equal(connections.has('a'), false)
  })

  // self, peer, who made the first connection, who makes the second: whether the first stays
  for (const [self, peer, first, second, stays] of [
    ['a', 'z', 'us', 'them', true],
    ['a', 'z', 'them', 'us', false],
    ['z', 'a', 'them', 'us', true],
    ['z', 'a', 'us', 'them', false],
    ['a', 'z', 'us', 'us', true],
    ['a', 'z', 'them', 'them', true],
  ] as const) {
    it(`of ${self} and ${peer}: ${second} after ${first} is refused, and the first ${stays ? 'stays' : 'is cut'}`, async () => {
      const { connections, cut, open } = setUp(self)
      open(peer, 'first', first === 'us' ? 'outbound' : 'inbound')
      assert.equal(await connections.admit(peer, second), false)
      assert.deepEqual(cut, stays ? [] : ['first'])
    })
  }

  it('take a later connection for the sign that the old one is dead, and let it in', async () => {
    const { clock, connections, cut, open } = setUp('a')
    open('z', 'old', 'outbound')
    await clock.advance(3_000)
    assert.equal(await connections.admit('z', 'them'), true)
    assert.deepEqual(cut, ['old'])
  })

  it('let one of two take over at once, and others again when that one does not come to be', async () => {
    const { clock, connections, cut, open } = setUp('a')
    open('z', 'old', 'outbound')
    await clock.advance(3_000)
    const both = [connections.admit('z', 'them'), connections.admit('z', 'them')]
    assert.deepEqual(await Promise.all(both), [true, false])
    assert.deepEqual(cut, ['old'])
    assert.equal(await connections.admit('z', 'them'), false)
    await clock.advance(1_000)
    assert.equal(await connections.admit('z', 'them'), true)
  })

  it('let nothing take over from a connection that does not go', async () => {
    const { clock, connections } = setUp('a')
    const stuck = { ...connectionTo('z', 'stuck', connections, []), abort: () => undefined }
    connections.add(stuck as unknown as Connection)
    await clock.advance(3_000)
    const admitted = connections.admit('z', 'them')
    await clock.advance(500)
    assert.equal(await admitted, false)
  })
})

describe('two instances of one peer', () => {
  it('take turns of a second, however often they dial', async () => {
    const { clock, connections, cut, open } = setUp('z')
    open('a', 'first', 'inbound')
    for (let ms = 0; ms < 1_000; ms += 100) {
      assert.equal(await connections.admit('a', 'them'), false)
      await clock.advance(100)
    }
    assert.deepEqual(cut, [])
    assert.equal(await connections.admit('a', 'them'), true)
    assert.deepEqual(cut, ['first'])
  })
})

describe('gater', () => {
  it('lets allowed peers in, once, and nobody else', async () => {
    const { connections, open } = setUp('a')
    const metrics = createP2pMetrics(createMetrics(), () => ({ connected: 0, allowed: 0 }))
    const gater = createGater({ allows: (peer) => peer !== 'stranger', connections, metrics })
    const maConn = {} as Parameters<NonNullable<typeof gater.denyInboundEncryptedConnection>>[1]
    assert.equal(gater.denyDialPeer?.(idOf('stranger')), true)
    assert.equal(gater.denyDialPeer?.(idOf('z')), false)
    assert.equal(await gater.denyInboundEncryptedConnection?.(idOf('stranger'), maConn), true)
    assert.equal(await gater.denyOutboundEncryptedConnection?.(idOf('stranger'), maConn), true)
    assert.equal(await gater.denyInboundEncryptedConnection?.(idOf('z'), maConn), false)
    open('z', 'first')
    assert.equal(await gater.denyInboundEncryptedConnection?.(idOf('z'), maConn), true)
  })
})

describe('gossip watch', () => {
  it('cuts a connection when gossip breaks, or never starts', async () => {
    const { clock, connections, cut, open } = setUp('m')
    const gossiping = new Set(['good', 'breaks'])
    const watch = new GossipWatch({
      clock,
      log: silentLog,
      connections,
      isGossiping: ({ remotePeer }) => gossiping.has(remotePeer.toString()),
      startMs: 10_000,
    })
    watch.start()
    for (const peer of ['good', 'breaks', 'never']) open(peer, peer)
    await clock.advance(5_000)
    assert.deepEqual(cut, [])
    gossiping.delete('breaks')
    await clock.advance(4_000)
    assert.deepEqual(cut, ['breaks'])
    await clock.advance(4_000)
    assert.deepEqual(cut, ['breaks', 'never'])
    open('breaks', 'again')
    await clock.advance(5_000)
    watch.stop()
    await clock.advance(60_000)
    assert.deepEqual(cut, ['breaks', 'never'])
  })
})
