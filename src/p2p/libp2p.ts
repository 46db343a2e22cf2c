import { privateKeyFromProtobuf } from '@libp2p/crypto/keys'
import type { Connection, Stream } from '@libp2p/interface'
import type { Metrics } from '../metrics/registry.ts'
import type { Clock } from '../util/clock.ts'
import { LariatError } from '../util/errors.ts'
import type { Log } from '../util/log.ts'
import { dialable } from './addresses.ts'
import { Clocks } from './clocks.ts'
import { DIRECT_PROTOCOL } from './framing.ts'
import { createGater } from './gater.ts'
import { forgetStreams, gossipService, isGossiping, joinTopic, leaveTopic } from './gossip.ts'
import type { Identity } from './identity.ts'
import { Inbox } from './inbox.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { checkMessage } from './message.ts'
import { createP2pMetrics, type P2pMetrics } from './metrics.ts'
import { createNode, type Node } from './node.ts'
import { Peers } from './peers.ts'
import { Receiver } from './receiver.ts'
import type { Offence } from './scoring.ts'
import { type ClockReading, TIME_PROTOCOL, tellTime } from './time.ts'
import type { Handler, PeerAddress, Penalty, Transport } from './transport.ts'
import { GossipWatch } from './watch.ts'

export interface Libp2pOptions {
  /** Multiaddrs to listen on. */
  readonly listen: readonly string[]
  /** Multiaddrs to tell peers instead of those listened on; empty for the latter. */
  readonly announce: readonly string[]
  readonly identity: Identity
  readonly metrics: Metrics
  readonly log: Log
  readonly clock: Clock
  readonly limits?: Partial<Limits>
  /** Several nodes share the loopback address (testnet, tests): limits for each address do not apply. */
  readonly loopback?: boolean
}

export interface Libp2pTransport extends Transport {
  /** Multiaddrs that others can dial, our peer id included. */
  multiaddrs(): string[]
  /** The clock of a connected peer. @throws LariatError `p2p.unreachable`, `p2p.time` */
  clockOf(peer: string): Promise<ClockReading>
  /** Closes all connections. Idempotent. */
  stop(): Promise<void>
}

/**
 * Starts a libp2p node as a Transport: gossipsub for what all should hear, one persistent stream to each peer for what
 * one should hear soon.
 * @throws LariatError `p2p.listen` when it cannot listen
 */
export async function startLibp2p(options: Libp2pOptions): Promise<Libp2pTransport> {
  const transport = new Libp2p(options)
  await transport.start(options)
  return transport
}

class Libp2p implements Libp2pTransport {
  readonly self: string
  readonly #clock: Clock
  readonly #log: Log
  readonly #limits: Limits
  readonly #metrics: P2pMetrics
  readonly #peers: Peers
  readonly #inbox: Inbox
  readonly #penalize: (peer: string, offence: Offence) => void
  readonly #onSubscribed = new Set<(peer: string, topic: string) => void>()
  readonly #clocks: Clocks
  #node: Node | undefined
  #watch: GossipWatch | undefined
  #stopping: Promise<void> | undefined

