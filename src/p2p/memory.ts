import type { Clock } from '../util/clock.ts'
import { LariatError } from '../util/errors.ts'
import { seededRandom } from '../util/random.ts'
import { type Fault, isCut, strike } from './faults.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { checkMessage, messageId } from './message.ts'
import { createScores, type Offence, type Scores } from './scoring.ts'
import { SeenIds } from './seen.ts'
import type { Handler, Inbound, PeerAddress, Penalty, Transport, Verdict } from './transport.ts'

export interface MemoryNetworkOptions {
  readonly clock: Clock
  /** Everything random in the network repeats with it. */
  readonly seed: number
  /** ms from sending to arrival; 0 by default. Messages of one link and kind stay in order. */
  readonly latency?: (from: string, to: string) => number
  /** Whether a message is lost, asked for each message and link; for what `faults` cannot say. */
  readonly drop?: (from: string, to: string, data: Uint8Array) => boolean
  readonly faults?: readonly Fault[]
  readonly limits?: Partial<Limits>
}

/** A network of transports in one process: the in-memory form of libp2p. */
export interface MemoryNetwork {
  /** A new peer. Two peers are connected while both allow each other and their link is not cut. @throws when `peerId` is taken */
  join(peerId: string): MemoryTransport
  /** Replaces the faults. */
  setFaults(faults: readonly Fault[]): void
}

export interface MemoryTransport extends Transport {
  /** Leaves the network, as a killed process does: nothing more is handled, and the peer id may join again. */
  stop(): Promise<void>
}

/**
 * A network in this process with what the real one promises: gossip floods through subscribed peers, each message
 * handled once a peer and forwarded only after its handler accepted it; direct messages in order; the allow-list, the
 * bounded queues, penalties and bans. What it lacks: rate limits, handler timeouts, gossip's repair of lost messages,
 * and the time it takes to notice a cut link.
 */
export function createMemoryNetwork(options: MemoryNetworkOptions): MemoryNetwork {
  const { clock } = options
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits }
  const random = seededRandom(options.seed)
  const peers = new Map<string, Peer>()
  let faults: readonly Fault[] = options.faults ?? []

  const network: Wire = {
    clock,
    limits,
    links: (a) => [...peers.values()].filter((b) => network.connects(a, b)),
    find: (id) => peers.get(id),
    connects: (a, b) =>
      a !== b &&
      peers.get(a.self) === a &&
      a.allows(b.self) &&
      b.allows(a.self) &&
      !isCut(faults, a.self, b.self, clock.now()),
    async carry(from, to, lane, data, deliver) {
      if (options.drop?.(from.self, to.self, data) === true) return
      const link = { from: from.self, to: to.self }
      const copies = strike(faults, link, data, clock.now(), random)
      await Promise.all(
        copies.map(async (copy) => {
          const due = clock.now() + (options.latency?.(from.self, to.self) ?? 0) + copy.delayMs
          await from.lane(`${lane}:${to.self}`).travel(due)
          if (network.connects(from, to)) await deliver(copy.data)
        }),
      )
    },
    leave: (peer) => {
      if (peers.get(peer.self) === peer) peers.delete(peer.self)
    },
  }

  return {
    join(peerId) {
      if (peers.has(peerId)) throw new Error(`${peerId} is in the network already: stop it first`)
      const peer = new Peer(peerId, network)
      peers.set(peerId, peer)
      return peer
    },
    setFaults(next) {
      faults = next
    },
  }
}

/** What a peer sees of its network. */
interface Wire {
  readonly clock: Clock
  readonly limits: Limits
  find(id: string): Peer | undefined
  /** Connected peers, in the order in which they joined. */
  links(of: Peer): Peer[]
  connects(a: Peer, b: Peer): boolean
  /** Resolves when every copy was delivered and handled, or is lost. */
  carry(
    from: Peer,
    to: Peer,
    lane: Inbound['via'],
    data: Uint8Array,
    deliver: (data: Uint8Array) => Promise<void>,
  ): Promise<void>
  leave(peer: Peer): void
}

/** Keeps the messages of one link and kind in order. */
class Lane {
  readonly #clock: Clock
  readonly #waiting: (() => void)[] = []
  #last = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves at `due`, or as soon after it as those before have arrived. */
  travel(due: number): Promise<void> {
    this.#last = Math.max(this.#last, due)
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#clock.after(this.#last - this.#clock.now(), () => this.#waiting.shift()?.())
    })
  }
}

