import type { OperatorDirectory } from '../chain/directory.ts'
import type { PeerAddress, Transport } from '../p2p/transport.ts'

/** Lets the operators of all services connect, and nobody else, following the directories until the returned function is called. */
export function followPeers(transport: Transport, directories: readonly OperatorDirectory[]): () => void {
  function update(): void {
    const peers = new Map<string, PeerAddress>()
    for (const { peerId, addresses } of directories.flatMap((directory) => directory.list())) {
      if (peerId === transport.self) continue
      const known = peers.get(peerId)?.addresses ?? []
      peers.set(peerId, { id: peerId, addresses: [...new Set([...known, ...addresses])] })
    }
    transport.setPeers([...peers.values()])
  }
  const ends = directories.map((directory) => directory.onChange(update))
  update()
  return () => {
    for (const end of ends) end()
  }
}
