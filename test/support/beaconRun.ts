import type { AnyService, RouteReply, ServiceChain } from '../../src/avs/api.ts'
import type { Directory } from '../../src/avs/ports.ts'
import { decodePartials, decodeRounds } from '../../src/avs/randomness/beacon/wire.ts'
import randomness from '../../src/avs/randomness/index.ts'
import type { RandomnessState } from '../../src/avs/randomness/state.ts'
import type { Shares } from '../../src/avs/shares.ts'
import { startThreshold } from '../../src/bls/threshold/start.ts'
import { peerTimeOf } from '../../src/node/peerTime.ts'
import type { Fault } from '../../src/p2p/faults.ts'
import { createMemoryNetwork, type MemoryNetwork, type MemoryTransport } from '../../src/p2p/memory.ts'
import type { Transport } from '../../src/p2p/transport.ts'
import { memoryDataStore } from '../../src/store/memory.ts'
import type { DataStore } from '../../src/store/store.ts'
import type { Clock } from '../../src/util/clock.ts'
import type { Address } from '../../src/util/hex.ts'
import { SimClock } from '../../src/util/simclock.ts'
import { type DealtGroup, type DealtSharing, dealGroup, dealSharing, dealtVault } from './beacon.ts'
import { memoryLog } from './memoryLog.ts'
import { type Cast, castOf, directoryOf, fixedEpochs, noChain, startNode, type TestNode } from './simnet.ts'

/** Unix second of round 1. */
export const GENESIS = 1_700_000_000n
/** Seconds. */
export const PERIOD = 3
/** Length of a window of conduct, seconds. */
export const WINDOW = 60

export interface BeaconRunOptions {
  readonly count: number
  readonly seed: number
  /** Shares of each operator; one each when left out. */
  readonly shares?: readonly number[]
  /** A majority of the shares when left out. */
  readonly threshold?: number
  /** Operators that are not started. */
  readonly down?: readonly number[]
  /** ms by which the clocks of operators are ahead of the true time; negative for those behind. */
  readonly ahead?: Readonly<Record<number, number>>
  /** What an operator makes of its own partials before they leave. */
  readonly spoil?: Readonly<Record<number, (index: number, signature: Uint8Array) => Uint8Array>>
  readonly faults?: readonly Fault[]
  /** Operators that keep whole rounds to themselves. */
  readonly withhold?: readonly number[]
  /** Peer ids by operator; `peer-<index>` when left out. */
  readonly peers?: readonly string[]
  /** Says for a node who is reachable where, and whom its transport connects to; all are for good when left out. */
  readonly directory?: (transport: MemoryTransport, clock: SimClock) => Promise<Directory>
}

/** What `reportConduct` was called with. */
export interface Report {
  readonly window: bigint
  readonly operators: readonly Address[]
}

/** Partials of a round on their way, and when they left by the true time. */
export interface Sighting {
  readonly from: string
  readonly round: bigint
  readonly at: number
}

/** A whole round on its way: what nobody may see before its time. */
export interface RoundSighting extends Sighting {
  readonly signature: Uint8Array
}

export interface BeaconNode extends TestNode {
  readonly state: RandomnessState
  readonly log: ReturnType<typeof memoryLog>
}

/** Operators of a beacon in one process, on an injected clock; a trusted dealer made their shares. */
export interface BeaconRun {
  readonly clock: SimClock
  readonly network: MemoryNetwork
  readonly cast: Cast
  readonly dealt: DealtGroup
  readonly first: DealtSharing
  readonly nodes: readonly (BeaconNode | undefined)[]
  /** Every partial that went over the network. */
  readonly sightings: readonly Sighting[]
  readonly roundSightings: readonly RoundSighting[]
  readonly reports: readonly Report[]
  node(index: number): BeaconNode
  /** Until half of the period after the boundary of `round`. */
  toRound(round: bigint): Promise<void>
  start(index: number): Promise<void>
  kill(index: number): Promise<void>
  /** All running nodes, and those started later, learn of another sharing. */
  announce(next: DealtSharing, to?: readonly number[]): void
  /** A transport under the peer id of operator `index`, which must be down: for one that does not behave. */
  rogue(index: number): MemoryTransport
  get(index: number, path: string, query?: string): Promise<RouteReply>
  stop(): Promise<void>
}