class Peer implements MemoryTransport {
  readonly self: string
  readonly #wire: Wire
  readonly #handlers = new Map<string, Handler>()
  readonly #onSubscribed = new Set<(peer: string, topic: string) => void>()
  readonly #seen: SeenIds
  readonly #scores: Scores
  readonly #lanes = new Map<string, Lane>()
  readonly #queued = new Map<string, { frames: number; bytes: number }>()
  #allowed: ReadonlySet<string> = new Set()

  constructor(self: string, wire: Wire) {
    this.self = self
    this.#wire = wire
    this.#seen = new SeenIds(wire.clock, wire.limits.seenMs)
    this.#scores = createScores(wire.clock, wire.limits)
  }

  allows(peer: string): boolean {
    return this.#allowed.has(peer) && this.#scores.bannedMs(peer) === 0
  }

  lane(name: string): Lane {
    const lane = this.#lanes.get(name) ?? new Lane(this.#wire.clock)
    this.#lanes.set(name, lane)
    return lane
  }

  subscribe(topic: string, handler: Handler): void {
    this.#handlers.set(topic, handler)
    for (const peer of this.#wire.links(this)) for (const told of peer.#onSubscribed) told(this.self, topic)
  }

  onSubscribed(handler: (peer: string, topic: string) => void): () => void {
    this.#onSubscribed.add(handler)
    return () => {
      this.#onSubscribed.delete(handler)
    }
  }

  unsubscribe(topic: string): void {
    this.#handlers.delete(topic)
  }

  async publish(topic: string, data: Uint8Array): Promise<void> {
    checkMessage(topic, data, this.#wire.limits)
    if (this.#seen.add(messageId(topic, data))) this.#flood(topic, new Uint8Array(data))
  }

  async send(peer: string, topic: string, data: Uint8Array): Promise<void> {
    checkMessage(topic, data, this.#wire.limits)
    const to = this.#wire.find(peer)
    if (to === undefined || !this.#wire.connects(this, to)) {
      throw new LariatError('p2p.unreachable', `there is no connection to ${peer}`, { peer })
    }
    const queue = this.#queued.get(peer) ?? { frames: 0, bytes: 0 }
    const { queueFrames, queueBytes } = this.#wire.limits
    if (queue.frames >= queueFrames || queue.bytes + data.length > queueBytes) {
      throw new LariatError('p2p.backlogged', `the queue to ${peer} is full: it reads too slowly`, { peer, ...queue })
    }
    this.#queued.set(peer, queue)
    queue.frames++
    queue.bytes += data.length
    void this.#wire
      .carry(this, to, 'direct', new Uint8Array(data), async (arrived) => {
        await to.#handle({ topic, from: this.self, via: 'direct', data: arrived })
      })
      .finally(() => {
        queue.frames--
        queue.bytes -= data.length
      })
  }

  setPeers(peers: readonly PeerAddress[]): void {
    this.#allowed = new Set(peers.map((peer) => peer.id))
  }

  connected(): readonly string[] {
    return this.#wire.links(this).map((peer) => peer.self)
  }

  penalize(peer: string, penalty: Penalty): void {
    this.#punish(peer, penalty)
  }

  async stop(): Promise<void> {
    this.#handlers.clear()
    this.#onSubscribed.clear()
    this.#wire.leave(this)
  }

  #punish(peer: string, offence: Offence): void {
    this.#scores.penalize(peer, offence)
  }

  #flood(topic: string, data: Uint8Array, except?: string): void {
    for (const to of this.#wire.links(this)) {
      if (to.self === except || !to.#handlers.has(topic)) continue
      void this.#wire.carry(this, to, 'gossip', data, (arrived) => to.#hear(this.self, topic, arrived))
    }
  }

  async #hear(from: string, topic: string, data: Uint8Array): Promise<void> {
    if (!this.#handlers.has(topic) || !this.#seen.add(messageId(topic, data))) return
    const verdict = await this.#handle({ topic, from, via: 'gossip', data })
    if (verdict === 'accept') this.#flood(topic, data, from)
  }

  async #handle(message: Inbound): Promise<Verdict> {
    const handler = this.#handlers.get(message.topic)
    if (handler === undefined) return 'ignore'
    try {
      const verdict = await handler(message)
      if (verdict === 'reject') this.#punish(message.from, 'rejected')
      return verdict
    } catch {
      return 'ignore'
    }
  }
}
