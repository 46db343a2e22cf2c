import assert from 'node:assert/strict'
import { memorySightings, type Sighting } from '../../../src/avs/secondSelf/sighting.ts'
import type { OperatorDirectory, OperatorPeer } from '../../../src/chain/directory.ts'
import { followPeers } from '../../../src/node/peers.ts'
import type { PeerAddress } from '../../../src/p2p/transport.ts'
import type { Address } from '../../../src/util/hex.ts'

const operator = (byte: string): Address => `0x${byte.repeat(20)}`

describe('peers of a node', () => {
  const directoryOf = (peers: OperatorPeer[]) => {
    const handlers = new Set<() => void>()
    const directory: OperatorDirectory = {
      peerOf: () => undefined,
      operatorOf: () => undefined,
      keep: () => {},
      list: () => peers,
      onChange(handler) {
        handlers.add(handler)
        return () => handlers.delete(handler)
      },
      refresh: async () => {},
      close() {},
    }
    const change = (next: OperatorPeer[]) => {
      peers.splice(0, peers.length, ...next)
      for (const handler of handlers) handler()
    }
    return { directory, change, handlers }
  }
  const a: OperatorPeer = { operator: operator('0a'), peerId: 'A', addresses: ['/ip4/10.0.0.1/tcp/1'] }
  const b: OperatorPeer = { operator: operator('0b'), peerId: 'B', addresses: ['/ip4/10.0.0.2/tcp/1'] }
  const self: OperatorPeer = { operator: operator('0c'), peerId: 'SELF', addresses: [] }

  const transportOf = () => {
    const transport = {
      self: 'SELF',
      allowed: [] as readonly PeerAddress[],
      setPeers(peers: readonly PeerAddress[]) {
        transport.allowed = peers
      },
    }
    return transport
  }

  it('are nobody from the moment on in which another instance of the operator is seen', () => {
    const transport = transportOf()
    const { directory, change } = directoryOf([a, b])
    const sightings = memorySightings()
    const end = followPeers(transport, [directory], sightings)
    assert.equal(transport.allowed.length, 2)
    sightings.report({ at: 0, statement: {} } as Sighting)
    assert.deepEqual(transport.allowed, [])
    change([a])
    assert.deepEqual(transport.allowed, [])
    end()
    // nor after a start with what was seen
    const again = transportOf()
    followPeers(again, [directory], { current: () => ({ at: 0, reason: 'seen' }), onReport: () => () => {} })()
    assert.deepEqual(again.allowed, [])
  })

  it('are the operators of all services, ourselves left out, followed until the end', () => {
    const transport = transportOf()
    const first = directoryOf([a, self])
    const second = directoryOf([{ ...a, addresses: ['/ip4/10.0.0.9/tcp/1'] }])
    const end = followPeers(transport, [first.directory, second.directory], memorySightings())
    assert.deepEqual(transport.allowed, [{ id: 'A', addresses: ['/ip4/10.0.0.1/tcp/1', '/ip4/10.0.0.9/tcp/1'] }])
    second.change([b])
    assert.deepEqual(
      transport.allowed.map(({ id }) => id),
      ['A', 'B'],
    )
    first.change([])
    assert.deepEqual(
      transport.allowed.map(({ id }) => id),
      ['B'],
    )
    end()
    assert.equal(first.handlers.size + second.handlers.size, 0)
  })
})
