import { keccak256 } from 'viem'
import { statementDigest } from '../../types/digest.ts'
import { Kind } from '../../types/statement.ts'
import type { ObservationWire } from '../../types/wire/codec.ts'
import type { Admission } from './admit.ts'
import { checkSignature } from './signature.ts'
import { ignore, reject } from './verdict.ts'

/** Files an observation: from its author's own stream unverified, for the leader to check in a batch; gossiped ones verified. */
export function admitObservation({ rt, message, table, author }: Admission<ObservationWire>): void {
  const { statement, body, signature } = message
  if (rt.definition.agreement.kind !== 'report') reject('unwanted')
  if (statement.kind !== Kind.observe) reject('wrong-kind')
  if (statement.attempt !== 0) reject('wrong-attempt')
  const payload = keccak256(body)
  if (payload !== statement.payload) reject('false-value')

  const state = rt.book.open(statement.slot)
  if (state.isSettled(statement.epoch)) ignore('settled')
  const held = state.observations.get(message.author)
  if (held?.payload === payload) ignore('seen')

  const verified = author === undefined || held !== undefined
  if (verified) checkSignature(table, message.author, statementDigest(rt.domain, statement), signature)
  if (held?.verified) ignore('equivocation')
  state.observations.set(message.author, { author: message.author, signature, body, payload, peer: author, verified })
  state.changed.notify()
}
