import { type Address, type Clock, describe, type KeyValueStore, type Log, type Part } from 'lariat/avs'
import { Level } from '../statements.ts'
import { type Attempted, Attempts } from './attempt.ts'
import { Backlog, type Waiting } from './backlog.ts'
import { type Chosen, choose } from './choose.ts'
import type { RelayConfig } from './config.ts'
import { type Failure, lookFailure } from './failures.ts'
import { Landings } from './landings.ts'
import { beginCounting, type RelayMetrics } from './metrics.ts'
import { Module } from './module.ts'
import type { Destination, RelayPorts } from './ports.ts'
import { REASONS, type Reason } from './reasons.ts'
import { type Delivered, Records } from './records.ts'
import { Stream } from './stream.ts'
import { Turns } from './turns.ts'
import { Upkeep } from './upkeep.ts'
import type { Blocked } from './why.ts'

export interface RelayerOptions {
  readonly destination: Destination
  readonly config: RelayConfig
  readonly ports: RelayPorts
  readonly operator: Address
  /** Of all relayers of the node, see `RELAY_STORE_SPEC`. */
  readonly store: KeyValueStore
  readonly clock: Clock
  readonly log: Log
  readonly metrics: RelayMetrics
}

/** Where the delivery of a message is. Times are ms since the epoch. */
export type Delivery =
  | ({ readonly state: 'delivered' } & Delivered)
  /** In a block that is not final; without a transaction where it is another’s. */
  | { readonly state: 'landed'; readonly transaction: string | null; readonly block: bigint | null }
  | ({ readonly state: 'waiting'; readonly attempts: number; readonly nextAt: number | null } & Blocked)

/** Messages of one origin to one destination that are in no block. */
export interface WaitingOf {
  /** Domains. */
  readonly origin: number
  readonly destination: number
  /** How many wait for which reason. */
  readonly reasons: ReadonlyMap<Reason, number>
  /** When the oldest of them was dispatched, ms since the epoch; undefined when none waits, or when its body is not kept. */
  readonly oldest: number | undefined
}

/** ms between looks while nothing else happens: a part of the shortest stagger. */
const WAKE_MS = 1_000
/** ms between looks at epochs and revocations that nothing told of. */
const UPKEEP_MS = 10_000
/** Deliveries of one stream before the others have their turn. */
const BURST = 32
/** First pause after the destination could not be used, doubled up to the longest, ms. */
const FIRST_PAUSE_MS = 1_000
const MAX_PAUSE_MS = 30_000
const WEI_PER_GWEI = 1_000_000_000
/** ms for which a destination may not be usable before it is a problem. */
const LATE_MS = 300_000

/**
 * Delivers messages to one mailbox: those of the origins’ final trees that a certificate covers, in the order of their leaves. Operators
 * take turns by message. Before that it brings epochs and revocations there that certificates rest on.
 */
export class Relayer implements Part {
  readonly name: string
  readonly #options: RelayerOptions
  readonly #streams = new Map<number, Stream>()
  readonly #module: Module
  readonly #attempts: Attempts
  readonly #landings: Landings
  readonly #upkeep: Upkeep
  readonly #turns: Turns
  readonly #stopping = new AbortController()
  readonly #ends: (() => void)[] = []
  #loop: Promise<void> | undefined
  #wake = () => {}
  #again = false
  #upkeepAt = 0
  /** Why nothing is delivered, since when, and until when that is believed. */
  #blocked: (Blocked & { readonly since: number; readonly times: number; readonly until: number }) | undefined

