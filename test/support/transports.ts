import { createMetrics, type Metrics } from '../../src/metrics/registry.ts'
import { generateIdentity, type Identity } from '../../src/p2p/identity.ts'
import { type Libp2pTransport, startLibp2p } from '../../src/p2p/libp2p.ts'
import type { Limits } from '../../src/p2p/limits.ts'
import { createMemoryNetwork } from '../../src/p2p/memory.ts'
import type { PeerAddress, Transport } from '../../src/p2p/transport.ts'
import { systemClock } from '../../src/util/clock.ts'
import { silentLog } from '../../src/util/log.ts'
import { SimClock } from '../../src/util/simclock.ts'
import { eventually } from './eventually.ts'

/** Some transports that do not allow each other yet, and a way to wait that fits their clock. */
export interface Cluster {
  readonly transports: readonly Transport[]
  readonly addresses: readonly PeerAddress[]
  until(probe: () => boolean | Promise<boolean>, otherwise: string): Promise<void>
  stop(): Promise<void>
}

export type MakeCluster = (count: number, limits?: Partial<Limits>) => Promise<Cluster>

export const memoryCluster: MakeCluster = async (count, limits = {}) => {
  const clock = new SimClock()
  const network = createMemoryNetwork({ clock, seed: 1, latency: () => 1, limits })
  const transports = Array.from({ length: count }, (_, i) => network.join(`peer-${i}`))
  return {
    transports,
    addresses: transports.map(({ self }) => ({ id: self, addresses: [] })),
    async until(probe, otherwise) {
      for (let step = 0; step < 1_000; step++) {
        if (await probe()) return
        await clock.advance(10)
      }
      throw new Error(`${otherwise} (10 s of simulated time)`)
    },
    async stop() {
      await Promise.all(transports.map((transport) => transport.stop()))
    },
  }
}

export interface StartOptions {
  readonly identity?: Identity
  readonly listen?: string
  readonly limits?: Partial<Limits>
  readonly metrics?: Metrics
}

/** A node on the loopback address, on a free port unless told otherwise. */
export async function startNode({ identity, listen, limits, metrics }: StartOptions = {}): Promise<Libp2pTransport> {
  return startLibp2p({
    listen: [listen ?? '/ip4/127.0.0.1/tcp/0'],
    announce: [],
    identity: identity ?? (await generateIdentity()),
    metrics: metrics ?? createMetrics(),
    log: silentLog,
    clock: systemClock,
    loopback: true,
    ...(limits === undefined ? {} : { limits }),
  })
}

export function addressOf(transport: Libp2pTransport): PeerAddress {
  return { id: transport.self, addresses: transport.multiaddrs() }
}

export const libp2pCluster: MakeCluster = async (count, limits = {}) => {
  const transports = await Promise.all(Array.from({ length: count }, () => startNode({ limits })))
  return {
    transports,
    addresses: transports.map(addressOf),
    until: (probe, otherwise) => eventually(probe, otherwise),
    async stop() {
      await Promise.all(transports.map((transport) => transport.stop()))
    },
  }
}

/** What a transport's handler got, and what it answers. */
export class Recorder {
  readonly got: { readonly from: string; readonly via: string; readonly text: string }[] = []
  readonly #probes = new Set<string>()

  constructor(
    transport: Transport,
    topic: string,
    answer: (text: string) => 'accept' | 'ignore' | 'reject' = () => 'accept',
  ) {
    transport.subscribe(topic, async ({ from, via, data }) => {
      const text = Buffer.from(data).toString()
      if (text.startsWith(PROBE)) {
        this.#probes.add(text.split(' ')[1] ?? '')
        return 'accept'
      }
      this.got.push({ from, via, text })
      return answer(text)
    })
  }

  heardProbeOf(peer: string): boolean {
    return this.#probes.has(peer)
  }

  texts(): string[] {
    return this.got.map(({ text }) => text)
  }
}

const PROBE = 'probe '
let probes = 0

/** Waits until everyone who listens hears what anyone gossips: subscriptions travel after connections are made. */
export async function warm(cluster: Cluster, topic: string, recorders: readonly Recorder[]): Promise<void> {
  await cluster.until(async () => {
    await Promise.all(
      cluster.transports.map((transport) =>
        transport.publish(topic, Buffer.from(`${PROBE}${transport.self} ${probes++}`)),
      ),
    )
    return recorders.every((recorder, i) =>
      cluster.transports.every(({ self }, j) => i === j || recorder.heardProbeOf(self)),
    )
  }, 'gossip does not reach everyone')
}

/** Peers allow each other along these pairs of indices only. */
export async function link(cluster: Cluster, pairs: readonly (readonly [number, number])[]): Promise<void> {
  const linked = (i: number, j: number) => pairs.some(([a, b]) => (a === i && b === j) || (a === j && b === i))
  const neighbours = cluster.transports.map((_, i) => cluster.addresses.filter((_, j) => linked(i, j)))
  for (const [i, transport] of cluster.transports.entries()) transport.setPeers(neighbours[i] ?? [])
  await cluster.until(
    () => cluster.transports.every((transport, i) => transport.connected().length === neighbours[i]?.length),
    'the peers do not connect',
  )
}

/** Everyone allows everyone. */
export function linkAll(cluster: Cluster): Promise<void> {
  const indices = [...cluster.transports.keys()]
  return link(
    cluster,
    indices.flatMap((i) => indices.filter((j) => j > i).map((j) => [i, j] as const)),
  )
}
