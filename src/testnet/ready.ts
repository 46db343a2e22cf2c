import { type Clock, sleep } from '../util/clock.ts'
import { LariatError } from '../util/errors.ts'
import type { Collector, NodeView } from './collector.ts'

/** From the start of the nodes to the first price on chain, ms; takes about ten seconds, and minutes on a machine that is busy otherwise. */
const READY_MS = 180_000
/** ms between looks at what the collector has found. */
const LOOK_MS = 200

/**
 * Resolves when every node is healthy and every feed has an answer on chain.
 * @param problems what has failed so far; anything ends the waiting
 * @throws LariatError `testnet.not-ready`
 */
export async function untilReady(
  collector: Collector,
  clock: Clock,
  problems: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const deadline = clock.now() + READY_MS
  for (;;) {
    const { feeds } = collector.facts()
    const ill = collector.nodes().filter(({ health }) => health?.healthy !== true)
    if (ill.length === 0 && feeds.every(({ latest }) => latest !== undefined)) return
    if (problems.length > 0) throw new LariatError('testnet.not-ready', problems.join('; '))
    if (clock.now() > deadline) {
      const why = ill.map(({ name, health }) => `${name}: ${problemsOf(health)}`)
      throw new LariatError(
        'testnet.not-ready',
        `not ready after ${READY_MS / 1_000} s: ${why.join(' | ') || 'a feed has no answer'}`,
      )
    }
    await sleep(clock, LOOK_MS, signal)
  }
}

function problemsOf(health: NodeView['health']): string {
  if (health === undefined) return 'does not answer'
  return health.checks.flatMap(({ ok, problem }) => (ok ? [] : [problem ?? 'failing'])).join(', ')
}
