import type { Clock, Timer } from '../util/clock.ts'
import { describe, LariatError } from '../util/errors.ts'
import type { Hex } from '../util/hex.ts'
import type { Log } from '../util/log.ts'
import { agreeOn, collectTips, heightOf, latestOf, noQuorum } from './facts/finalHead.ts'
import type { Header } from './facts/header.ts'
import { fetchHeader, type Headers } from './facts/headers.ts'
import type { ChainMetrics } from './metrics.ts'
import type { Providers } from './providers.ts'
import type { TrustKeeper } from './trust.ts'
import type { BlockHead, Finality } from './types.ts'

/** The newest blocks of a chain. */
export interface Heads {
  /** The newest known block of that finality. */
  current(finality: Finality): Header
  /** Calls `handler` for every new head; several blocks since the last look make one call. Returns the function that ends it. */
  follow(finality: Finality, handler: (head: BlockHead) => void): () => void
  /** Looks now instead of at the next tick, calls while a look is under way share the one after it; resolves when that is over, failed or not. */
  refresh(): Promise<void>
  close(): void
}

/** Where the last final block is kept that the providers agreed on, beyond the life of this process. */
export interface FinalStore {
  get(): FinalBlock | undefined
  set(block: FinalBlock): void
  /** A final block that was undone, which no operator has acknowledged. */
  undone(): UndoneBlock | undefined
  /** Keeps it until an operator acknowledges it. */
  halt(undone: UndoneBlock): void
}

export type FinalBlock = Pick<Header, 'number' | 'hash'>

export interface HeadsOptions {
  readonly providers: Providers
  readonly headers: Headers
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Pick<ChainMetrics, 'head'>
  readonly trust: TrustKeeper
  /** ms between looks. */
  readonly pollMs: number
  /** Take the first provider's word: for commands, which sign nothing. */
  readonly unagreed?: boolean
  /** The chain must go on from what is in here. */
  readonly final?: FinalStore
}

/** A block that was final, and is not on the chain that the providers agree on. */
export interface UndoneBlock extends FinalBlock {
  /** Hash of the block that they have in its place. */
  readonly instead: Hex
  /** When it was noticed, ms since the epoch. */
  readonly at: number
}

/** Final blocks between two writes of the last one: a wrong chain is found as well with one that is a little older. */
const STORE_EVERY = 32n

/**
 * Follows the latest and the finalized head by polling. The finalized one is the newest that enough providers agree on; the
 * latest is where enough of them are, in the words of one. A look that takes longer than the interval skips the ticks it
 * missed. Resolves when both heads are known.
 *
 * When the providers agree on a chain without the block that was final, `trust` is told, which stops signing until an operator
 * has acknowledged it, over restarts too; the heads go on along the new chain, so that all else does.
 * @throws LariatError `chain.unavailable`, `chain.no-quorum`, `chain.contradiction` when the first look fails
 */
