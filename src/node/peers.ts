import type { Sightings } from '../avs/secondSelf/sighting.ts'
import type { OperatorDirectory } from '../chain/directory.ts'
import type { PeerAddress, Transport } from '../p2p/transport.ts'

/**
 * Lets the operators of all services connect, and nobody else, following the directories until the returned function is
 * called. Once another instance of this operator was sighted nobody connects: peers give a connection to one of two
 * instances with one peer id at a time, and the other one may need it.
 */
export function followPeers(
  transport: Pick<Transport, 'self' | 'setPeers'>,
  directories: readonly OperatorDirectory[],
  sightings: Pick<Sightings, 'current' | 'onReport'>,
): () => void {
  function update(): void {
    const peers = new Map<string, PeerAddress>()
    const all = sightings.current() === undefined ? directories.flatMap((directory) => directory.list()) : []
    for (const { peerId, addresses } of all) {
      if (peerId === transport.self) continue
      const known = peers.get(peerId)?.addresses ?? []
      peers.set(peerId, { id: peerId, addresses: [...new Set([...known, ...addresses])] })
    }
    transport.setPeers([...peers.values()])
  }
  const ends = [...directories.map((directory) => directory.onChange(update)), sightings.onReport(update)]
  update()
  return () => {
    for (const end of ends) end()
  }
}
