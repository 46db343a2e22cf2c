import type { Clock } from '../util/clock.ts'
import { LariatError } from '../util/errors.ts'
import type { Log } from '../util/log.ts'
import { STAKE_CHAIN } from './chainLabel.ts'
import type { UndoneBlock } from './heads.ts'
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
  /** Why the providers of now cannot be believed; undefined while they can. */
  problem(): Distrust | undefined
  /** The final block that was undone, which no operator has acknowledged. */
  undone(): UndoneBlock | undefined
  /** Either as an error: a gate in front of the signer. */
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
  /** A final block is gone: nothing is signed any more until an operator has acknowledged it and started anew. */
  reorged(undone: UndoneBlock): void
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
  metrics: Pick<ChainMetrics, 'trusted' | 'contradictions' | 'undoneFinal'>,
  name: string = STAKE_CHAIN,
): TrustKeeper {
  let short: { reason: string; since: number } | undefined
  let contradiction: { reason: string; since: number; last: number } | undefined
  let undone: UndoneBlock | undefined

  function problem(): Distrust | undefined {
    const now = clock.now()
    if (contradiction !== undefined && now - contradiction.last >= CONTRADICTION_HOLD_MS) {
      log.info('the providers do not contradict each other any more')
      contradiction = undefined
    }
    if (contradiction !== undefined) {
      return { code: 'chain.contradiction', reason: contradiction.reason, since: contradiction.since }
    }
    if (short !== undefined && now - short.since >= SHORT_GRACE_MS) return { code: 'chain.no-quorum', ...short }
    return undefined
  }

  function tell(): void {
    metrics.trusted.set({}, problem() === undefined && undone === undefined ? 1 : 0)
    metrics.undoneFinal.set({}, undone === undefined ? 0 : 1)
  }

  tell()
  return {
    problem,
    undone: () => undone,
    refuse() {
      const found =
        undone === undefined
          ? problem()
          : { code: 'chain.reorged' as const, reason: reasonOf(undone, name), since: undone.at }
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
    reorged(found) {
      metrics.contradictions.inc({})
      if (undone === undefined) log.error('nothing is signed any more', { reason: reasonOf(found, name) })
      undone ??= found
      tell()
    },
  }
}

/** What happened on the chain of that name and how to mend it, in one sentence. */
export function reasonOf({ number, hash, instead, at }: UndoneBlock, name: string = STAKE_CHAIN): string {
  const option = name === STAKE_CHAIN ? '' : ` --chain ${name}`
  return `block ${number} was final as ${hash}, and since ${new Date(at).toISOString()} the providers have ${instead} in its place: see on other sources which is right, then stop the node and run lariat acknowledge reorg${option}`
}