/** Where nobody asks for randomness. */
const BEACON: Address = `0x${'be'.repeat(20)}`

/** The chain as far as conduct needs it; what is reported goes to `reports`. */
function windowChain(reports: Report[], windowSeconds: number): ServiceChain {
  const facts: Readonly<Record<string, unknown>> = {
    genesis: GENESIS,
    windowSeconds,
    conductReported: false,
    beacon: BEACON,
    feesOf: 0n,
  }
  return {
    ...noChain,
    read: (async ({ functionName }: { functionName: string }) => facts[functionName]) as ServiceChain['read'],
    write: (async ({ args }: { args: readonly unknown[] }) => {
      reports.push({ window: args[1] as bigint, operators: args[4] as readonly Address[] })
      return { hash: `0x${'00'.repeat(32)}`, blockNumber: 1n, gasUsed: 1n, status: 'success' }
    }) as unknown as ServiceChain['write'],
  }
}

/** What one operator of a beacon runs on. */
export interface BeaconNodeOptions {
  readonly cast: Cast
  readonly index: number
  readonly dealt: Pick<DealtGroup, 'group'>
  /** Those that it knows from the start; its vault looks here for later ones too. */
  readonly sharings: readonly DealtSharing[]
  readonly transport: Transport
  readonly clock: Clock
  /** The time by the other operators' clocks, ms since the epoch. */
  readonly now: () => number | undefined
  /** Peer ids by operator; `peer-<index>` when left out. */
  readonly peers?: readonly string[]
  readonly reports?: Report[]
  /** Length of a window of conduct, seconds; `WINDOW` when left out. */
  readonly windowSeconds?: number
  readonly data?: DataStore
  readonly spoil?: ((index: number, signature: Uint8Array) => Uint8Array) | undefined
  /** Instead of `peers`. */
  readonly directory?: Directory
  /** A vault of another kind than the dealt one. */
  readonly shares?: Shares
}

/** Operator `index`, on any transport and clock. */
export async function startBeaconNode(options: BeaconNodeOptions): Promise<BeaconNode> {
  const { cast, index, dealt, sharings, transport, clock, reports = [], data = memoryDataStore(), spoil } = options
  const { peers = cast.operators.map((_, i) => `peer-${i}`) } = options
  const log = memoryLog()
  let state: RandomnessState | undefined
  const definition: AnyService = {
    ...randomness,
    async state(context) {
      const made: RandomnessState = await randomness.state?.(context)
      state = made
      made.sharings.setGroup(dealt.group)
      for (const { sharing } of sharings) made.sharings.add(sharing)
      return made
    },
  }
  const operator = cast.operators[index] as Address
  const node = await startNode({
    ...{ cast, index, definition, clock, transport, data, log },
    config: {},
    directory: options.directory ?? directoryOf(cast, peers),
    chain: windowChain(reports, options.windowSeconds ?? WINDOW),
    peerTime: { now: options.now },
    shares: options.shares ?? (dealtVault(operator, sharings, dealt.group.schedule, clock, spoil) as Shares),
  })
  return { ...node, state: state as RandomnessState, log }
}