  constructor({ identity, clock, log, metrics, limits }: Libp2pOptions) {
    this.self = identity.peerId
    this.#clock = clock
    this.#log = log
    this.#limits = { ...DEFAULT_LIMITS, ...limits }
    const count = () => ({ connected: this.connected().length, allowed: this.#peers.size })
    this.#metrics = createP2pMetrics(metrics, count)
    const shared = { clock, log, limits: this.#limits, metrics: this.#metrics }
    this.#peers = new Peers({
      ...shared,
      self: this.self,
      dial: (peer) => this.#dial(peer),
      openDirect: (connection) => openDirect(connection),
    })
    this.#clocks = new Clocks({ clock, log, connections: this.#peers.connections })
    this.#penalize = (peer, offence) => this.#peers.punish(peer, offence)
    this.#inbox = new Inbox({ ...shared, penalize: this.#penalize })
  }

  async start(options: Libp2pOptions): Promise<void> {
    try {
      const node = await this.#create(options)
      this.#node = node
      await node.handle(DIRECT_PROTOCOL, (stream, connection) => this.#onDirect(stream, connection), {
        maxInboundStreams: 2,
        maxOutboundStreams: 2,
      })
      await node.handle(TIME_PROTOCOL, (stream, connection) => this.#onTime(stream, connection), {
        maxInboundStreams: 2,
        maxOutboundStreams: 2,
      })
      await node.start()
      this.#follow(node)
    } catch (error) {
      await this.stop()
      const where = options.listen.join(', ')
      const mend = 'check p2p.listen, and that nothing else uses the port'
      throw new LariatError('p2p.listen', `cannot listen on ${where}: ${mend}`, { listen: where }, error)
    }
  }

  #create({ identity, listen, announce, loopback = false }: Libp2pOptions): Promise<Node> {
    const allows = (peer: string): boolean => this.#peers.allows(peer)
    return createNode({
      privateKey: privateKeyFromProtobuf(identity.key.reveal()),
      listen,
      announce,
      loopback,
      gater: createGater({ allows, connections: this.#peers.connections, metrics: this.#metrics }),
      gossip: gossipService({
        limits: this.#limits,
        metrics: this.#metrics,
        isSubscribed: (topic) => this.#inbox.has(topic),
        pointsOf: (peer) => this.#peers.scores.pointsOf(peer),
        meterOf: (peer) => this.#peers.get(peer)?.meter,
        penalize: this.#penalize,
        onMessage: (from, topic, data) => this.#inbox.handle({ topic, from, via: 'gossip', data }),
        loopback,
      }),
    })
  }

  /** Keeps track of the node's connections; nobody is allowed yet, so none was opened before. */
  #follow(node: Node): void {
    const { gossip } = node.services
    node.addEventListener('connection:open', ({ detail }) => {
      const peer = detail.remotePeer.toString()
      if (!this.#peers.connections.has(peer)) forgetStreams(gossip, peer)
      this.#peers.onOpen(detail)
    })
    gossip.addEventListener('subscription-change', ({ detail: { peerId, subscriptions } }) => {
      const peer = peerId.toString()
      if (!this.#peers.allows(peer)) return
      for (const { topic, subscribe } of subscriptions) {
        if (subscribe) for (const handler of this.#onSubscribed) handler(peer, topic)
      }
    })
    node.addEventListener('connection:close', ({ detail }) => this.#peers.onClose(detail))
    this.#watch = new GossipWatch({
      clock: this.#clock,
      log: this.#log,
      connections: this.#peers.connections,
      isGossiping: (connection) => isGossiping(gossip, connection),
      startMs: this.#limits.gossipStartMs,
    })
    this.#watch.start()
    this.#clocks.start()
  }

  subscribe(topic: string, handler: Handler): void {
    this.#inbox.set(topic, handler)
    joinTopic(this.#running().services.gossip, topic)
  }

  unsubscribe(topic: string): void {
    this.#inbox.delete(topic)
    leaveTopic(this.#running().services.gossip, topic)
  }

  onSubscribed(handler: (peer: string, topic: string) => void): () => void {
    this.#onSubscribed.add(handler)
    return () => {
      this.#onSubscribed.delete(handler)
    }
  }

  async publish(topic: string, data: Uint8Array): Promise<void> {
    checkMessage(topic, data, this.#limits)
    this.#metrics.message('gossip', 'out', data.length)
    await this.#running().services.gossip.publish(topic, data)
  }

  async send(peer: string, topic: string, data: Uint8Array): Promise<void> {
    checkMessage(topic, data, this.#limits)
    const sender = this.#peers.get(peer)?.sender
    if (sender === undefined) {
      this.#metrics.dropped('unreachable')
      throw new LariatError('p2p.unreachable', `${peer} is no registered operator`, { peer })
    }
    sender.send(topic, data)
  }

  setPeers(peers: readonly PeerAddress[]): void {
    if (this.#stopping === undefined) this.#peers.set(peers)
  }

  connected(): readonly string[] {
    return this.#peers.connections.peers()
  }

  penalize(peer: string, penalty: Penalty): void {
    this.#peers.punish(peer, penalty)
  }

  multiaddrs(): string[] {
    return this.#running()
      .getMultiaddrs()
      .map((address) => address.toString())
  }

  clockOf(peer: string): Promise<ClockReading> {
    return this.#clocks.of(peer)
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    this.#watch?.stop()
    this.#clocks.stop()
    this.#peers.stop()
    await this.#node?.stop()
  }

  #running(): Node {
    if (this.#node === undefined || this.#stopping !== undefined) {
      throw new LariatError('p2p.stopped', 'the transport is stopped')
    }
    return this.#node
  }

  async #dial(peer: PeerAddress): Promise<void> {
    const addresses = dialable(peer)
    if (addresses.length === 0) throw new LariatError('p2p.address', 'none of its addresses can be dialled')
    await this.#running().dial(addresses)
  }

  #onDirect(stream: Stream, connection: Connection): void {
    const id = connection.remotePeer.toString()
    const peer = this.#peers.get(id)
    if (peer === undefined) {
      stream.abort(new Error('not a registered operator'))
      return
    }
    peer.receiver?.end()
    const shared = { clock: this.#clock, limits: this.#limits, metrics: this.#metrics, inbox: this.#inbox }
    peer.receiver = new Receiver({ ...shared, penalize: this.#penalize }, id, stream, peer.directRate)
  }

  #onTime(stream: Stream, connection: Connection): void {
    const peer = this.#peers.get(connection.remotePeer.toString())
    if (peer === undefined) stream.abort(new Error('not a registered operator'))
    else tellTime(stream, this.#clock, peer.timeRate)
  }
}

async function openDirect(connection: Connection | undefined): Promise<Stream> {
  if (connection === undefined) throw new LariatError('p2p.unreachable', 'there is no connection')
  return connection.newStream([DIRECT_PROTOCOL])
}
