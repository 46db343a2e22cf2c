import type { Transport } from '../p2p/transport.ts'
import type { CheckpointSigner } from '../signer/checkpoints.ts'
import type { StatementSigner } from '../signer/signer.ts'
import type { EvidenceStore } from '../store/evidence.ts'
import type { KeyValueStores } from '../store/keyValue.ts'
import type { CertificateStore, Journal } from '../store/store.ts'
import type { Domain } from '../types/statement.ts'
import { describe, LariatError } from '../util/errors.ts'
import type { Hex } from '../util/hex.ts'
import {
  type AnyService,
  type CertifiedSlots,
  type Part,
  PLUGIN_API_VERSION,
  type RouteReply,
  type RouteRequest,
  type ServiceConfig,
  type Surroundings,
} from './api.ts'
import { certifiedSlots } from './certified.ts'
import { contextOf } from './context.ts'
import { createLines } from './line.ts'
import type { Directory, EpochSource } from './ports.ts'
import { ownRow, type Timing } from './runtime.ts'
import type { SecondSelfOptions } from './secondSelf/watch.ts'
import type { PeerTime, Shares } from './shares.ts'
import { type ServiceStatus, statusOf } from './status.ts'

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
  /** Needed by a service that declares `checkpoints`. */
  readonly checkpointSigner?: CheckpointSigner | undefined
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
  readonly longest?: number
  readonly handle: (request: RouteRequest) => Promise<RouteReply>
}

/** One service at work. */
export interface ServiceRunner extends Part {
  readonly service: Hex
  /** What it signs: the service itself, then its strands, with their ids in statements. */
  readonly lines: readonly { readonly name: string; readonly service: Hex }[]
  readonly routes: readonly BoundRoute[]
  health(): Promise<ServiceHealth>
  /** What its plug-in tells of how it stands; null where that tells nothing. */
  status(): ServiceStatus | null
  /** What is wrong with what only the service itself knows: its plug-in's checks, and certificates that do not come. */
  problems(): Promise<readonly string[]>
}

/**
 * One service of this operator: its plug-in, wired to the path of a task.
 * @throws LariatError `plugin.version` for a plug-in of another API version; whatever the plug-in's `state` throws
 */
export async function createServiceRunner(options: RunnerOptions): Promise<ServiceRunner> {
  const { definition, transport, epochs } = options
  if (definition.apiVersion !== PLUGIN_API_VERSION) {
    throw new LariatError(
      'plugin.version',
      `service "${definition.name}" was built for plug-in API ${definition.apiVersion}, this node speaks ${PLUGIN_API_VERSION}: update one of them`,
    )
  }
  const { context, messaging, deliver } = contextOf(options)
  const { clock, service } = context
  const state: unknown = await definition.state?.(context)
  const bound = { ...context, state }
  const parts = definition.parts?.(bound) ?? []
  const lines = createLines(options, service, bound)
  const [main] = lines
  const certified: CertifiedSlots<unknown> = certifiedSlots(options, service)

  return {
    name: `service ${definition.name}`,
    service,
    lines: lines.map(({ name, service }) => ({ name, service })),
    routes: (definition.routes ?? []).map((route) => ({
      path: route.path,
      ...(route.longest === undefined ? {} : { longest: route.longest }),
      handle: (request) => route.handle({ ...bound, certified, ...request }),
    })),

    async start(signal) {
      messaging.open(deliver(state))
      await startAll(parts, signal).catch((error) => {
        messaging.close()
        throw error
      })
      for (const line of lines) await line.start()
    },

    async stop() {
      await Promise.all(lines.map((line) => line.stop()))
      messaging.close()
      for (const part of [...parts].reverse()) await part.stop()
    },

    problems: ownProblems,

    status: () => statusOf(definition.status, bound, context.log),

    async health() {
      const problems: string[] = []
      const table = epochs.at(clock.now() / 1000)
      const rt = main.runtime()
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
        openSlots: lines.reduce((sum, { inFlight }) => sum + inFlight, 0),
      }
    },
  }

  async function ownProblems(): Promise<string[]> {
    const problems = lines.flatMap((line) => line.problems())
    for (const check of definition.checks ?? []) {
      const wrong = await (async () => check.run(bound))().catch((error) => describe(error))
      if (wrong !== undefined) problems.push(`${check.name}: ${wrong}`)
    }
    return problems
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
