import type { GossipSubComponents } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import type { ConnectionGater, Libp2p, PrivateKey } from '@libp2p/interface'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { coalesceWrites } from './coalesce.ts'
import { encryption } from './encryption.ts'
import { STREAM_WINDOW_BYTES } from './framing.ts'
import type { GossipInternals } from './gossip.ts'
import { muxer } from './muxer.ts'

export interface NodeOptions {
  readonly privateKey: PrivateKey
  readonly listen: readonly string[]
  readonly announce: readonly string[]
  readonly gater: ConnectionGater
  readonly gossip: (components: GossipSubComponents) => GossipInternals
  readonly loopback: boolean
}

export type Node = Libp2p<{ gossip: GossipInternals }>

/** Connections at once, those in the handshake included: several times the largest set of operators we plan for. */
const MAX_CONNECTIONS = 1_024
/** Strangers may hold this many handshakes open at once, each for `HANDSHAKE_MS` at most. */
const MAX_PENDING = 64
const HANDSHAKE_MS = 5_000
/** New connections a second from one address. libp2p's default of 5 refuses a network on one machine. */
const CONNECTIONS_PER_SECOND = 10
const CONNECTIONS_PER_SECOND_LOOPBACK = 10_000
/** ms for one address, and for all addresses of one dial: five round trips of a slow link, and a slow name server. */
const ADDRESS_DIAL_MS = 4_000
const DIAL_MS = 10_000
/** ms to agree on a stream's protocol. gossipsub opens its streams one after another: a slow peer holds up the others. */
const NEGOTIATION_MS = 3_000
/** Streams on one connection: gossip, direct, identify and ping need under ten. */
const MAX_STREAMS = 64
/** Bytes of a frame buffer before yamux gives a stream up: twice its window. */
const READ_BUFFER_BYTES = 2 * STREAM_WINDOW_BYTES

/** libp2p over TCP (Nagle is off by default there) with noise and yamux, not started. */
export async function createNode(options: NodeOptions): Promise<Node> {
  return createLibp2p({
    start: false,
    privateKey: options.privateKey,
    nodeInfo: { name: 'lariat' },
    addresses: { listen: [...options.listen], announce: [...options.announce] },
    transports: [tcp()],
    connectionEncrypters: [encryption()],
    streamMuxers: [
      muxer({
        maxInboundStreams: MAX_STREAMS,
        maxOutboundStreams: MAX_STREAMS,
        streamOptions: { maxStreamWindowSize: STREAM_WINDOW_BYTES, maxReadBufferLength: READ_BUFFER_BYTES },
      }),
    ],
    connectionProtector: () => coalesceWrites,
    connectionGater: options.gater,
    connectionManager: {
      maxConnections: MAX_CONNECTIONS,
      maxIncomingPendingConnections: MAX_PENDING,
      inboundConnectionThreshold: options.loopback ? CONNECTIONS_PER_SECOND_LOOPBACK : CONNECTIONS_PER_SECOND,
      inboundUpgradeTimeout: HANDSHAKE_MS,
      dialTimeout: DIAL_MS,
      addressDialTimeout: ADDRESS_DIAL_MS,
      outboundStreamProtocolNegotiationTimeout: NEGOTIATION_MS,
      inboundStreamProtocolNegotiationTimeout: NEGOTIATION_MS,
      resolvers: {},
      reconnectRetries: 0,
    },
    // `Clocks` finds dead connections: a ping opens a stream for each question, which costs ten times what the question does
    connectionMonitor: { enabled: false },
    services: { identify: identify(), ping: ping(), gossip: options.gossip },
  })
}
