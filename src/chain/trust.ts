import type { Clock } from '../util/clock.ts'
import { LariatError } from '../util/errors.ts'
import type { Log } from '../util/log.ts'
import type { ChainMetrics } from './metrics.ts'

export type DistrustCode = 'chain.no-quorum' | 'chain.contradiction' | 'chain.reorged'

/** Why nothing may be signed over this chain now. */
export interface Distrust {
  readonly code: DistrustCode
  /** What is wrong and how to mend it. */
  readonly reason: string
  /** ms since the epoch. */
  readonly since: number
}

/** Whether what the providers say can be signed over. */
export interface ChainTrust {
  /** Undefined while it can. */
  problem(): Distrust | undefined
  /** The same as an error: a gate in front of the signer. */
  refuse(): LariatError<DistrustCode> | undefined
}

/** Where the finders of agreement and contradiction tell of them. */
export interface TrustKeeper extends ChainTrust {
  /** The providers agree on a final block. */
  agreed(): void
  /** Too few answer. */
  short(reason: string): void
  /** They contradict each other, and nothing proves who is wrong. */
  contradicted(reason: string): void
  /** A final block is gone: nothing is signed any more until an operator has looked and started anew. */
  reorged(reason: string): void
}

/**
 * ms for which too few providers may answer before signing stops. What is signed meanwhile rests on what they agreed on
 * before; an outage of a minute is common, and no epoch turns in it unseen.
 */
export const SHORT_GRACE_MS = 60_000
/** ms that signing stays stopped after the last contradiction: several looks, so that a liar who alternates does not open the gate. */
export const CONTRADICTION_HOLD_MS = 60_000

export function createTrust(
  clock: Clock,
  log: Log,
  metrics: Pick<ChainMetrics, 'trusted' | 'contradictions'>,
): TrustKeeper {
  let short: { reason: string; since: number } | undefined
  let contradiction: { reason: string; since: number; last: number } | undefined
  let reorg: { reason: string; since: number } | undefined

  function problem(): Distrust | undefined {
    const now = clock.now()
    if (contradiction !== undefined && now - contradiction.last >= CONTRADICTION_HOLD_MS) {
      log.info('the providers do not contradict each other any more')
      contradiction = undefined
    }
    if (reorg !== undefined) return { code: 'chain.reorged', ...reorg }
    if (contradiction !== undefined) {
      return { code: 'chain.contradiction', reason: contradiction.reason, since: contradiction.since }
    }
    if (short !== undefined && now - short.since >= SHORT_GRACE_MS) return { code: 'chain.no-quorum', ...short }
    return undefined
  }

  function tell(): void {
    metrics.trusted.set({}, problem() === undefined ? 1 : 0)
  }

  tell()
  return {
    problem,
    refuse() {
      const found = problem()
      return found === undefined ? undefined : new LariatError(found.code, found.reason, { since: found.since })
    },
    agreed() {
      short = undefined
      tell()
    },
    short(reason) {
      short = { reason, since: short?.since ?? clock.now() }
      tell()
    },
    contradicted(reason) {
      problem()
      metrics.contradictions.inc({})
      if (contradiction === undefined) log.error('the providers contradict each other: nothing is signed', { reason })
      contradiction = { reason, since: contradiction?.since ?? clock.now(), last: clock.now() }
      tell()
    },
    reorged(reason) {
      metrics.contradictions.inc({})
      if (reorg === undefined) log.error('a final block is gone: nothing is signed any more', { reason })
      reorg ??= { reason, since: clock.now() }
      tell()
    },
  }
}
