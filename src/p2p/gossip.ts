import {
  type GossipSub,
  type GossipSubComponents,
  type GossipsubMessage,
  gossipsub,
  StrictNoSign,
  TopicValidatorResult,
} from '@libp2p/gossipsub'
import type { RPC } from '@libp2p/gossipsub/message'
import { createTopicScoreParams, type PeerScoreParams, type TopicScoreParams } from '@libp2p/gossipsub/score'
import type { Connection, PeerId, Stream } from '@libp2p/interface'
import type { Limits } from './limits.ts'
import { messageId } from './message.ts'
import type { GossipMeter } from './meter.ts'
import type { P2pMetrics } from './metrics.ts'
import type { Offence } from './scoring.ts'
import type { Verdict } from './transport.ts'

/** Parts of gossipsub's implementation that its exported interface leaves out; `gossipService` asserts that they are there. */
export interface GossipInternals extends GossipSub {
  handleReceivedRpc(from: PeerId, rpc: RPC): Promise<void>
  reportMessageValidationResult(id: string, source: string, acceptance: TopicValidatorResult): void
  readonly streamsInbound: Map<string, unknown>
  readonly streamsOutbound: Map<string, unknown>
  readonly score: { readonly params: PeerScoreParams }
}

export interface GossipOptions {
  readonly limits: Limits
  /** Whether anything is subscribed to the topic here. */
  readonly isSubscribed: (topic: string) => boolean
  /** Penalty points of a peer; they weigh on gossipsub's own score. */
  readonly pointsOf: (peer: string) => number
  readonly metrics: P2pMetrics
  /** The peer's rate; undefined when it is not allowed. */
  readonly meterOf: (peer: string) => GossipMeter | undefined
  readonly penalize: (peer: string, offence: Offence) => void
  /** Judges a message that was not seen before. Never rejects. */
  readonly onMessage: (peer: string, topic: string, data: Uint8Array) => Promise<Verdict>
  /** Several nodes share the loopback address: do not score that down. */
  readonly loopback: boolean
}

/**
 * gossipsub by libp2p specification v1.2, set up for a closed group: messages carry no author and no signature
 * (StrictNoSign) because statements are signed themselves; an id is the hash of topic and data; nothing is forwarded
 * before its handler accepted it.
 */
export function gossipService(options: GossipOptions): (components: GossipSubComponents) => GossipInternals {
  const { limits, isSubscribed } = options
  const create = gossipsub({
    globalSignaturePolicy: StrictNoSign,
    msgIdFn: (message) => Buffer.from(messageId(message.topic, message.data), 'hex'),
    msgIdToStrFn: (id) => Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('hex'),
    fastMsgIdFn: (message) => {
      // a throw drops the message before gossipsub caches it
      if (!isSubscribed(message.topic)) throw new Error('not subscribed to the topic')
      return messageId(message.topic, message.data ?? new Uint8Array())
    },
    seenTTL: limits.seenMs,
    asyncValidation: true,
    // one hop to everyone: operators are few and all connected, and a slot's latency counts more than the bytes
    floodPublish: true,
    // so the mesh only bridges what the flood missed, and can be thin: each link of it repeats every message
    ...{ D: 4, Dlo: 3, Dhi: 6, Dscore: 2, Dout: 1, Dlazy: 3 },
    batchPublish: true,
    emitSelf: false,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    fallbackToFloodsub: false,
    tagMeshPeers: false,
    doPX: false,
    // above what publish allows by far, because a peer answers IWANT with many messages in one go
    maxInboundDataLength: 8 * limits.messageBytes,
    maxOutboundBufferSize: 16 * limits.messageBytes,
    maxTopicBytesPerPeer: MAX_TOPIC_BYTES_PER_PEER,
    scoreParams: scoreParams(options),
  })
  return (components) => {
    const gossip = create(components)
    assertInternals(gossip)
    return connect(gossip, options)
  }
}

/** Topics of one peer: gossipsub counts about 1 KiB for each; an operator serves far fewer than 256 services. */
const MAX_TOPIC_BYTES_PER_PEER = 256 * 1024

/** gossipsub's own score within one topic: what brings news earns a little, what is rejected costs much. */
const TOPIC_SCORE: Partial<TopicScoreParams> = {
  topicWeight: 1,
  timeInMeshWeight: 0,
  // a bonus of 5 at most for those that bring news first
  firstMessageDeliveriesWeight: 0.1,
  firstMessageDeliveriesDecay: 0.9,
  firstMessageDeliveriesCap: 50,
  // a quiet topic is no fault of a mesh peer's
  meshMessageDeliveriesWeight: 0,
  meshFailurePenaltyWeight: 0,
  // squared: two rejected messages within seconds cost the gossip threshold, three the graylist
  invalidMessageDeliveriesWeight: -10,
  invalidMessageDeliveriesDecay: 0.9,
}

