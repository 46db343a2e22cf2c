import cron from 'node-cron'
import type { Part } from '../../avs/api.ts'
import { rewardsCoordinatorAbi } from '../../chain/abi/rewardsCoordinator.ts'
import type { RewardsLedger, TokenRewards } from '../../chain/rewards/ledger.ts'
import type { RewardsClaim } from '../../chain/rewards/tree.ts'
import type { ServiceChain } from '../../chain/types.ts'
import type { Clock } from '../../util/clock.ts'
import { describe, LariatError } from '../../util/errors.ts'
import type { Address } from '../../util/hex.ts'
import type { Log } from '../../util/log.ts'
import type { RewardsConfig } from '../config/rewards.ts'
import { checkClaim, checkClaimer } from './claim.ts'
import type { RewardsMetrics } from './metrics.ts'

export interface ScheduledClaimsOptions {
  /** Sends from the operator's account, or its claimer's. */
  readonly chain: ServiceChain
  readonly coordinator: Address
  readonly ledger: RewardsLedger
  readonly earner: Address
  readonly recipient: Address
  readonly claim: NonNullable<RewardsConfig['claim']>
  /** The strategy that holds a token; undefined where there is none. */
  readonly strategyOf: (token: Address) => Address | undefined
  readonly clock: Clock
  readonly log: Log
  readonly metrics: RewardsMetrics
}

export interface ScheduledClaims extends Part {
  /** Claims now, unless it is doing so already. Never throws: a failure is counted and logged. */
  run(): Promise<'claimed' | 'nothing' | 'failed' | 'overlapped'>
}

/** Claims the earner's rewards at the times of a cron expression (UTC), one run at a time. A failure never stops the node. */
export function createScheduledClaims(options: ScheduledClaimsOptions): ScheduledClaims {
  const { chain, coordinator, ledger, earner, recipient, clock, metrics } = options
  const log = options.log.child({ part: 'rewards' })
  const stopping = new AbortController()
  const { signal } = stopping
  let job: ReturnType<typeof cron.schedule> | undefined
  let running: Promise<unknown> | undefined
  /** By token, what was counted as earned. */
  const counted = new Map<Address, bigint>()

  /** The counter is the sum of the distribution; a later one that has less, which is wrong, takes nothing back. */
  function count({ token, earned }: TokenRewards): void {
    const more = earned - (counted.get(token) ?? 0n)
    if (more <= 0n) return
    counted.set(token, earned)
    const strategy = options.strategyOf(token) ?? coordinator
    metrics.earned.inc({ token, unit: 'smallest', strategy }, Number(more))
  }

  async function look() {
    const at = { read: chain.read, now: Number(chain.head('latest').timestamp) }
    const rewards = await ledger.look(at, earner, signal)
    for (const entry of rewards.tokens) {
      metrics.claimable.set({ token: entry.token }, Number(entry.claimable))
      count(entry)
    }
    return rewards
  }

  async function attempt(): Promise<'claimed' | 'nothing'> {
    const rewards = await look()
    if (!rewards.active) return 'nothing'
    const worth = rewards.tokens.filter((entry) => isWorthAClaim(entry, options.claim.minimum))
    if (worth.length === 0) return 'nothing'
    checkClaimer(rewards, chain.account)
    for (const claim of await rewards.claims(worth.map(({ token }) => token))) await send(claim, worth)
    await look()
    return 'claimed'
  }

  async function send(claim: RewardsClaim, worth: readonly TokenRewards[]): Promise<void> {
    signal.throwIfAborted()
    await checkClaim(chain.read, coordinator, claim)
    const { hash, blockNumber } = await chain.write({
      address: coordinator,
      abi: rewardsCoordinatorAbi,
      functionName: 'processClaim',
      args: [claim, recipient],
      signal,
    })
    const tokens = new Set(claim.tokenLeaves.map(({ token }) => token.toLowerCase()))
    for (const { token, claimable } of worth.filter((entry) => tokens.has(entry.token.toLowerCase()))) {
      metrics.claimed.inc({ token }, Number(claimable))
      log.info('claimed rewards', { token, amount: claimable, recipient, hash, block: blockNumber })
    }
  }

  async function tried(): Promise<'claimed' | 'nothing' | 'failed'> {
    try {
      const outcome = await attempt()
      metrics.runs.inc({ outcome })
      metrics.lastRun.set({}, clock.now() / 1_000)
      if (outcome === 'nothing') log.info('no rewards to claim', { earner })
      return outcome
    } catch (error) {
      if (signal.aborted) return 'nothing'
      metrics.runs.inc({ outcome: 'failed' })
      metrics.failures.inc({ reason: error instanceof LariatError ? error.code : 'internal' })
      log.error('rewards were not claimed; the next try is the next of rewards.claim.schedule', {
        error: describe(error),
      })
      return 'failed'
    }
  }

  async function run(): Promise<'claimed' | 'nothing' | 'failed' | 'overlapped'> {
    if (running !== undefined) {
      metrics.runs.inc({ outcome: 'overlapped' })
      log.warn('the last claim of rewards is still under way; this one is left out')
      return 'overlapped'
    }
    const current = tried()
    running = current
    try {
      return await current
    } finally {
      running = undefined
    }
  }

  return {
    name: 'rewards',
    run,
    async start() {
      job = cron.schedule(options.claim.schedule, () => void run(), { timezone: 'UTC' })
    },
    async stop() {
      await job?.destroy()
      stopping.abort(new LariatError('rewards.stopping', 'the node is stopping'))
      await running
    },
  }
}

function isWorthAClaim(
  { token, claimable }: TokenRewards,
  minimum: ScheduledClaimsOptions['claim']['minimum'],
): boolean {
  const least = minimum.find((entry) => entry.token.toLowerCase() === token.toLowerCase())?.amount ?? 1n
  return claimable >= least
}
