import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { PeerAddress } from './transport.ts'

/** Addresses of one peer that are tried; the contract allows as many. */
const MAX_ADDRESSES = 8
/** Characters of one address; the contract allows as many. */
const MAX_ADDRESS_LENGTH = 128
/** Protocols that may come first in an address we dial. */
const HOSTS: ReadonlySet<string> = new Set(['ip4', 'ip6', 'dns', 'dns4', 'dns6'])

/**
 * The addresses of `peer` that can be dialled, each ending in the peer's id, so that another node at that address is
 * refused in the handshake. Others wrote them on chain: what is not `/ip4|ip6|dns…/…/tcp/…` is left out.
 */
export function dialable(peer: PeerAddress): Multiaddr[] {
  return peer.addresses.slice(0, MAX_ADDRESSES).flatMap((text) => {
    if (text.length > MAX_ADDRESS_LENGTH) return []
    try {
      const parts = multiaddr(text).getComponents()
      const [host, port, id] = parts
      if (host === undefined || !HOSTS.has(host.name) || host.value === undefined || port?.name !== 'tcp') return []
      if (parts.length > 3 || (id !== undefined && (id.name !== 'p2p' || id.value !== peer.id))) return []
      return [multiaddr(`/${host.name}/${host.value}/tcp/${port.value}/p2p/${peer.id}`)]
    } catch {
      return []
    }
  })
}