function scoreParams({ pointsOf, loopback }: GossipOptions): Partial<PeerScoreParams> {
  return {
    appSpecificScore: (peer) => -pointsOf(peer),
    appSpecificWeight: 1,
    ...(loopback ? { IPColocationFactorWhitelist: new Set(['127.0.0.1', '::1']) } : {}),
    // a busy machine breaks a few promises of IWANT without malice
    behaviourPenaltyWeight: -5,
    behaviourPenaltyThreshold: 6,
    behaviourPenaltyDecay: 0.9,
    // ms; operators come back with the same id, so what is remembered longer than a ban serves nobody
    retainScore: 10 * 60 * 1000,
  }
}

const ACCEPTANCE: Readonly<Record<Verdict, TopicValidatorResult>> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
}

function connect(gossip: GossipInternals, options: GossipOptions): GossipInternals {
  const { limits, metrics, meterOf, onMessage, penalize } = options
  const receive = gossip.handleReceivedRpc.bind(gossip)
  gossip.handleReceivedRpc = async (from, rpc) => {
    const meter = meterOf(from.toString())
    if (meter !== undefined) await receive(from, meter.filter(rpc))
  }
  const working = new Map<string, number>()
  gossip.addEventListener('gossipsub:message', ({ detail }: CustomEvent<GossipsubMessage>) => {
    const { msgId, msg } = detail
    const peer = detail.propagationSource.toString()
    const report = (verdict: Verdict): void => gossip.reportMessageValidationResult(msgId, peer, ACCEPTANCE[verdict])
    const before = working.get(peer) ?? 0
    if (msg.data.length > limits.messageBytes) {
      metrics.dropped('malformed')
      penalize(peer, 'malformed')
      return report('reject')
    }
    if (before >= limits.handlersPerPeer) {
      metrics.dropped('overloaded')
      return report('ignore')
    }
    working.set(peer, before + 1)
    void onMessage(peer, msg.topic, new Uint8Array(msg.data)).then((verdict) => {
      const left = (working.get(peer) ?? 1) - 1
      if (left > 0) working.set(peer, left)
      else working.delete(peer)
      report(verdict)
    })
  })
  return gossip
}

/** Subscribes, and gives the topic a score entry: without one a rejected message costs its sender nothing. */
export function joinTopic(gossip: GossipInternals, topic: string): void {
  gossip.score.params.topics[topic] = createTopicScoreParams(TOPIC_SCORE)
  gossip.subscribe(topic)
}

export function leaveTopic(gossip: GossipInternals, topic: string): void {
  gossip.unsubscribe(topic)
  delete gossip.score.params.topics[topic]
}

/** gossipsub's own records of its streams, by peer. */
export type GossipStreams = Pick<GossipInternals, 'streamsInbound' | 'streamsOutbound'>

/**
 * Whether gossip flows both ways over `connection`: gossipsub must use a stream each way, and there must be one. Either
 * alone misleads: its records may be stale, and it gives up a stream whose bytes it cannot decode without closing it.
 */
export function isGossiping(gossip: GossipStreams, connection: Connection): boolean {
  const peer = connection.remotePeer.toString()
  const flows = (direction: Stream['direction']): boolean =>
    connection.streams.some(
      (stream) => stream.direction === direction && stream.status === 'open' && stream.protocol.startsWith(PROTOCOLS),
    )
  const uses = gossip.streamsInbound.has(peer) && gossip.streamsOutbound.has(peer)
  return uses && flows('inbound') && flows('outbound')
}

/** What all versions of gossipsub's protocol begin with. */
const PROTOCOLS = '/meshsub/'

/**
 * To be called when a peer's first connection opens. A stream that opened just when the previous connection broke stays on
 * gossipsub's record, and it would never open another to that peer.
 */
export function forgetStreams(gossip: GossipStreams, peer: string): void {
  gossip.streamsInbound.delete(peer)
  gossip.streamsOutbound.delete(peer)
}

function assertInternals(gossip: GossipSub): asserts gossip is GossipInternals {
  const has = (name: string): boolean => name in gossip
  const needed = ['handleReceivedRpc', 'reportMessageValidationResult', 'streamsInbound', 'streamsOutbound', 'score']
  const missing = needed.filter((name) => !has(name))
  if (missing.length > 0) throw new Error(`this version of gossipsub has no ${missing.join(', ')}`)
}
