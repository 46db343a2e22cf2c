import type { ChainLog, Clock, Hex, Log } from 'lariat/avs'
import { mailboxAbi } from '../abi/mailbox.ts'
import type { Dispatched } from '../ports.ts'
import type { RelayMetrics } from './metrics.ts'
import type { Module } from './module.ts'
import type { Delivered } from './records.ts'
import type { Stream } from './stream.ts'

/** ms after which a block that had a delivery is final, or undone: twice what mainnet takes. */
const SETTLED_MS = 1_800_000
/** ms after which one is asked about again that a provider told of, and in no block was seen: it may have lied. */
const UNSEEN_MS = 60_000
/** Final deliveries of messages that are not known here yet: the origin is behind the destination, or not final there. */
const MAX_EARLY = 10_000
/** Deliveries that are asked about in one go. */
const MAX_REVIEWED = 16

export interface LandingsOptions {
  readonly module: Module
  /** By domain. */
  readonly streams: ReadonlyMap<number, Pick<Stream, 'source' | 'backlog' | 'view'>>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: RelayMetrics
}

/** What was delivered, by whomever: seen in the newest blocks, so that nobody sends it again, and settled in final ones. */
export class Landings {
  readonly #options: LandingsOptions
  readonly #ends: (() => void)[] = []
  /** By message. */
  readonly #early = new Map<Hex, Delivered>()

  constructor(options: LandingsOptions) {
    this.#options = options
  }

  /** Begins to watch, once. */
  start(): void {
    if (this.#ends.length > 0) return
    const { chain, mailbox: address, from, domain } = this.#options.module.destination
    const watched = { address, abi: mailboxAbi, eventName: 'ProcessId' } as const
    this.#ends.push(
      chain.watch({ ...watched, finality: 'latest' }, async (log) => this.#seen(log)),
      chain.watch(
        { ...watched, finality: 'finalized', cursor: `bridge/${domain}/${address}/delivered`, from },
        async (log) => this.#settled(log),
      ),
    )
  }

  stop(): void {
    for (const end of this.#ends) end()
  }

  /** Looks at deliveries whose block must be final by now, and was not seen to be, or that were in no block: those that are gone wait again. */
  async review(): Promise<void> {
    const { module, streams, clock, log } = this.#options
    const now = clock.now()
    let left = MAX_REVIEWED
    for (const { backlog } of streams.values()) {
      for (const waiting of [...backlog.all()]) {
        if (waiting.landed === undefined) continue
        const { since, block: seenIn } = waiting.landed
        if (now - since < (seenIn === null ? UNSEEN_MS : SETTLED_MS)) continue
        if (left-- === 0) return
        const block = await module.processedAt(waiting.id)
        if (block !== undefined) {
          const { transaction } = waiting.landed
          backlog.settle(waiting.index, { transaction, block, time: null, own: transaction !== null })
        } else if (await module.delivered(waiting.id)) {
          backlog.relanded(waiting)
        } else {
          log.warn('a delivery was undone; the message waits again', { message: waiting.id })
          backlog.unland(waiting)
        }
      }
    }
  }

  #seen({ args, blockNumber }: ChainLog): void {
    const { messageId } = args as { messageId: Hex }
    for (const stream of this.#options.streams.values()) {
      const { backlog } = stream
      const message = stream.view().message(messageId)
      const waiting = message === undefined ? undefined : backlog.find(message.index)
      if (waiting !== undefined) backlog.land(waiting, null, blockNumber)
    }
  }

  /** Settles a message that began to wait after its delivery was seen in a final block. */
  known(stream: Pick<Stream, 'source' | 'backlog'>, message: Dispatched): void {
    const record = this.#early.get(message.id)
    if (record === undefined) return
    this.#early.delete(message.id)
    this.#settle(stream, message, record)
  }

  #settled({ args, blockNumber: block, blockTimestamp, transactionHash: transaction }: ChainLog): void {
    const { messageId } = args as { messageId: Hex }
    const time = Number(blockTimestamp) * 1_000
    for (const stream of this.#options.streams.values()) {
      const message = stream.view().message(messageId)
      if (message === undefined) continue
      const own = stream.backlog.find(message.index)?.landed?.transaction === transaction
      const record = { transaction, block, time, own }
      // what is not final at its origin may be undone there
      if (stream.source.message(messageId) === undefined) this.#remember(messageId, record)
      else this.#settle(stream, message, record)
      return
    }
    this.#remember(messageId, { transaction, block, time, own: false })
  }

  #settle({ source, backlog }: Pick<Stream, 'source' | 'backlog'>, message: Dispatched, record: Delivered): void {
    const { module, metrics, log } = this.#options
    const route = { origin: `${source.domain}`, destination: `${module.destination.domain}` }
    if (backlog.delivered(message.index) === undefined) {
      metrics.messages.inc({ ...route, state: record.own ? 'delivered' : 'delivered-by-other' })
      metrics.seconds.observe(route, Math.max(0, (record.time ?? message.time) - message.time) / 1_000)
    }
    backlog.settle(message.index, record)
    log.debug('a delivery is final', { message: message.id, block: record.block, own: record.own })
  }

  #remember(id: Hex, record: Delivered): void {
    this.#early.set(id, record)
    const [oldest] = this.#early.keys()
    if (this.#early.size > MAX_EARLY && oldest !== undefined) this.#early.delete(oldest)
  }
}
