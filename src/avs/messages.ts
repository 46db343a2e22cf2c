import { SERVICES } from '../metrics/bounds.ts'
import type { Metrics } from '../metrics/registry.ts'
import type { Inbound, Penalty, Transport, Verdict } from '../p2p/transport.ts'
import type { Domain } from '../types/statement.ts'
import { MAX_MESSAGE_BYTES } from '../types/wire/limits.ts'
import type { Clock } from '../util/clock.ts'
import { describe, LariatError } from '../util/errors.ts'
import type { Address, Hex } from '../util/hex.ts'
import type { Log } from '../util/log.ts'
import type { Context, ServiceConfig } from './api.ts'
import type { Directory } from './ports.ts'

/** `accept` forwards a gossiped message, `ignore` does not, `reject` costs the peer that handed it to us. */
export type MessageVerdict = Verdict

/** Bytes from another operator, with what is authenticated about them. */
export interface ServiceMessage {
  /** Peer at the other end of the connection. Of a gossiped message it is not necessarily the author. */
  readonly peer: string
  /** The operator that registered this peer id; undefined when none did. */
  readonly operator: Address | undefined
  readonly via: 'direct' | 'gossip'
  readonly data: Uint8Array
}

/** A kind of message that operators of a service send each other besides statements. */
export interface MessageType<Config extends ServiceConfig, State> {
  /** Lower-case kebab; part of its topic. */
  readonly name: string
  /** A longer one is refused before `handle` sees it, and costs its sender. */
  readonly maxBytes: number
  /** What one peer may hand us; what is beyond it is ignored unseen. A gossiping peer hands on what all others say. */
  readonly perPeer: { readonly perSecond: number; readonly burst: number }
  /** Judges in order of cost. A throw is logged and counts as `ignore`. */
  readonly handle: (
    context: Context<Config> & { state: State; message: ServiceMessage },
  ) => MessageVerdict | Promise<MessageVerdict>
}

export type Recipient = { readonly operator: Address } | { readonly peer: string }

/** Byte messages of one service. `type` is the name of a declared type. */
export interface Messages {
  /** Our own peer id. */
  readonly self: string
  /** Sends to one over its direct stream. @throws LariatError `p2p.unreachable`, `p2p.backlogged`, `p2p.too-large`, `plugin.undeclared` */
  send(type: string, to: Recipient, data: Uint8Array): Promise<void>
  /** Gossips to all. @throws LariatError `p2p.too-large`, `plugin.undeclared` */
  publish(type: string, data: Uint8Array): Promise<void>
  /** Lowers the score of a peer whose message turned out to be false only later; enough of it cuts it off for a while. */
  penalize(peer: string, penalty: Penalty): void
  peerOf(operator: Address): string | undefined
  operatorOf(peer: string): Address | undefined
  /** Ids of connected peers. */
  connected(): readonly string[]
  /**
   * Names operators that the node shall stay connected to after they left the operator set and the last live epoch that has
   * them, for as long as they are named: the list replaces the one before. Where they are reached is read from the chain. At most
   * 512; name none that this service does not need. @throws LariatError `plugin.out-of-range`
   */
  keep(operators: readonly Address[]): void
}

/** Types that one service may declare: each is a topic. */
const MAX_TYPES = 16
/** Operators that one service may have kept connected: members of all the sharings that a beacon remembers, and to spare. */
const MAX_KEPT = 512
/** Peers whose rate is remembered; operators of a service are fewer. The one that was silent longest goes first. */
const MAX_METERS = 1_024
/** Version of the frame, which is none: bytes as the service made them, on a topic of their own. */
const TOPIC_VERSION = 1
const NAME_PATTERN = /^[a-z][a-z0-9-]{0,15}$/