export async function followHeads(options: HeadsOptions): Promise<Heads> {
  const { providers, headers, clock, log, metrics, pollMs, trust, unagreed = false, final } = options
  const unsettled = final?.undone()
  if (unsettled !== undefined) trust.reorged(unsettled)
  const handlers = { latest: new Set<(head: BlockHead) => void>(), finalized: new Set<(head: BlockHead) => void>() }
  const known = await readHeads(undefined, final?.get())
  const { finalized: first } = known
  keep(first)
  let stored = first.number
  let closed = false
  let failing = false
  let timer: Timer
  let looking: Promise<void> | undefined
  let following: Promise<void> | undefined

  /** The heads as the providers have them now; the finalized one is never below `before`. */
  async function readHeads(
    before: Header | undefined,
    anchor: FinalBlock | undefined,
  ): Promise<{ latest: Header; finalized: Header }> {
    if (unagreed) {
      const [latest, finalized] = await Promise.all(
        (['latest', 'finalized'] as const).map((tag) =>
          providers.ask(`the ${tag} block`, (client, provider) => fetchHeader(client, provider, tag)),
        ),
      )
      return { latest: latest as Header, finalized: finalized as Header }
    }
    const tips = await collectTips(providers, clock.now())
    const latest = latestOf(providers, tips)
    let height = heightOf(providers, tips)
    // Once a final block is undone there is nothing to go on from until an operator has said so.
    const from = trust.undone() === undefined ? anchor : undefined
    if (from !== undefined && height < from.number) {
      // They call less final than before. Where all have that block still, it is looked at; otherwise they are behind.
      const have = tips.every(({ value }) => value.latest.number >= from.number)
      if (have) height = from.number
      else if (before !== undefined) return { latest, finalized: before }
      else throw noQuorum(providers, `block ${from.number} was final, and the providers are behind it`)
    }
    if (before !== undefined && height < before.number) return { latest, finalized: before }
    const { header, instead } = await agreeOn({ providers, headers, tips, height, known: from })
    if (from !== undefined && instead !== undefined) halt({ ...from, instead, at: clock.now() })
    trust.agreed()
    return { latest, finalized: header }
  }

  /** Stops signing, first of all; then sees that a restart does not forget it. */
  function halt({ number, hash, instead, at }: UndoneBlock): void {
    const undone = { number, hash, instead, at }
    trust.reorged(undone)
    try {
      final?.halt(undone)
    } catch (error) {
      // The last final block is on file: whoever starts again notices as long as the chain lacks it.
      log.error('that a final block was undone could not be written down', { error: describe(error) })
    }
  }

  /** What an operator has not acknowledged is not overwritten. */
  function keep(head: Header): void {
    if (trust.undone() === undefined) final?.set(head)
  }

  function take(finality: Finality, head: Header): void {
    const before = known[finality]
    // A provider may be behind, and then says less than we know.
    if (head.hash === before.hash || (finality === 'finalized' && head.number < before.number)) return
    known[finality] = head
    metrics.head.set({ finality }, Number(head.number))
    if (finality === 'finalized' && head.number - stored >= STORE_EVERY) {
      keep(head)
      stored = head.number
    }
    for (const handler of [...handlers[finality]]) {
      try {
        handler(head)
      } catch (error) {
        log.error('a handler of heads failed', { finality, error: describe(error) })
      }
    }
  }

  async function look(): Promise<void> {
    try {
      const { latest, finalized } = await readHeads(known.finalized, known.finalized)
      if (closed) return
      if (failing) log.info('the chain answers again', { head: latest.number })
      failing = false
      // The final one first: who reads up to the latest block then knows which of those may still change.
      take('finalized', finalized)
      take('latest', latest)
    } catch (error) {
      if (closed) return
      if (!failing) log.warn('cannot read the head of the chain; trying on', { error: describe(error) })
      failing = true
      if (!unagreed) tellTrust(error)
    }
  }

  function tellTrust(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    const code = error instanceof LariatError ? error.code : undefined
    if (code === 'chain.contradiction') trust.contradicted(reason)
    else trust.short(reason)
  }

  function refresh(): Promise<void> {
    if (looking === undefined) {
      looking = look().finally(() => {
        looking = undefined
      })
      return looking
    }
    // the one under way may have asked before what the caller wants to see
    following ??= looking.then(() => {
      following = undefined
      return refresh()
    })
    return following
  }

  let due = clock.now() + pollMs
  function schedule(): void {
    const late = clock.now() - due
    if (late >= 0) due += Math.floor(late / pollMs + 1) * pollMs
    timer = clock.after(due - clock.now(), () => {
      // Timers may fire a little early: the tick counts all the same.
      due += pollMs
      refresh().then(() => {
        if (!closed) schedule()
      })
    })
  }
  schedule()

  return {
    current: (finality) => known[finality],
    follow(finality, handler) {
      // Its own function object, so that following twice with one handler makes two calls.
      const call = (head: BlockHead) => handler(head)
      handlers[finality].add(call)
      return () => {
        handlers[finality].delete(call)
      }
    },
    refresh,
    close() {
      closed = true
      timer.cancel()
      if (known.finalized.number > stored) keep(known.finalized)
      handlers.latest.clear()
      handlers.finalized.clear()
    },
  }
}
