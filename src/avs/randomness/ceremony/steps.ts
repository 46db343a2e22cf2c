import type { Address } from 'lariat/avs'
import { type BoardSession, countingOf, dealersOf } from './board.ts'

/** What is to be done now about a session, by this operator. */
export type Step =
  /** Post our dealing. */
  | { readonly kind: 'deal' }
  /** Look at all dealings, and complain of what is wrong. */
  | { readonly kind: 'examine' }
  /** Add up the commitments; the session finishes with the last. */
  | { readonly kind: 'fold' }
  /** End a session that cannot finish. */
  | { readonly kind: 'fail' }

export interface Stand {
  readonly operator: Address
  readonly session: BoardSession | undefined
  /** The newest final block. */
  readonly final: bigint
  /** The newest block. */
  readonly latest: bigint
}

/**
 * What a session wants from this operator, by final blocks: a dealing when the session is final, complaints when all dealings are,
 * the sum when all complaints are. A step is wanted until the chain shows it; whoever takes it sees to it that it is done once.
 */
export function stepOf({ operator, session, final, latest }: Stand): Step | undefined {
  if (session === undefined || session.state !== 'open' || final < session.openedAt.block) return undefined
  const own = operator.toLowerCase()
  // a transaction that is sent now is in the next block at the earliest
  const next = latest + 1n
  if (next <= session.dealEnd) {
    const owes = dealersOf(session.facts).some((member) => member.operator.toLowerCase() === own)
    return owes && !session.dealt.has(own) && !session.convicted.has(own) ? { kind: 'deal' } : undefined
  }
  if (final < session.dealEnd) return undefined
  if (next <= session.complaintEnd) return { kind: 'examine' }
  // a dealing or a conviction in a block that is not final may still change the sum
  if (final < session.complaintEnd) return undefined
  if (next > session.finishEnd) return { kind: 'fail' }
  return countingOf(session) === undefined ? { kind: 'fail' } : { kind: 'fold' }
}

/** A session that is under way, for those who watch. */
export interface SessionView {
  readonly session: bigint
  /** Whether it makes the group's key, or deals the key's shares anew. */
  readonly kind: 'key generation' | 'resharing'
  readonly phase: 'dealing' | 'complaints' | 'adding up' | 'over'
  /** Last block of the phase; of the last one when all are over. */
  readonly phaseEnd: bigint
  /** Dealings that are there, and operators that owe one. */
  readonly dealt: number
  readonly dealers: number
}

/** @param latest the newest block */
export function viewOf(session: BoardSession, latest: bigint): SessionView {
  const { facts, dealEnd, complaintEnd, finishEnd, dealt } = session
  const phases = [
    ['dealing', dealEnd],
    ['complaints', complaintEnd],
    ['adding up', finishEnd],
  ] as const
  const [phase, phaseEnd] = phases.find(([, end]) => latest < end) ?? (['over', finishEnd] as const)
  return {
    ...{ session: facts.session, phase, phaseEnd },
    kind: facts.previous === undefined ? 'key generation' : 'resharing',
    dealt: dealt.size,
    dealers: dealersOf(facts).length,
  }
}
