/** What a topic's handler decides about a message that gossip may forward. */
export type Verdict = 'accept' | 'ignore' | 'reject'

/** Bytes from the network, with what is authenticated about them: the peer that handed them to us. */
export interface Inbound {
  readonly topic: string
  /** libp2p peer id (text form) of the peer on the other end of the connection; not necessarily the author. */
  readonly from: string
  readonly via: 'gossip' | 'direct'
  readonly data: Uint8Array
}

/** Must not throw; a throw counts as `ignore`. The verdict of a direct message only matters for scoring. */
export type Handler = (message: Inbound) => Promise<Verdict>

/** A peer that may connect. */
export interface PeerAddress {
  readonly id: string
  /** Multiaddrs; may be empty when the peer is only expected to dial us. */
  readonly addresses: readonly string[]
}

/** Why a peer is penalised; a bounded metric label. */
export type Penalty = 'malformed' | 'invalid-signature' | 'spam' | 'equivocation'

/** Bytes between registered operators. Everything above it speaks statements. */
export interface Transport {
  /** Our own peer id, text form. */
  readonly self: string
  /** Subscribes to `topic`, on gossip and direct streams alike. One handler a topic. */
  subscribe(topic: string, handler: Handler): void
  unsubscribe(topic: string): void
  /**
   * Calls `handler` whenever a peer lets us know that it listens to `topic`: when it subscribes, and anew with each
   * connection. Returns the function that ends it.
   */
  onSubscribed(handler: (peer: string, topic: string) => void): () => void
  /** Gossips to all subscribers of `topic`, us excluded. @throws when `data` is over the message limit */
  publish(topic: string, data: Uint8Array): Promise<void>
  /** Sends over the persistent direct stream to `peer`. @throws LariatError `p2p.unreachable` when there is no connection, `p2p.backlogged` when its queue is full */
  send(peer: string, topic: string, data: Uint8Array): Promise<void>
  /** Replaces the allow-list: only these peers may be connected, and they are dialled until they are. */
  setPeers(peers: readonly PeerAddress[]): void
  /** Ids of the connected peers. */
  connected(): readonly string[]
  /** Lowers the peer's score; enough of it disconnects and bans for a stated time. */
  penalize(peer: string, penalty: Penalty): void
}