  constructor(options: RelayerOptions) {
    const { destination, config, ports, clock, operator, store, log, metrics } = options
    this.#options = { ...options, log: log.child({ destination: destination.domain }) }
    this.name = `bridge relayer to domain ${destination.domain}`
    const records = new Records(store, destination.domain)
    for (const source of ports.sources.values()) {
      if (source.domain === destination.domain || config.from?.includes(source.domain) === false) continue
      const { ordered } = config
      const backlog = new Backlog({ records, source, destination: destination.domain, ordered, clock })
      this.#streams.set(source.domain, new Stream(source, backlog, ordered))
      beginCounting(metrics, `${source.domain}`, `${destination.domain}`)
    }
    const module = new Module(destination, clock)
    const turns = new Turns(clock, operator, config.stagger)
    this.#module = module
    this.#turns = turns
    this.#attempts = new Attempts({ module, records, maxGas: BigInt(config.maxGas) })
    this.#landings = new Landings({ module, streams: this.#streams, clock, log: this.#options.log, metrics })
    this.#upkeep = new Upkeep({ module, ports, turns, clock, log: this.#options.log, metrics })
  }

  async start(): Promise<void> {
    const { destination } = this.#options
    this.#ends.push(destination.chain.heads('latest', () => this.kick()))
    for (const { source } of this.#streams.values()) {
      for (const level of Object.values(Level)) this.#ends.push(source.onTip(level, () => this.kick()))
    }
    this.#loop = this.#run()
  }

