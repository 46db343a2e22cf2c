import { Kind } from '../../types/statement.ts'
import type { PartialWire } from '../../types/wire/codec.ts'
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
  if (state.certificate !== undefined) {
    if (author !== undefined) state.seenSigners.add(message.author)
    ignore('settled')
  }
  const tally = tallyOf(rt, state, table, statement) ?? ignore('unwanted')
  if (tally.has(message.author)) ignore('seen')
  const share =
    author === undefined ? checkSignature(table, message.author, tally.digest, signature) : decodeSignature(signature)
  tally.add(message.author, share, { verified: author === undefined, peer: author })
  state.seenSigners.add(message.author)
  on.quorum(statement.slot)
}
