import type { Transport } from '../p2p/transport.ts'
import { gated } from '../signer/gate.ts'
import type { StatementSigner } from '../signer/signer.ts'
import type { EvidenceStore } from '../store/evidence.ts'
import type { KeyValueStores } from '../store/keyValue.ts'
import type { CertificateStore, Journal } from '../store/store.ts'
import type { Domain } from '../types/statement.ts'
import { WIRE_VERSION } from '../types/wire/limits.ts'
import { sleep } from '../util/clock.ts'
import { describe, LariatError } from '../util/errors.ts'
import type { Hex } from '../util/hex.ts'
import {
  type AnyService,
  type CertifiedSlots,
  type LandingEvent,
  type Part,
  PLUGIN_API_VERSION,
  type RouteReply,
  type RouteRequest,
  type ServiceConfig,
  type Surroundings,
} from './api.ts'
import { SlotBook } from './book.ts'
import { certifiedSlots } from './certified.ts'
import { contextOf } from './context.ts'
import { Driver } from './driver.ts'
import { handleEvidence } from './evidence/handling.ts'
import type { EvidenceSubmitter } from './evidence/submitter.ts'
import { greetPeers } from './greet.ts'
import { declareMetrics } from './metrics.ts'
import type { Directory, EpochSource } from './ports.ts'
import { recordLanding } from './record.ts'
import { DEFAULT_TIMING, need, ownRow, type Runtime, type Timing } from './runtime.ts'
import { schedule } from './schedule.ts'
import { silenceAtStart, stopAfterSighting } from './secondSelf/gates.ts'
import { type SecondSelfOptions, SelfWatch } from './secondSelf/watch.ts'
import type { PeerTime, Shares } from './shares.ts'
import { createStages } from './stages.ts'
import { measuring, tracking } from './tracking.ts'
import { windowOf } from './window.ts'
import { wire } from './workflow.ts'

/** Time that open slots and submissions get to end when the node stops, ms. */
const DRAIN_MS = 5_000
/** Members that must be connected before the node calls itself ready are a quorum; certificates older than this many deadlines are stale. */
const STALE_SLOTS = 5

export interface RunnerOptions {
  readonly definition: AnyService
  /** Configuration that passed the definition's schema, and what else hooks may use. */
  readonly context: Surroundings<ServiceConfig>
  readonly domain: Domain
  readonly epochs: EpochSource
  readonly directory: Directory
  readonly transport: Transport
  readonly signer: StatementSigner
  readonly journal: Journal
  readonly certificates: CertificateStore
  readonly evidence: EvidenceStore
  readonly keyValues: KeyValueStores
  /** Needed by a service that declares `shares`. */
  readonly shares?: Shares | undefined
  readonly peerTime: PeerTime
  readonly secondSelf: SecondSelfOptions
  readonly timing?: Partial<Timing>
}

/** How a service is doing on this node. */
export interface ServiceHealth {
  readonly ok: boolean
  /** What is wrong, each with how to mend it; empty when well. */
  readonly problems: readonly string[]
  readonly epoch: string | null
  readonly member: boolean
  /** Weight of connected members, ourselves included, and of all, as decimal strings. */
  readonly connectedWeight: string
  readonly totalWeight: string
  readonly latestSlot: string | null
  /** ms since the epoch. */
  readonly latestCertifiedAt: number | null
  readonly openSlots: number
}

/** A route of a service, ready for the node's HTTP server. */
export interface BoundRoute {
  readonly path: string
  readonly handle: (request: RouteRequest) => Promise<RouteReply>
}

/** One service at work. */
export interface ServiceRunner extends Part {
  readonly service: Hex
  readonly routes: readonly BoundRoute[]
  health(): Promise<ServiceHealth>
  /** What is wrong with what only the service itself knows: its plug-in's checks, and certificates that do not come. */
  problems(): Promise<readonly string[]>
}