  async stop(): Promise<void> {
    for (const end of this.#ends) end()
    this.#stopping.abort(new DOMException('the node is stopping', 'AbortError'))
    this.#wake()
    await this.#loop
    this.#landings.stop()
  }

  /** Has it look at once. @param isUpkeep for an epoch or a revocation that was certified */
  kick(isUpkeep = false): void {
    if (isUpkeep) this.#upkeepAt = 0
    this.#again = true
    this.#wake()
  }

  /** Where the delivery of a leaf is; undefined for one that is not known here, or was given up. */
  delivery(origin: number, index: number): Delivery | undefined {
    const stream = this.#streams.get(origin)
    const waiting = stream?.backlog.find(index)
    if (stream === undefined) return undefined
    if (waiting === undefined) {
      const delivered = stream.backlog.delivered(index)
      return delivered === undefined ? undefined : { state: 'delivered', ...delivered }
    }
    const { landed, attempts, nextAt } = waiting
    if (landed !== undefined) return { state: 'landed', transaction: landed.transaction, block: landed.block }
    const now = this.#options.clock.now()
    const { reason, detail } = stream.why(waiting, now, this.#blocked)
    return { state: 'waiting', attempts, nextAt: nextAt > now ? nextAt : null, reason, detail }
  }

  /** What waits of each origin’s messages. */
  waiting(): readonly WaitingOf[] {
    const { destination, clock } = this.#options
    return [...this.#streams.values()].map((stream) => {
      const reasons = new Map<Reason, number>()
      for (const [, { reason }] of stream.reasons(clock.now(), this.#blocked)) {
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
      }
      const first = stream.first()
      const oldest = first === undefined ? undefined : stream.view().messageAt(first.index)?.time
      return { origin: stream.source.domain, destination: destination.domain, reasons, oldest }
    })
  }

  /** What keeps messages from being delivered that an operator can mend, in words. */
  problem(): string | undefined {
    const blocked = this.#blocked
    if (blocked === undefined || this.#options.clock.now() - blocked.since < LATE_MS) return this.#upkeep.problem()
    const { domain } = this.#options.destination
    return `nothing is delivered to domain ${domain}: ${REASONS[blocked.reason]}${blocked.detail === undefined ? '' : ` (${blocked.detail})`}`
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#options
    const { signal } = this.#stopping
    while (!signal.aborted) {
      this.#again = false
      try {
        await this.#pass(signal)
      } catch (error) {
        if (!signal.aborted) log.error('deliveries could not be looked at', { error: describe(error) })
      }
      // after what was under way, so that this node knows its own
      if (!signal.aborted) this.#landings.start()
      this.#publish()
      await new Promise<void>((resolve) => {
        const timer = clock.after(WAKE_MS, resolve)
        this.#wake = () => {
          timer.cancel()
          resolve()
        }
        if (this.#again || signal.aborted) this.#wake()
      })
    }
  }

  async #pass(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    for (const stream of this.#streams.values()) this.#take(stream)
    if (this.#blocked !== undefined && clock.now() < this.#blocked.until) return
    try {
      if (clock.now() >= this.#upkeepAt) {
        this.#upkeepAt = clock.now() + UPKEEP_MS
        await this.#upkeep.run(signal)
      }
      await this.#landings.review()
      const isUsable = (await this.#resume(signal)) && (await this.#deliverAll(signal))
      if (isUsable) this.#unblock()
    } catch (error) {
      const failure = lookFailure(error, signal)
      if (failure.scope !== 'destination') throw error
      this.#block(failure.reason, failure.detail)
    }
  }

  #take(stream: Stream): void {
    const { destination, metrics, log } = this.#options
    const route = { origin: `${stream.source.domain}`, destination: `${destination.domain}` }
    const { found, givenUp } = stream.backlog.take()
    metrics.messages.inc({ ...route, state: 'dispatched' }, found.length)
    metrics.messages.inc({ ...route, state: 'given-up' }, givenUp.length)
    for (const { id, attempts, detail } of givenUp) {
      log.warn('a message is given up to make room for others', { message: id, attempts, error: detail })
    }
    for (const message of found) this.#landings.known(stream, message)
    stream.backlog.lookAhead(stream.view())
    if (stream.backlog.next < stream.source.count && found.length > 0) this.#again = true
  }

  /** Goes on with what is under way. @returns false when the destination cannot be used */
  async #resume(signal: AbortSignal): Promise<boolean> {
    const sending = this.#attempts.underway
    if (sending === undefined) return true
    const stream = this.#streams.get(sending.origin)
    const waiting = stream?.backlog.find(sending.index)
    const message = stream?.view().messageAt(sending.index)
    if (stream === undefined || waiting === undefined || waiting.landed !== undefined) this.#attempts.forget()
    // its tree is not read yet, or its body is gone: then the sender ends what it began by itself
    if (stream === undefined || waiting === undefined || message === undefined) return true
    if (waiting.landed !== undefined || message.id !== waiting.id) return true
    const attempted = await this.#attempts.resume(message, sending, signal)
    return this.#conclude(stream, waiting, attempted) !== 'destination'
  }

  /** @returns false when the destination cannot be used */
  async #deliverAll(signal: AbortSignal): Promise<boolean> {
    for (const stream of this.#streams.values()) {
      await this.#learn(stream)
      const first = stream.first()
      if (signal.aborted || first === undefined) continue
      const chosen = await this.#chosen(stream, first)
      if (chosen !== undefined && (await this.#deliver(stream, chosen, signal)) === 'destination') return false
    }
    return true
  }

  /** Whether the destination believes messages of blocks that may be undone: then those are looked at. @throws LariatError `chain.…` */
  async #learn(stream: Stream): Promise<void> {
    if (stream.isFast || stream.source.ahead() === undefined) return
    const service = await this.#module.serviceOf(stream.source.domain)
    if (service !== undefined && stream.believe(service) && stream.isFast) stream.backlog.lookAhead(stream.view())
  }

  /** The newest certificate of a stream that the destination accepts. @throws LariatError `chain.…` */
  async #chosen(stream: Stream, { index: leaf }: Waiting): Promise<Chosen | undefined> {
    const { source } = stream
    const halted = source.halted()
    if (halted !== undefined) return void stream.block('source-halted', halted)
    const service = await this.#module.serviceOf(source.domain)
    if (service === undefined || !stream.believe(service)) return void stream.block('no-route')
    const { certificates } = this.#options.ports
    const isLive = (epoch: bigint) => this.#module.isLive(epoch)
    const chosen = await choose({ tree: stream.view(), certificates, service, leaf, isLive })
    if (typeof chosen === 'string') return void stream.block(chosen)
    stream.blocked = undefined
    stream.coveredTo = chosen.checkpoint.index
    return chosen
  }

  /** Delivers what is due of a stream. @returns how far a failure reaches that ended it */
  async #deliver(stream: Stream, chosen: Chosen, signal: AbortSignal): Promise<Failure['scope'] | undefined> {
    const { clock, config, destination, ports } = this.#options
    const { source } = stream
    const cap = BigInt(Math.round(config.maxGasPriceGwei * WEI_PER_GWEI))
    const operators = ports.epochs.at(clock.now() / 1_000)?.members.map(({ operator }) => operator) ?? []
    let delivered = 0
    for (const waiting of stream.due(clock.now())) {
      if (signal.aborted || waiting.index > chosen.checkpoint.index) return undefined
      const tree = stream.view()
      const message = tree.messageAt(waiting.index)
      if (message === undefined) {
        this.#conclude(stream, waiting, { failure: { scope: 'message', reason: 'not-kept', detail: 'no body' } })
        continue
      }
      // its block was undone, and another message has its place
      if (message.id !== waiting.id) continue
      waiting.turnAt ??= this.#turns.at(message.id, operators)
      // another may have delivered it meanwhile
      if (clock.now() < waiting.turnAt || waiting.landed !== undefined) continue
      const price = await destination.chain.gasPrice()
      if (price > cap) {
        this.#block('gas-price', `${price} wei per gas`)
        return 'destination'
      }
      const attempted = await this.#attempts.deliver(source.domain, tree, message, chosen, waiting.attempts, signal)
      const scope = this.#conclude(stream, waiting, attempted)
      if (scope !== undefined && scope !== 'message') return scope
      if (++delivered === BURST || config.ordered) {
        this.#again = true
        return undefined
      }
    }
    return undefined
  }

