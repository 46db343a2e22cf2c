import { gated } from '../signer/gate.ts'
import { sleep } from '../util/clock.ts'
import { LariatError } from '../util/errors.ts'
import type { Hex } from '../util/hex.ts'
import type { Log } from '../util/log.ts'
import type { AnyService, Context, LandingEvent, ServiceConfig } from './api.ts'
import { SlotBook } from './book.ts'
import { Driver } from './driver.ts'
import { handleEvidence } from './evidence/handling.ts'
import type { EvidenceSubmitter } from './evidence/submitter.ts'
import { greetPeers } from './greet.ts'
import { beginCounting, declareMetrics } from './metrics.ts'
import { withQuorum } from './quorum.ts'
import { recordLanding } from './record.ts'
import type { RunnerOptions } from './runner.ts'
import { DEFAULT_TIMING, need, type Runtime } from './runtime.ts'
import { schedule } from './schedule.ts'
import { silenceAtStart, stopAfterSighting, unlessDistrusted } from './secondSelf/gates.ts'
import { SelfWatch } from './secondSelf/watch.ts'
import { createStages } from './stages.ts'
import { topicOf } from './topic.ts'
import { measuring, tracking } from './tracking.ts'
import { windowOf } from './window.ts'
import { wire } from './workflow.ts'

/** Time that open slots and submissions get to end when the node stops, ms. */
const DRAIN_MS = 5_000
/** Certificates of a service with time slots that are older than this many slots are stale. */
const STALE_SLOTS = 5

/** One path of tasks: that of a section's service, or of one of its strands. */
export interface Line {
  readonly name: string
  readonly service: Hex
  readonly inFlight: number
  /** Undefined before it has started. */
  runtime(): Runtime | undefined
  start(): Promise<void>
  stop(): Promise<void>
  /** What is wrong with its certificates, each with how to mend it. */
  problems(): string[]
}

/**
 * @param definition hooks of the path; its name is that of log, metrics and journal
 * @param context what the hooks get, with the state that they share
 */
export function createLine(
  options: RunnerOptions,
  definition: AnyService,
  service: Hex,
  context: Context<ServiceConfig> & { readonly state: unknown },
): Line {
  const { domain, signer, transport, secondSelf } = options
  const { quorumBps } = definition
  const epochs = quorumBps === undefined ? options.epochs : withQuorum(options.epochs, quorumBps)
  const { clock } = context
  const log: Log = context.log.child({ service: definition.name })
  const metrics = declareMetrics(context.metrics)
  beginCounting(metrics, definition.name)
  const topic = topicOf(domain, service)
  const drain = new AbortController()
  const stop = new AbortController()
  let rt: Runtime | undefined
  let driver: Driver | undefined
  let submitter: EvidenceSubmitter | undefined
  let ends: (() => void)[] = []
  let startedAt = clock.now()

  return {
    name: definition.name,
    service,
    get inFlight() {
      return driver?.inFlight ?? 0
    },
    runtime: () => rt,

    async start() {
      const triggers = await definition.triggers(context)
      const book = new SlotBook()
      const handling = handleEvidence({ ...options, definition, epochs }, service, log, () => rt)
      submitter = handling.submitter
      const selfWatch = new SelfWatch(secondSelf, () =>
        need(rt, 'runner.not-started', 'a service looks for itself once it has started'),
      )
      const window = windowOf(triggers)
      rt = {
        definition,
        service,
        domain,
        topic,
        context,
        clock,
        log,
        metrics,
        epochs,
        directory: options.directory,
        transport,
        signer: gated(signer, [
          stopAfterSighting(secondSelf.sightings),
          silenceAtStart(secondSelf.silentSlots, window.isFed ? clock : undefined),
          unlessDistrusted(definition.restsOn ?? [], context.chains),
        ]),
        journal: options.journal,
        certificates: options.certificates,
        book,
        witness: handling.witness,
        desk: handling.desk,
        selfWatch,
        window,
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
      ends.push(greetPeers(rt))
      transport.subscribe(topic, (message) => made.message(message))
      ends.push(followLandings(rt, definition.landing?.(context)))
      submitter.start()
      startedAt = clock.now()
      const full = (slot: bigint) => log.error('too many open slots, one was passed over', { slot })
      ends.push(
        schedule(triggers, {
          clock,
          chain: context.chain,
          log,
          floor: signer.floor,
          cursor: service,
          start(task) {
            if (!made.start(task)) full(task.slot)
          },
          again: (task) => made.start(task, 'again'),
        }),
      )
      log.info('service started', { contract: domain.serviceManager, topic })
    },

    async stop() {
      for (const end of ends) end()
      ends = []
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
    },

    problems: () => [...stale(), ...accused()],
  }

  /** Evidence against ourselves: somebody signs with our key. */
  function accused(): string[] {
    const own = options.evidence.list({ serviceManager: domain.serviceManager, service, status: 'own', limit: 1 })
    return own.map(
      ({ slot }) =>
        `this operator signed two payloads of slot ${slot}: find out who else has its key (docs/evidence.md)`,
    )
  }

  /** Services with time slots must certify steadily; others only when there is something to do. */
  function stale(): string[] {
    const first = rt?.window.timeOf(0n)
    const second = rt?.window.timeOf(1n)
    if (first === undefined || second === undefined) return []
    const [newest] = options.certificates.list({ service, limit: 1 })
    const limit = STALE_SLOTS * (second - first)
    const since = Math.max(newest?.verifiedAt ?? 0, startedAt, signer.floor)
    return clock.now() - since > limit ? [`no certificate for ${Math.round((clock.now() - since) / 1000)} s`] : []
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

/** Most strands of one section. */
const MAX_STRANDS = 128
const STRAND_NAME = /^[a-z][a-z0-9-]{0,47}$/

/** The paths of a section: that of the service itself, then its strands. @throws LariatError `plugin.invalid` */
export function createLines(
  options: RunnerOptions,
  service: Hex,
  context: Context<ServiceConfig> & { readonly state: unknown },
): [Line, ...Line[]] {
  const { definition } = options
  const strands = definition.strands?.(context) ?? []
  const invalid = (what: string) => new LariatError('plugin.invalid', `service ${definition.name}: ${what}`)
  if (strands.length > MAX_STRANDS) throw invalid(`at most ${MAX_STRANDS} strands`)
  const distinct = (values: readonly string[]) => new Set(values).size === values.length
  const ids = [service, ...strands.map(({ serviceId }) => serviceId)].map((id) => id.toLowerCase())
  if (!distinct(strands.map(({ name }) => name)) || !distinct(ids)) throw invalid('two strands of one name or id')
  const { strands: _, ...common } = definition
  return [
    createLine(options, definition, service, context),
    ...strands.map(({ name, serviceId, ...hooks }) => {
      if (!STRAND_NAME.test(name))
        throw invalid(`strand "${name}": use lower-case letters, digits and hyphens, at most 48`)
      // what a strand leaves out is not the service's
      const absent = { submit: undefined, landing: undefined, certified: undefined }
      const own = { ...absent, quorumBps: undefined, restsOn: undefined, ...hooks }
      return createLine(
        options,
        { ...common, ...own, name: `${definition.name}/${name}` } as AnyService,
        serviceId,
        context,
      )
    }),
  ]
}
