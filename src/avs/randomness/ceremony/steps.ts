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
