import assert from 'node:assert/strict'
import type { OperatorDirectory, OperatorPeer } from '../../../src/chain/directory.ts'
import { followPeers } from '../../../src/node/peers.ts'
import type { PeerAddress, Transport } from '../../../src/p2p/transport.ts'
import type { Address } from '../../../src/util/hex.ts'

const operator = (byte: string): Address => `0x${byte.repeat(20)}`

describe('peers of a node', () => {
  const directoryOf = (peers: OperatorPeer[]) => {
    const handlers = new Set<() => void>()
    const directory: OperatorDirectory = {
      peerOf: () => undefined,
      operatorOf: () => undefined,
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

  it('are the operators of all services, ourselves left out, followed until the end', () => {
    let allowed: readonly PeerAddress[] = []
    const transport = {
      self: 'SELF',
      setPeers: (peers: readonly PeerAddress[]) => {
        allowed = peers
      },
    } as unknown as Transport
    const first = directoryOf([a, self])
    const second = directoryOf([{ ...a, addresses: ['/ip4/10.0.0.9/tcp/1'] }])
    const end = followPeers(transport, [first.directory, second.directory])
    assert.deepEqual(allowed, [{ id: 'A', addresses: ['/ip4/10.0.0.1/tcp/1', '/ip4/10.0.0.9/tcp/1'] }])
    second.change([b])
    assert.deepEqual(
      allowed.map(({ id }) => id),
      ['A', 'B'],
    )
    first.change([])
    assert.deepEqual(
      allowed.map(({ id }) => id),
      ['B'],
    )
    end()
    assert.equal(first.handlers.size + second.handlers.size, 0)
  })
})
