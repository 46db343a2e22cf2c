import type { LocalAccount } from 'viem'
import type { Metrics } from '../../metrics/registry.ts'
import type { CursorStore } from '../../store/store.ts'
import { type Clock, sleep } from '../../util/clock.ts'
import type { Log } from '../../util/log.ts'
import type { ChainsConfig } from '../config/chains.ts'
import type { Lifecycle } from '../lifecycle.ts'
import { type Following, followChain } from './follow.ts'
import { declareFollowMetrics } from './metrics.ts'
import { openFurtherChain } from './open.ts'

/**
 * ms that a start waits for further chains: healthy ones open in under a second, so that services find them ready. What takes
 * longer is opened in the background.
 */
const START_WAIT_MS = 5_000

export interface FurtherChainsOptions {
  readonly chains: ChainsConfig
  readonly dataDir: string
  readonly account: LocalAccount
  readonly cursors: CursorStore
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

/**
 * Begins to follow every further chain, as a part each, in the order of the configuration. None of them can keep the node from
 * starting.
 */
export async function openFurtherChains(
  options: FurtherChainsOptions,
  lifecycle: Pick<Lifecycle, 'open'>,
): Promise<readonly Following[]> {
  const { chains, clock } = options
  const metrics = declareFollowMetrics(options.metrics)
  const followed: Following[] = []
  for (const [name, config] of Object.entries(chains)) {
    const log = options.log.child({ chain: name })
    followed.push(
      await lifecycle.open(
        `chain ${name}`,
        () =>
          followChain({
            ...{ name, chainId: config.id, clock, log, metrics },
            open: (signal) => openFurtherChain({ ...options, name, config, log }, signal),
          }),
        (opened) => opened.close(),
      ),
    )
  }
  if (followed.length > 0)
    await lifecycle.open(
      'further chains',
      () => firstAttempts(followed, clock),
      () => {},
    )
  return followed
}

async function firstAttempts(followed: readonly Following[], clock: Clock): Promise<void> {
  const enough = new AbortController()
  const waited = sleep(clock, START_WAIT_MS, enough.signal).catch(() => {})
  await Promise.race([Promise.all(followed.map(({ attempted }) => attempted)), waited])
  enough.abort()
}
