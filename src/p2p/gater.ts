import type { ConnectionGater, PeerId } from '@libp2p/interface'
import type { Connections } from './connections.ts'
import type { P2pMetrics } from './metrics.ts'

export interface GaterOptions {
  /** Whether the peer is a registered operator and not banned. */
  readonly allows: (peer: string) => boolean
  readonly connections: Connections
  readonly metrics: P2pMetrics
}

/**
 * Lets only allowed peers connect, one connection each. Who a peer is stands fast once the handshake is done, so inbound
 * connections are judged then; libp2p's connection manager bounds how many may be in the handshake.
 */
export function createGater({ allows, connections, metrics }: GaterOptions): ConnectionGater {
  const judge = async (peerId: PeerId, dialledBy: 'us' | 'them'): Promise<boolean> => {
    const peer = peerId.toString()
    const admitted = allows(peer) && (await connections.admit(peer, dialledBy))
    if (!admitted) metrics.refused(dialledBy === 'us' ? 'outbound' : 'inbound')
    return !admitted
  }
  return {
    denyDialPeer: (peerId) => !allows(peerId.toString()),
    denyInboundEncryptedConnection: (peerId) => judge(peerId, 'them'),
    denyOutboundEncryptedConnection: (peerId) => judge(peerId, 'us'),
  }
}
