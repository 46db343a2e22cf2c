import { statementDigest } from '../../types/digest.ts'
import { Kind } from '../../types/statement.ts'
import type { PartialWire } from '../../types/wire/codec.ts'
import { countedKey } from '../book.ts'
import { tallyOf } from '../runtime.ts'
import type { Admission } from './admit.ts'
import { checkSignature, decodeSignature } from './signature.ts'
import { ignore, reject } from './verdict.ts'

/** Counts a partial: one from its author's own stream optimistically, a gossiped one only once it is verified. */
export function admitPartial({ rt, message, table, author, on }: Admission<PartialWire>): void {
  const { statement, signature } = message
  if (statement.kind !== Kind.certify) reject('wrong-kind')
  if (rt.definition.agreement.kind === 'identical' && statement.attempt !== 0) reject('wrong-attempt')
  if (statement.attempt >= rt.timing.attempts) ignore('wrong-attempt')

  const state = rt.book.open(statement.slot)
  if (state.isSettled(statement.epoch)) {
    if (author !== undefined) state.seenSigners.add(message.author)
    ignore('settled')
  }
  // one payload a member and attempt: whoever sends many can neither make the slot grow nor crowd out the others
  const key = countedKey(statement, message.author)
  const counted = state.counted.get(key)
  if (counted !== undefined) ignore(counted === statement.payload ? 'seen' : 'equivocation')
  const share =
    author === undefined
      ? checkSignature(table, message.author, statementDigest(rt.domain, statement), signature)
      : decodeSignature(signature)
  state.counted.set(key, statement.payload)
  const tally = tallyOf(rt, state, table, statement)
  tally.add(message.author, share, { verified: author === undefined, peer: author })
  state.seenSigners.add(message.author)
  on.quorum(statement.slot)
}