export interface MessagingOptions {
  /** The plug-in's name, for metrics and log. */
  readonly name: string
  readonly service: Hex
  readonly domain: Domain
  readonly types: readonly Pick<MessageType<ServiceConfig, unknown>, 'name' | 'maxBytes' | 'perPeer'>[]
  readonly transport: Transport
  readonly directory: Directory
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

/** Hands a message to the plug-in. */
export type Deliver = (type: string, message: ServiceMessage) => MessageVerdict | Promise<MessageVerdict>

/** The messages of one service: sends at once, receives between `open` and `close`. */
export interface Messaging extends Messages {
  open(deliver: Deliver): void
  close(): void
}

/** What a plug-in's messages count. */
export function declareMessageMetrics(metrics: Metrics) {
  return metrics.counter({
    name: 'lariat_service_messages_total',
    help: 'Messages of services’ own types from peers, by verdict; limited: beyond what one peer may hand us',
    labels: {
      service: SERVICES,
      type: { of: 'message types of the services', atMost: 16 * MAX_TYPES },
      via: ['direct', 'gossip'],
      verdict: ['accept', 'ignore', 'reject', 'limited'],
    },
  })
}

/** @throws LariatError `plugin.invalid` for a type that is declared wrongly or twice */
export function createMessaging(options: MessagingOptions): Messaging {
  const { name: service, types, transport, directory, clock, log } = options
  checkTypes(service, types)
  const counted = declareMessageMetrics(options.metrics)
  const topics = new Map(types.map(({ name }) => [name, topicOf(options.domain, options.service, name)]))
  const topic = (type: string): string => {
    const found = topics.get(type)
    if (found === undefined) {
      throw new LariatError('plugin.undeclared', `service ${service} declares no message type "${type}"`)
    }
    return found
  }
  const check = (type: string, data: Uint8Array) => {
    const most = types.find(({ name }) => name === type)?.maxBytes ?? 0
    if (data.length <= most) return
    throw new LariatError('p2p.too-large', `a ${type} message of ${data.length} bytes is over ${most}`, { type })
  }

  return {
    self: transport.self,
    async send(type, to, data) {
      const name = topic(type)
      check(type, data)
      const peer = 'peer' in to ? to.peer : directory.peerOf(to.operator)
      if (peer === undefined) {
        const operator = 'operator' in to ? to.operator : undefined
        throw new LariatError('p2p.unreachable', `operator ${operator} has registered no peer id`, { operator })
      }
      await transport.send(peer, name, data)
    },
    async publish(type, data) {
      const name = topic(type)
      check(type, data)
      await transport.publish(name, data)
    },
    penalize: (peer, penalty) => transport.penalize(peer, penalty),
    peerOf: (operator) => directory.peerOf(operator),
    operatorOf: (peer) => directory.operatorOf(peer),
    connected: () => transport.connected(),
    keep(operators) {
      if (operators.length > MAX_KEPT) {
        throw new LariatError(
          'plugin.out-of-range',
          `service ${service} would keep ${operators.length} operators, over ${MAX_KEPT}`,
        )
      }
      directory.keep(operators)
    },

    open(deliver) {
      for (const type of types) {
        const meters = new Meters(type.perPeer, clock)
        transport.subscribe(topic(type.name), async (inbound) => {
          const verdict = await judge(type, meters, inbound)
          counted.inc({ service, type: type.name, via: inbound.via, verdict })
          return verdict === 'limited' ? 'ignore' : verdict
        })
      }

      async function judge(
        { name, maxBytes }: MessagingOptions['types'][number],
        meters: Meters,
        { from: peer, via, data }: Inbound,
      ): Promise<Verdict | 'limited'> {
        if (data.length > maxBytes) return 'reject'
        if (!meters.spend(peer)) return 'limited'
        try {
          return await deliver(name, { peer, operator: directory.operatorOf(peer), via, data })
        } catch (error) {
          log.error('a message could not be judged', { type: name, peer, error: describe(error) })
          return 'ignore'
        }
      }
    },
    close() {
      for (const name of topics.values()) transport.unsubscribe(name)
    },
  }
}

/** A token bucket for each peer. */
class Meters {
  readonly #rate: { readonly perSecond: number; readonly burst: number }
  readonly #clock: Clock
  /** Oldest use first. */
  readonly #peers = new Map<string, { tokens: number; at: number }>()

  constructor(rate: { readonly perSecond: number; readonly burst: number }, clock: Clock) {
    this.#rate = rate
    this.#clock = clock
  }

  /** Takes one message of the peer's allowance; false when it has none left. */
  spend(peer: string): boolean {
    const now = this.#clock.now()
    const { perSecond, burst } = this.#rate
    const { tokens, at } = this.#peers.get(peer) ?? { tokens: burst, at: now }
    const left = Math.min(burst, tokens + (Math.max(0, now - at) / 1_000) * perSecond)
    this.#peers.delete(peer)
    this.#peers.set(peer, { tokens: left < 1 ? left : left - 1, at: now })
    if (this.#peers.size > MAX_METERS) {
      const [oldest] = this.#peers.keys()
      if (oldest !== undefined) this.#peers.delete(oldest)
    }
    return left >= 1
  }
}

function checkTypes(service: string, types: MessagingOptions['types']): void {
  const invalid = (what: string) => new LariatError('plugin.invalid', `service ${service}: ${what}`)
  if (types.length > MAX_TYPES) throw invalid(`at most ${MAX_TYPES} message types`)
  if (new Set(types.map(({ name }) => name)).size < types.length) throw invalid('two message types of one name')
  for (const { name, maxBytes, perPeer } of types) {
    if (!NAME_PATTERN.test(name)) {
      throw invalid(`message type "${name}": use lower-case letters, digits and hyphens, at most 16`)
    }
    if (!Number.isInteger(maxBytes) || maxBytes < 1 || maxBytes > MAX_MESSAGE_BYTES) {
      throw invalid(`message type ${name}: maxBytes from 1 to ${MAX_MESSAGE_BYTES}`)
    }
    if (!(perPeer.perSecond > 0) || !(perPeer.burst >= 1)) {
      throw invalid(`message type ${name}: perPeer needs perSecond above 0 and burst of at least 1`)
    }
  }
}

/** Topic of a message type: frame version, chain, contract, service, type; at most 124 bytes. */
function topicOf({ chainId, serviceManager }: Domain, service: Hex, type: string): string {
  return `/lariat-m/${TOPIC_VERSION}/${chainId}/${serviceManager.toLowerCase()}/${service.slice(2, 18)}/${type}`
}
