import type { OperatorDirectory, OperatorPeer } from './directory.ts'

/** The in-memory form of `OperatorDirectory`: peers that a simulation sets. */
export interface MemoryDirectory extends OperatorDirectory {
  /** Replaces all peers. */
  set(peers: readonly OperatorPeer[]): void
}

export function createMemoryDirectory(initial: readonly OperatorPeer[] = []): MemoryDirectory {
  const handlers = new Set<() => void>()
  let peers = initial
  return {
    peerOf: (operator) => peers.find((peer) => peer.operator.toLowerCase() === operator.toLowerCase())?.peerId,
    operatorOf: (peerId) => peers.find((peer) => peer.peerId === peerId)?.operator,
    list: () => peers,
    keep: () => {}, // who is set is here
    onChange(handler) {
      const call = () => handler()
      handlers.add(call)
      return () => {
        handlers.delete(call)
      }
    },
    refresh: async () => {},
    close: () => handlers.clear(),
    set(next) {
      peers = next
      for (const handler of [...handlers]) handler()
    },
  }
}
