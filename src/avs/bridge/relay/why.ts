import type { Waiting } from './backlog.ts'
import type { Reason } from './reasons.ts'

/** Why nothing is delivered, of a whole stream or to a whole destination. */
export interface Blocked {
  readonly reason: Reason
  readonly detail: string | undefined
}

/** What there is around a message that waits. */
export interface Around {
  readonly now: number
  /** Of the destination. */
  readonly blocked: Blocked | undefined
  /** Of the stream. */
  readonly streamBlocked: Blocked | undefined
  /** Newest leaf that an accepted certificate covers; -1 for none. */
  readonly coveredTo: number
  /** The first leaf that waits, where they go in order; undefined where they do not. */
  readonly first: number | undefined
}

/** Why a message that did not land waits. */
export function reasonOf(waiting: Waiting, around: Around): Blocked {
  const { now, blocked, streamBlocked, coveredTo, first } = around
  const plain = (reason: Reason): Blocked => ({ reason, detail: undefined })
  if (waiting.nextAt > now && waiting.reason !== undefined) return { reason: waiting.reason, detail: waiting.detail }
  if (blocked !== undefined) return blocked
  if (streamBlocked !== undefined) return streamBlocked
  if (waiting.index > coveredTo) return plain('not-attested')
  if (first !== undefined && waiting.index !== first) return plain('in-order')
  return plain(waiting.turnAt !== undefined && waiting.turnAt > now ? 'turn' : 'queued')
}
