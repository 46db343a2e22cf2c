import type { Clock, Timer } from '../util/clock.ts'
import { describe } from '../util/errors.ts'
import type { Log } from '../util/log.ts'
import { unavailable } from './errors.ts'
import type { ChainMetrics } from './metrics.ts'
import type { Providers } from './providers.ts'
import type { BlockHead, Finality } from './types.ts'

/** The newest blocks of a chain. */
export interface Heads {
  /** The newest known block of that finality. */
  current(finality: Finality): BlockHead
  /** Calls `handler` for every new head; several blocks since the last look make one call. Returns the function that ends it. */
  follow(finality: Finality, handler: (head: BlockHead) => void): () => void
  /** Looks now instead of at the next tick; resolves when the look is over, failed or not. */
  refresh(): Promise<void>
  close(): void
}

export interface HeadsOptions {
  readonly providers: Providers
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Pick<ChainMetrics, 'head' | 'contradictions'>
  /** ms between looks. */
  readonly pollMs: number
}

/**
 * Follows the latest and the finalized head by polling. A look that takes longer than the interval skips the ticks it
 * missed. Resolves when both heads are known. @throws LariatError `chain.unavailable` when the first look fails
 */
export async function followHeads(options: HeadsOptions): Promise<Heads> {
  const { providers, clock, log, metrics, pollMs } = options
  const handlers = { latest: new Set<(head: BlockHead) => void>(), finalized: new Set<(head: BlockHead) => void>() }
  const known = { latest: await fetchHead(providers, 'latest'), finalized: await fetchHead(providers, 'finalized') }
  let closed = false
  let failing = false
  let timer: Timer
  let looking: Promise<void> | undefined

  function take(finality: Finality, head: BlockHead): void {
    const before = known[finality]
    if (head.hash === before.hash) return
    if (finality === 'finalized') {
      // A provider may be behind, and then says less than we know; it may never say otherwise.
      if (head.number < before.number) return
      if (head.number === before.number) {
        metrics.contradictions.inc({})
        log.error('two different blocks were called final: distrust the providers', {
          number: head.number,
          hashes: [before.hash, head.hash],
        })
        return
      }
    }
    known[finality] = head
    metrics.head.set({ finality }, Number(head.number))
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
      const [latest, finalized] = await Promise.all([fetchHead(providers, 'latest'), fetchHead(providers, 'finalized')])
      if (closed) return
      if (failing) log.info('the chain answers again', { head: latest.number })
      failing = false
      take('latest', latest)
      take('finalized', finalized)
    } catch (error) {
      if (!failing && !closed) log.warn('cannot read the head of the chain; trying on', { error: describe(error) })
      failing = true
    }
  }

  function refresh(): Promise<void> {
    looking ??= look().finally(() => {
      looking = undefined
    })
    return looking
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
      handlers.latest.clear()
      handlers.finalized.clear()
    },
  }
}

/** The head as the providers have it. */
async function fetchHead(providers: Providers, finality: Finality): Promise<BlockHead> {
  return providers.ask(`the ${finality} block`, async (client, provider) => {
    const { number, hash, timestamp } = await client.getBlock({ blockTag: finality })
    if (number === null || hash === null) {
      throw unavailable('malformed', provider, `the ${finality} block`, 'a block without number or hash')
    }
    return { number, hash, timestamp }
  })
}
