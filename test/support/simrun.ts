import type { AnyService } from '../../src/avs/api.ts'
import type { ServiceChain } from '../../src/avs/ports.ts'
import type { Timing } from '../../src/avs/runtime.ts'
import { createMemoryNetwork, type MemoryNetwork, type MemoryTransport } from '../../src/p2p/memory.ts'
import type { StatementSigner } from '../../src/signer/signer.ts'
import { memoryGuardStore } from '../../src/store/memory.ts'
import type { GuardStore, SlotRecord } from '../../src/store/store.ts'
import type { EpochTable } from '../../src/types/epoch.ts'
import { SimClock } from '../../src/util/simclock.ts'
import { INTERVAL } from './services.ts'
import { type Cast, castOf, directoryOf, SERVICE, startNode, type TestNode, type TestNodeOptions } from './simnet.ts'

/** Unix second of slot 0 in simulations. */
export const GENESIS = 1_700_000_000

/** A network of operators in one process on an injected clock. */
export interface SimRun {
  readonly clock: SimClock
  readonly network: MemoryNetwork
  readonly cast: Cast
  readonly peers: readonly string[]
  readonly transports: MemoryTransport[]
  readonly nodes: TestNode[]
  /** What each operator signed. */
  readonly guards: readonly GuardStore[]
  /** Lets `slots` slots pass. */
  pass(slots: number): Promise<void>
  /** Kills a node and starts it again on what it had on disk; takes six seconds. */
  restart(index: number): Promise<void>
  /** Records of a node, oldest first. */
  records(index: number): SlotRecord[]
  stop(): Promise<void>
}

export interface SimRunOptions {
  readonly count: number
  readonly definition: AnyService
  /** Printed in the names of tests, so that a failure can be repeated. */
  readonly seed: number
  readonly weights?: readonly bigint[]
  /** Operators that are not started. */
  readonly down?: readonly number[]
  readonly chain?: ServiceChain
  /** As `chain`, for one that runs on the simulation's clock. */
  readonly chainOf?: (clock: SimClock, cast: Cast) => ServiceChain
  readonly timing?: Partial<Timing>
  /** Keys of an operator other than the cast's; undefined for the cast's. */
  readonly secretOf?: (index: number) => TestNodeOptions['secret']
  /** Tables other than the cast's. */
  readonly tables?: (cast: Cast) => readonly EpochTable[]
  readonly silentSlots?: number
  readonly wrapSigner?: (index: number, signer: StatementSigner) => StatementSigner
}

/** Starts operators two seconds before slot 2, which is the first one after their floor. */
export async function simRun(options: SimRunOptions): Promise<SimRun> {
  const clock = new SimClock(GENESIS * 1000)
  const network = createMemoryNetwork({ clock, seed: options.seed, latency: () => 3 })
  const cast = castOf(options.count, options.weights)
  const peers = cast.operators.map((_, i) => `peer-${i}`)
  const transports = peers.map((peer) => network.join(peer))
  const nodes: TestNode[] = []
  const chain = options.chain ?? options.chainOf?.(clock, cast)
  const guards = cast.operators.map(() => memoryGuardStore())
  const start = async (index: number, transport: MemoryTransport) => {
    const wrap = options.wrapSigner
    const before = nodes[index]
    transport.setPeers(peers.map((id) => ({ id, addresses: [] })))
    nodes[index] = await startNode({
      cast,
      index,
      definition: options.definition,
      config: { genesis: GENESIS },
      clock,
      transport,
      directory: directoryOf(cast, peers),
      guard: guards[index] as GuardStore,
      silentSlots: options.silentSlots ?? 0,
      ...(before === undefined ? {} : { data: before.data, evidence: before.evidence, sightings: before.sightings }),
      ...(chain === undefined ? {} : { chain }),
      ...(options.timing === undefined ? {} : { timing: options.timing }),
      secret: options.secretOf?.(index),
      tables: options.tables?.(cast),
      ...(wrap === undefined ? {} : { wrapSigner: (signer: StatementSigner) => wrap(index, signer) }),
    })
  }
  for (const [index, transport] of transports.entries()) {
    if (options.down?.includes(index)) {
      await transport.stop()
      continue
    }
    await start(index, transport)
  }
  return {
    clock,
    network,
    cast,
    peers,
    transports,
    nodes,
    guards,
    pass: (slots) => clock.advance(slots * INTERVAL * 1000),
    records: (index) => (nodes[index] as TestNode).data.journal.list({ service: SERVICE, limit: 1000 }).reverse(),
    async restart(index) {
      await transports[index]?.stop()
      const stopped = nodes[index]?.runner.stop()
      await clock.advance(6_000)
      await stopped
      const transport = network.join(peers[index] as string)
      transports[index] = transport
      await start(index, transport)
    },
    async stop() {
      // stopping waits for open work, which waits for time to pass
      const stopped = Promise.all(Object.values(nodes).map((node) => node.runner.stop()))
      await clock.advance(60_000)
      await stopped
    },
  }
}
