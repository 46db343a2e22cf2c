import { signatureFromBytes } from '../../bls/keys.ts'
import { type SignedDigest, verifyDistinct } from '../../bls/verify.ts'
import { statementDigest } from '../../types/digest.ts'
import { Kind } from '../../types/statement.ts'
import type { ProposalWire, SignedBody } from '../../types/wire/codec.ts'
import { equalBytes } from '../../util/hex.ts'
import { keyOf } from '../aggregation/tally.ts'
import { isWellFormed, observationStatement, proposalPayload } from '../agreement/proposal.ts'
import type { SlotState } from '../book.ts'
import { hearQuoted } from '../evidence/hear.ts'
import { leaderOf } from '../rank.ts'
import { orderOf } from '../runtime.ts'
import type { Admission } from './admit.ts'
import { ignore, reject } from './verdict.ts'

/** Files a leader's proposal, its signature and all in it verified in one batch before it is forwarded. */
export function admitProposal({ rt, message, table }: Admission<ProposalWire>): void {
  const { statement, observations } = message
  const { agreement } = rt.definition
  const { decode } = agreement.kind === 'report' ? agreement.observation : reject('unwanted')
  if (statement.kind !== Kind.propose) reject('wrong-kind')
  if (statement.attempt >= rt.timing.attempts) reject('wrong-attempt')

  const state = rt.book.open(statement.slot)
  if (state.isSettled(statement.epoch)) ignore('settled')
  // an honest node's table may lag by a revocation, so a wrong leader is not the messenger's fault
  if (leaderOf(orderOf(rt, state, table), statement.attempt) !== message.author) ignore('wrong-leader')
  const held = state.proposals.get(statement.attempt)
  if (held?.payload === statement.payload) ignore('seen')
  if (proposalPayload(observations) !== statement.payload) reject('false-proposal')
  if (!isWellFormed(table, observations)) reject('false-proposal')

  const signed: SignedDigest[] = []
  try {
    const of = { service: rt.service, epoch: table.number, slot: statement.slot }
    for (const observation of observations) {
      decode(observation.body)
      if (isKnown(state, observation)) continue
      const digest = statementDigest(rt.domain, observationStatement(of, observation.body))
      signed.push(signedBy(table, observation.author, digest, observation.signature))
    }
    signed.push(signedBy(table, message.author, statementDigest(rt.domain, statement), message.signature))
  } catch {
    reject('false-proposal')
  }
  if (!verifyDistinct(signed)) reject('false-signature')

  hearQuoted(rt, table, statement, observations)
  if (held !== undefined) ignore('equivocation')
  state.proposals.set(statement.attempt, { author: message.author, payload: statement.payload, observations })
  state.changed.notify()
}

/** Ours, or verified before: the same author, body and signature. */
function isKnown(state: SlotState, observation: SignedBody): boolean {
  const held = state.observations.get(observation.author)
  return (
    held?.verified === true &&
    equalBytes(held.signature, observation.signature) &&
    equalBytes(held.body, observation.body)
  )
}

function signedBy(
  table: Parameters<typeof keyOf>[0],
  row: number,
  digest: Uint8Array,
  signature: Uint8Array,
): SignedDigest {
  const publicKey = keyOf(table, row)
  if (publicKey === undefined) throw new RangeError(`row ${row} is not in the table`)
  return { digest, publicKey, signature: signatureFromBytes(signature) }
}