/**
 * One service of this operator: its plug-in, wired to the path of a task.
 * @throws LariatError `plugin.version` for a plug-in of another API version; whatever the plug-in's `state` throws
 */
export async function createServiceRunner(options: RunnerOptions): Promise<ServiceRunner> {
  const { definition, domain, signer, transport, epochs, secondSelf } = options
  if (definition.apiVersion !== PLUGIN_API_VERSION) {
    throw new LariatError(
      'plugin.version',
      `service "${definition.name}" was built for plug-in API ${definition.apiVersion}, this node speaks ${PLUGIN_API_VERSION}: update one of them`,
    )
  }
  const { context, messaging, deliver } = contextOf(options)
  const { clock, service, log } = context
  const state: unknown = await definition.state?.(context)
  const bound = { ...context, state }
  const parts = definition.parts?.(bound) ?? []
  const metrics = declareMetrics(context.metrics)
  const topic = topicOf(domain, service)
  const drain = new AbortController()
  const stop = new AbortController()

  let rt: Runtime | undefined
  let driver: Driver | undefined
  let submitter: EvidenceSubmitter | undefined
  let endSchedule: (() => void) | undefined
  let endLandings: (() => void) | undefined
  let endGreeting: (() => void) | undefined
  let startedAt = clock.now()
  const certified: CertifiedSlots<unknown> = certifiedSlots(options, service)

  return {
    name: `service ${definition.name}`,
    service,
    routes: (definition.routes ?? []).map((route) => ({
      path: route.path,
      handle: (request) => route.handle({ ...bound, certified, ...request }),
    })),

    async start(signal) {
      messaging.open(deliver(state))
      await startAll(parts, signal).catch((error) => {
        messaging.close()
        throw error
      })
      const triggers = await definition.triggers(bound)
      const book = new SlotBook()
      const handling = handleEvidence(options, log, () => rt)
      submitter = handling.submitter
      const selfWatch = new SelfWatch(secondSelf, () =>
        need(rt, 'runner.not-started', 'a service looks for itself once it has started'),
      )
      rt = {
        definition,
        service,
        domain,
        topic,
        context: bound,
        clock,
        log,
        metrics,
        epochs,
        directory: options.directory,
        transport,
        signer: gated(signer, [stopAfterSighting(secondSelf.sightings), silenceAtStart(secondSelf.silentSlots)]),
        journal: options.journal,
        certificates: options.certificates,
        book,
        witness: handling.witness,
        desk: handling.desk,
        selfWatch,
        window: windowOf(triggers),
        timing: { ...DEFAULT_TIMING, ...options.timing },
      }
      const made = new Driver(rt, stop.signal)
      driver = made
      selfWatch.start()
      wire(
        made,
        createStages(rt, made, { drain: drain.signal, stop: stop.signal }),
        measuring(metrics, definition.name, clock),
        tracking(book, log),
      )
      endGreeting = greetPeers(rt)
      transport.subscribe(topic, (message) => made.message(message))
      endLandings = followLandings(rt, definition.landing?.(bound))
      submitter.start()
      startedAt = clock.now()
      endSchedule = schedule(triggers, {
        clock,
        chain: context.chain,
        log,
        floor: signer.floor,
        cursor: service,
        start(task) {
          if (!made.start(task)) log.error('too many open slots, one was passed over', { slot: task.slot })
        },
      })
      log.info('service started', { contract: domain.serviceManager, topic })
    },

    async stop() {
      endSchedule?.()
      endLandings?.()
      endGreeting?.()
      await submitter?.stop()
      if (driver !== undefined) {
        // whose rank has not come up leaves it to the others; open slots may end by themselves, and are cut off after a while
        drain.abort(new DOMException('the node is stopping', 'AbortError'))
        const limit = new AbortController()
        await Promise.race([driver.idle(), sleep(clock, DRAIN_MS, limit.signal).catch(() => undefined)])
        limit.abort()
        stop.abort(new DOMException('the node is stopping', 'AbortError'))
        await driver.idle()
      }
      transport.unsubscribe(topic)
      messaging.close()
      for (const part of [...parts].reverse()) await part.stop()
    },

    problems: ownProblems,

    async health() {
      const problems: string[] = []
      const table = epochs.at(clock.now() / 1000)
      const member = rt !== undefined && table !== undefined && ownRow(rt, table) !== undefined
      if (table === undefined) problems.push('no epoch is active: see that one is built')
      else if (!member)
        problems.push(`this operator is not in epoch ${table.number}: register, allocate, and wait for the next`)
      let connected = 0n
      if (table !== undefined) {
        const peers = new Set(transport.connected())
        for (const row of table.members) {
          const peer = options.directory.peerOf(row.operator)
          if (peer === transport.self || (peer !== undefined && peers.has(peer))) connected += row.weight
        }
        if (connected * 10_000n < table.totalWeight * BigInt(table.quorumBps)) {
          problems.push('connected operators hold no quorum of weight: check the network')
        }
      }
      const latest = certified.latest()
      problems.push(...(await ownProblems()))
      return {
        ok: problems.length === 0,
        problems,
        epoch: table?.number.toString() ?? null,
        member,
        connectedWeight: connected.toString(),
        totalWeight: (table?.totalWeight ?? 0n).toString(),
        latestSlot: latest?.slot.toString() ?? null,
        latestCertifiedAt: latest?.verifiedAt ?? null,
        openSlots: driver?.inFlight ?? 0,
      }
    },
  }

  /** Evidence against ourselves: somebody signs with our key. */
  function accused(): string[] {
    const own = options.evidence.list({ serviceManager: domain.serviceManager, service, status: 'own', limit: 1 })
    return own.map(
      ({ slot }) =>
        `this operator signed two payloads of slot ${slot}: find out who else has its key (docs/evidence.md)`,
    )
  }

  async function ownProblems(): Promise<string[]> {
    const problems = [...stale(certified.latest()?.verifiedAt), ...accused()]
    for (const check of definition.checks ?? []) {
      const wrong = await (async () => check.run(bound))().catch((error) => describe(error))
      if (wrong !== undefined) problems.push(`${check.name}: ${wrong}`)
    }
    return problems
  }

  /** Services with time slots must certify steadily; others only when there is something to do. */
  function stale(verifiedAt: number | undefined): string[] {
    const first = rt?.window.timeOf(0n)
    const second = rt?.window.timeOf(1n)
    if (first === undefined || second === undefined) return []
    const limit = STALE_SLOTS * (second - first)
    const since = Math.max(verifiedAt ?? 0, startedAt, signer.floor)
    return clock.now() - since > limit ? [`no certificate for ${Math.round((clock.now() - since) / 1000)} s`] : []
  }
}

/** Starts parts in order; when one fails, those before it are stopped again. */
async function startAll(parts: readonly Part[], signal: AbortSignal): Promise<void> {
  const started: Part[] = []
  try {
    for (const part of parts) {
      await part.start(signal)
      started.unshift(part)
    }
  } catch (error) {
    for (const part of started) await part.stop().catch(() => undefined)
    throw error
  }
}

/** Records what the service's contract says it took, as it happens: what a reorganisation undoes lands again. */
function followLandings(rt: Runtime, event: LandingEvent | undefined): () => void {
  if (event === undefined) return () => undefined
  const { address, abi, eventName, of } = event
  return rt.context.chain.watch({ address, abi, eventName, finality: 'latest' }, async (log) => {
    recordLanding(rt, of(log), log.transactionHash)
  })
}

/** Topic of a service: version of the wire format, chain, contract, service. */
function topicOf(domain: Domain, service: Hex): string {
  return `/lariat/${WIRE_VERSION}/${domain.chainId}/${domain.serviceManager.toLowerCase()}/${service.slice(2, 18)}`
}
