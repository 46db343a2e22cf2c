import { findInvalid } from '../../bls/blame.ts'
import { signatureFromBytes } from '../../bls/keys.ts'
import { verifyDistinct } from '../../bls/verify.ts'
import { statementDigest } from '../../types/digest.ts'
import { isQuorum, weightOf } from '../../types/epoch.ts'
import { Kind, type Statement } from '../../types/statement.ts'
import { encodeMessage } from '../../types/wire/codec.ts'
import { until } from '../../util/clock.ts'
import { LariatError } from '../../util/errors.ts'
import { keyOf } from '../aggregation/tally.ts'
import type { HeldObservation } from '../book.ts'
import { signStatement } from '../runtime.ts'
import { observationStatement, proposalPayload } from './proposal.ts'
import type { Round } from './report.ts'

/** Most batch checks that one hunt for false observations may cost. */
const MAX_BLAME_CHECKS = 128

/** The leader's part: gathers a quorum of observations, checks them in one batch, and proposes the set. @throws LariatError `agree.no-observations`, `guard.…` */
export async function propose(round: Round, signal: AbortSignal): Promise<void> {
  const { rt, state, task, attempt, table, row } = round
  do {
    await gather(round, signal)
  } while (!checkObservations(round))

  const observations = [...state.observations.values()]
    .filter(({ author }) => !table.revoked.has(author))
    .sort((a, b) => a.author - b.author)
    .map(({ author, signature, body }) => ({ author, signature, body }))
  const payload = proposalPayload(observations)
  const statement: Statement = {
    service: rt.service,
    kind: Kind.propose,
    epoch: table.number,
    slot: task.slot,
    attempt,
    payload,
  }
  const signature = await signStatement(rt, task, statement)
  state.proposals.set(attempt, { author: row, payload, observations })
  state.changed.notify()
  await rt.transport.publish(
    rt.topic,
    encodeMessage({ type: 'proposal', statement, author: row, signature, observations }),
  )
}

/** Waits for a quorum of observations, then a little longer for the rest, so that a slow operator is not left out at once. */
async function gather({ rt, state, table }: Round, signal: AbortSignal): Promise<void> {
  const weight = () => weightOf(table, state.observations.keys())
  const unrevoked = weightOf(
    table,
    table.members.map(({ index }) => index),
  )
  try {
    await state.changed.wait(() => isQuorum(weight(), table.totalWeight, table.quorumBps) || undefined, signal)
  } catch (error) {
    throw new LariatError('agree.no-observations', `slot ${state.slot}: no quorum of observations`, {}, error)
  }
  const grace = until(rt.clock, rt.clock.now() + rt.timing.observationGraceMs, signal)
  try {
    await state.changed.wait(() => weight() === unrevoked || undefined, grace.signal)
  } catch (error) {
    if (signal.aborted) throw error // otherwise the grace is over: go on with the quorum
  } finally {
    grace.done()
  }
}

/** Verifies what direct streams handed over unverified, drops what is false and cuts its sender off; true when a quorum is left. */
function checkObservations(round: Round): boolean {
  const { rt, state, table } = round
  const unverified = [...state.observations.values()].filter(({ verified }) => !verified)
  const { invalid, exhausted } = findInvalid(unverified, (some) => areValid(round, some), MAX_BLAME_CHECKS)
  const found = new Set(invalid.map((i) => unverified[i]))
  for (const held of unverified) {
    if (!exhausted && !found.has(held)) held.verified = true
    else state.observations.delete(held.author)
    if (found.has(held) && held.peer !== undefined) rt.transport.penalize(held.peer, 'invalid-signature')
  }
  return isQuorum(weightOf(table, state.observations.keys()), table.totalWeight, table.quorumBps)
}

function areValid({ rt, agreement, state, table }: Round, held: readonly HeldObservation[]): boolean {
  try {
    return verifyDistinct(
      held.map(({ author, signature, body }) => {
        const publicKey = keyOf(table, author)
        if (publicKey === undefined) throw new RangeError(`row ${author} is not in the table`)
        agreement.observation.decode(body)
        const of = { service: rt.service, epoch: table.number, slot: state.slot }
        return {
          digest: statementDigest(rt.domain, observationStatement(of, body)),
          publicKey,
          signature: signatureFromBytes(signature),
        }
      }),
    )
  } catch {
    return false // a body that does not decode or a signature that is no point: as false as a wrong one
  }
}
