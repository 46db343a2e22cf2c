import type { Connection, Stream } from '@libp2p/interface'
import type { Clock } from '../util/clock.ts'
import type { Log } from '../util/log.ts'
import { Connections } from './connections.ts'
import { Dialer } from './dialer.ts'
import type { Limits } from './limits.ts'
import { GossipMeter } from './meter.ts'
import type { P2pMetrics } from './metrics.ts'
import { RateLimiter } from './rate.ts'
import type { Receiver } from './receiver.ts'
import { createScores, type Offence, type Scores } from './scoring.ts'
import { Sender } from './sender.ts'
import type { PeerAddress } from './transport.ts'

/** What is kept of one allowed peer for as long as it is allowed; its rates outlive its connections. */
export interface Peer {
  readonly sender: Sender
  readonly meter: GossipMeter
  readonly directRate: RateLimiter
  /** Of its questions for our time. */
  readonly timeRate: RateLimiter
  /** Its direct stream to us. */
  receiver: Receiver | undefined
}

export interface PeersOptions {
  readonly self: string
  readonly clock: Clock
  readonly log: Log
  readonly limits: Limits
  readonly metrics: P2pMetrics
  readonly dial: (peer: PeerAddress) => Promise<void>
  /** Opens a direct stream on a connection. @throws when there is none, or the peer refuses */
  readonly openDirect: (connection: Connection | undefined) => Promise<Stream>
}

/** The allow-list, with what is known of each peer: connections, penalties, streams. */
export class Peers {
  readonly connections: Connections
  readonly scores: Scores
  readonly #options: PeersOptions
  readonly #dialer: Dialer
  readonly #peers = new Map<string, Peer>()

  constructor(options: PeersOptions) {
    const { self, clock, log, limits, metrics, dial } = options
    this.#options = options
    this.connections = new Connections(clock, self)
    this.scores = createScores(clock, limits)
    this.#dialer = new Dialer({
      clock,
      log,
      metrics,
      self,
      dial,
      isConnected: (peer) => this.connections.has(peer),
      bannedMs: (peer) => this.scores.bannedMs(peer),
      random: Math.random,
    })
  }

  /** Replaces the allow-list; who is not on it any more is disconnected. */
  set(addresses: readonly PeerAddress[]): void {
    const others = addresses.filter((peer) => peer.id !== this.#options.self)
    const wanted = new Set(others.map((peer) => peer.id))
    for (const [id, peer] of this.#peers) {
      if (wanted.has(id)) continue
      this.#peers.delete(id)
      peer.sender.disconnect()
      this.connections.abort(id, 'no longer a registered operator')
    }
    for (const { id } of others) if (!this.#peers.has(id)) this.#peers.set(id, this.#create(id))
    this.#dialer.setPeers(others)
  }

  get(peer: string): Peer | undefined {
    return this.#peers.get(peer)
  }

  get size(): number {
    return this.#peers.size
  }

  allows(peer: string): boolean {
    return this.#peers.has(peer) && this.scores.bannedMs(peer) === 0
  }

  onOpen(connection: Connection): void {
    // libp2p tells of one that ended while its handshakes ended, too, and then never of its end: it would stand here for ever
    if (connection.status !== 'open') return
    const id = connection.remotePeer.toString()
    if (!this.connections.add(connection)) {
      // two dials crossed so closely that neither was refused: start anew, one side first
      this.connections.abort(id, 'two connections at once')
      return
    }
    this.#options.log.info('peer connected', { peer: id, address: connection.remoteAddr.toString() })
    this.#peers.get(id)?.sender.connect()
  }

  onClose(connection: Connection): void {
    const id = connection.remotePeer.toString()
    const heldMs = this.connections.remove(connection)
    if (heldMs === undefined) return
    this.#options.log.info('peer disconnected', { peer: id })
    const peer = this.#peers.get(id)
    peer?.sender.disconnect()
    peer?.receiver?.end()
    this.#dialer.disconnected(id, heldMs)
  }

  punish(peer: string, offence: Offence): void {
    const { log, limits, metrics } = this.#options
    metrics.offence(offence)
    if (!this.scores.penalize(peer, offence)) return
    metrics.banned()
    log.warn('peer banned', { peer, offence, forMs: limits.banMs })
    this.connections.abort(peer, 'banned')
  }

  stop(): void {
    this.#dialer.stop()
    for (const peer of this.#peers.values()) {
      peer.sender.disconnect()
      peer.receiver?.end()
    }
    this.#peers.clear()
  }

  #create(id: string): Peer {
    const { clock, log, limits, metrics, openDirect } = this.#options
    const penalize = (peer: string, offence: Offence): void => this.punish(peer, offence)
    const open = (peer: string): Promise<Stream> => openDirect(this.connections.newest(peer))
    const sender = new Sender({ clock, log, limits, metrics, open }, id)
    if (this.connections.has(id)) sender.connect()
    return {
      sender,
      meter: new GossipMeter({ clock, limits, metrics, penalize }, id),
      directRate: new RateLimiter(clock, limits.direct),
      timeRate: new RateLimiter(clock, limits.time),
      receiver: undefined,
    }
  }
}