/** Starts operators two seconds before round 1. */
export async function beaconRun(options: BeaconRunOptions): Promise<BeaconRun> {
  await startThreshold()
  const { count, seed } = options
  const schedule = { genesis: GENESIS, period: PERIOD }
  const clock = new SimClock(Number(GENESIS) * 1_000 - 2_000)
  const sightings: Sighting[] = []
  const roundSightings: RoundSighting[] = []
  const reports: Report[] = []
  const network = createMemoryNetwork({
    clock,
    seed,
    latency: () => 3,
    ...(options.faults === undefined ? {} : { faults: options.faults }),
    drop(from, _to, data) {
      const message = decodePartials(data)
      if (message !== undefined) sightings.push({ from, round: message.round, at: clock.now() })
      const rounds = decodeRounds(data) ?? []
      for (const round of rounds) roundSightings.push({ from, ...round, at: clock.now() })
      return rounds.length > 0 && (options.withhold ?? []).some((index) => from === peers[index])
    },
  })
  const cast = castOf(count)
  const peers = options.peers ?? cast.operators.map((_, i) => `peer-${i}`)
  const dealt = dealGroup(seed, schedule)
  const shares = options.shares ?? cast.operators.map(() => 1)
  const total = shares.reduce((sum, one) => sum + one, 0)
  const first = dealSharing(dealt, {
    number: 1n,
    switchRound: 1n,
    threshold: options.threshold ?? Math.floor(total / 2) + 1,
    members: cast.operators.map((operator, i) => ({ operator, shares: shares[i] ?? 1 })),
  })
  const sharings = [first]
  const nodes: (BeaconNode | undefined)[] = []
  const transports: (MemoryTransport | undefined)[] = []
  const kept: DataStore[] = cast.operators.map(() => memoryDataStore())

  const clockOf = (index: number): Clock => {
    const ahead = options.ahead?.[index] ?? 0
    return ahead === 0 ? clock : { now: () => clock.now() + ahead, after: (ms, fn) => clock.after(ms, fn) }
  }

  /** The others' clocks, as a node reads them; those of who is down as they were read last. */
  const timeOfOthers = (index: number, own: Clock) =>
    peerTimeOf({
      readings: { offsetOf: (peer) => clockOf(peers.indexOf(peer)).now() - own.now() },
      directory: directoryOf(cast, peers),
      epochs: fixedEpochs(cast.table),
      operator: cast.operators[index] as Address,
      clock: own,
    })

  async function start(index: number): Promise<void> {
    const own = clockOf(index)
    const transport = network.join(peers[index] as string)
    transports[index] = transport
    const directory = await options.directory?.(transport, clock)
    if (directory === undefined) transport.setPeers(peers.map((id) => ({ id, addresses: [] })))
    nodes[index] = await startBeaconNode({
      ...{ cast, index, dealt, sharings, transport, reports, directory: directory ?? directoryOf(cast, peers) },
      clock: own,
      now: timeOfOthers(index, own).now,
      data: kept[index] as DataStore,
      spoil: options.spoil?.[index],
    })
  }

  for (let index = 0; index < count; index++) if (!options.down?.includes(index)) await start(index)

  const node = (index: number): BeaconNode => {
    const found = nodes[index]
    if (found === undefined) throw new Error(`operator ${index} does not run`)
    return found
  }
  return {
    clock,
    network,
    cast,
    dealt,
    first,
    nodes,
    sightings,
    roundSightings,
    reports,
    node,
    start,
    toRound: (round) =>
      clock.advance(Number(GENESIS + (round - 1n) * BigInt(PERIOD)) * 1_000 + PERIOD * 500 - clock.now()),
    async kill(index) {
      await transports[index]?.stop()
      const stopped = node(index).runner.stop()
      nodes[index] = undefined
      await clock.advance(1)
      await stopped
    },
    announce(next, to = nodes.map((_, index) => index)) {
      if (!sharings.includes(next)) sharings.push(next)
      for (const index of to) nodes[index]?.state.sharings.add(next.sharing)
    },
    rogue(index) {
      const transport = network.join(peers[index] as string)
      transport.setPeers(peers.map((id) => ({ id, addresses: [] })))
      transports[index] = transport
      return transport
    },
    async get(index, path, query = '') {
      for (const route of node(index).runner.routes) {
        const pattern = new RegExp(`^${route.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)
        const match = pattern.exec(path)
        if (match === null) continue
        const request = { query: new URLSearchParams(query), params: { ...match.groups } }
        return route.handle({ ...request, signal: new AbortController().signal })
      }
      throw new Error(`no route ${path}`)
    },
    async stop() {
      const stopped = Promise.all(nodes.map((one) => one?.runner.stop()))
      await clock.advance(60_000)
      await stopped
    },
  }
}