  /** Notes how an attempt ended. @returns how far its failure reaches */
  #conclude(stream: Stream, waiting: Waiting, attempted: Attempted): Failure['scope'] | undefined {
    const { metrics, destination, log } = this.#options
    const route = { origin: `${stream.source.domain}`, destination: `${destination.domain}` }
    if ('receipt' in attempted) {
      const { receipt } = attempted
      if (receipt !== undefined) {
        metrics.gas.inc(route, Number(receipt.gasUsed))
        log.info('a message is delivered', { message: waiting.id, origin: stream.source.domain, gas: receipt.gasUsed })
      }
      stream.backlog.land(waiting, receipt?.hash ?? null, receipt?.blockNumber ?? null)
      return undefined
    }
    const { failure } = attempted
    if (failure.scope === 'message') {
      metrics.messages.inc({ ...route, state: 'failed' })
      stream.backlog.postpone(waiting, failure.reason, failure.detail)
      const { id, attempts } = waiting
      log.warn('a message could not be delivered', {
        message: id,
        reason: failure.reason,
        attempts,
        error: failure.detail,
      })
    } else if (failure.scope === 'route') {
      this.#module.forgetEpochs()
      stream.block(failure.reason, failure.detail)
    } else if (failure.scope === 'destination') this.#block(failure.reason, failure.detail)
    return failure.scope
  }

  #block(reason: Reason, detail: string): void {
    const { clock, log } = this.#options
    const before = this.#blocked
    if (before?.reason !== reason) log.warn('deliveries wait', { reason, error: detail })
    const times = (before?.times ?? 0) + 1
    const until = clock.now() + Math.min(FIRST_PAUSE_MS * 2 ** (times - 1), MAX_PAUSE_MS)
    this.#blocked = { reason, detail, since: before?.since ?? clock.now(), times, until }
  }

  #unblock(): void {
    if (this.#blocked !== undefined) this.#options.log.info('deliveries go on', { after: this.#blocked.reason })
    this.#blocked = undefined
  }

  #publish(): void {
    const { metrics, clock } = this.#options
    for (const { origin, destination, reasons, oldest } of this.waiting()) {
      const route = { origin: `${origin}`, destination: `${destination}` }
      for (const reason of Object.keys(REASONS) as Reason[]) {
        metrics.waiting.set({ ...route, reason }, reasons.get(reason) ?? 0)
      }
      metrics.oldest.set(route, oldest === undefined ? 0 : Math.max(0, clock.now() - oldest) / 1_000)
    }
  }
}
