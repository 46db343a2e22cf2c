import type { Metrics } from '../metrics/registry.ts'
import { type Clock, sleep } from '../util/clock.ts'
import { describe } from '../util/errors.ts'
import type { Address } from '../util/hex.ts'
import type { Log } from '../util/log.ts'
import { serviceManagerAbi } from './abi/serviceManager.ts'
import { isReverted } from './errors.ts'
import { declareServiceManagerMetrics } from './metrics.ts'
import type { ServiceChain } from './types.ts'

/** Builds epochs when they are due. */
export interface EpochKeeper {
  readonly name: string
  start(): Promise<void>
  /** Resolves when nothing of it runs any more; a transaction that was sent is not awaited. */
  stop(): Promise<void>
}

export interface KeeperOptions {
  readonly chain: ServiceChain
  readonly serviceManager: Address
  /** This node's place in the order of those who build: 0 acts at once, each next one a little later. Asked anew each time. */
  readonly rank: () => number
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** ms between looks whether an epoch is due. */
  readonly checkMs?: number
  /** ms without progress that a rank waits for the one before it. */
  readonly rankDelayMs?: number
}

/** ms: a block of mainnet. Nothing depends on a new epoch within minutes. */
export const DEFAULT_CHECK_MS = 12_000
/** ms: three blocks of mainnet, for a transaction of the rank before to be mined. */
export const DEFAULT_RANK_DELAY_MS = 36_000
/** Most gas of one page; a transaction may have 16,777,216. */
const PAGE_GAS = 11_500_000
/** Gas of one operator in a page, and of each strategy of it: 8.1M for 100 operators and one strategy (bench gas), 13.3M with five (forge). */
const OPERATOR_GAS = 66_000
const STRATEGY_GAS = 14_500
/** The contract takes no smaller pages. */
const MIN_PAGE = 32
/** Larger ones are slow to simulate. */
const MAX_PAGE = 100
/** Steps of one go: the contract's largest set in its smallest pages, and as much for building that starts again. */
const MAX_STEPS = 700

type Step = 'begin' | 'add' | 'finish'

/** Several nodes may build at a time: who comes second is refused by the simulation, and goes on from where the table is. */
export function createEpochKeeper(options: KeeperOptions): EpochKeeper {
  const { chain, serviceManager: address, rank, clock, log } = options
  const { checkMs = DEFAULT_CHECK_MS, rankDelayMs = DEFAULT_RANK_DELAY_MS } = options
  const metrics = declareServiceManagerMetrics(options.metrics)
  const contract = { address, abi: serviceManagerAbi } as const
  const stopping = new AbortController()
  const { signal } = stopping
  let loop: Promise<void> = Promise.resolve()
  /** The state of the building that was seen last, and since when (ms). */
  let seen: { readonly state: string; readonly since: number } | undefined

  /** The transaction that building needs next; undefined when there is nothing to build. */
  async function nextStep(): Promise<{ step: Step; state: string } | undefined> {
    const [epoch, added, total] = await chain.read({ ...contract, functionName: 'epochProgress', args: [] })
    if (epoch !== 0n) return { step: added < total ? 'add' : 'finish', state: `${epoch}: ${added} of ${total}` }
    const due = await chain.read({ ...contract, functionName: 'epochDue', args: [] })
    return due ? { step: 'begin', state: 'due' } : undefined
  }

  /** Whether the step was ours. */
  async function take(step: Step): Promise<boolean> {
    try {
      if (step === 'begin') await chain.write({ ...contract, functionName: 'beginEpoch', args: [], signal })
      else if (step === 'add') {
        const strategies = await chain.read({ ...contract, functionName: 'strategies', args: [] })
        const args = [BigInt(pageSize(strategies.length))] as const
        await chain.write({ ...contract, functionName: 'addToEpoch', args, signal })
      } else await chain.write({ ...contract, functionName: 'finishEpoch', args: [], signal })
      metrics.keeperSteps.inc({ contract: address, step, outcome: 'done' })
      return true
    } catch (error) {
      if (!isReverted(error)) throw error
      // Another node took this step, or the building started again; the next look tells.
      metrics.keeperSteps.inc({ contract: address, step, outcome: 'overtaken' })
      log.debug('a step of building an epoch was refused', { step, error: describe(error) })
      return false
    }
  }

  /** One look, and all the steps that are this node's to take. */
  async function check(): Promise<void> {
    for (let steps = 0; steps < MAX_STEPS; steps++) {
      const next = await nextStep()
      if (next === undefined) {
        seen = undefined
        return
      }
      const { step, state } = next
      if (seen?.state !== state) {
        // After a step of ours the building is ours; a state that others made is theirs to go on from, for a while.
        seen = { state, since: steps > 0 ? Number.NEGATIVE_INFINITY : clock.now() }
      }
      if (clock.now() - seen.since < rank() * rankDelayMs) return
      log.info('building an epoch', { step, state })
      if (!(await take(step))) return
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await check()
      } catch (error) {
        if (signal.aborted) return
        metrics.refreshFailures.inc({ contract: address, what: 'keeper' })
        log.warn('building an epoch failed; trying again', { error: describe(error), retryMs: checkMs })
      }
      // Rejects only when it is told to stop.
      await sleep(clock, checkMs, signal).catch(() => {})
    }
  }

  return {
    name: `epoch keeper of ${address}`,
    async start() {
      loop = run()
    },
    async stop() {
      stopping.abort(new DOMException('the epoch keeper stops', 'AbortError'))
      await loop
    },
  }
}

/** Operators of one page, so that it takes about `PAGE_GAS`. @param strategies whose stake counts, 1 to 16 */
export function pageSize(strategies: number): number {
  const fits = Math.floor(PAGE_GAS / (OPERATOR_GAS + STRATEGY_GAS * strategies))
  return Math.min(MAX_PAGE, Math.max(MIN_PAGE, fits))
}
