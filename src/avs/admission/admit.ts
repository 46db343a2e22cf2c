import type { Inbound, Penalty, Verdict } from '../../p2p/transport.ts'
import type { EpochTable } from '../../types/epoch.ts'
import { decodeEnvelope, type StatementWire, type WireMessage } from '../../types/wire/codec.ts'
import { describe, LariatError } from '../../util/errors.ts'
import { hear, heardVerified } from '../evidence/hear.ts'
import type { Heard } from '../evidence/witness.ts'
import type { Runtime, Signals } from '../runtime.ts'
import { admitCertificate } from './certificate.ts'
import { admitEvidence } from './evidence.ts'
import { admitObservation } from './observation.ts'
import { admitPartial } from './partial.ts'
import { admitProposal } from './proposal.ts'
import { type AdmissionReason, ignore, Refusal, reject } from './verdict.ts'

/** What admission of one kind of message may use: the message, who handed it over, and its epoch's table. */
export interface Admission<Message extends StatementWire> {
  readonly rt: Runtime
  readonly message: Message
  readonly table: EpochTable
  /** Peer that handed it over; set only when it came directly from its author, whose share may then be checked later. */
  readonly author: string | undefined
  readonly on: Signals
}

/**
 * Judges a message in order of cost: size → bounded decode → service, epoch, slot window, member → seen → signature.
 * Penalties fall on the authenticated peer that handed it over, never on a claimed author.
 */
export async function admit(rt: Runtime, inbound: Inbound, on: Signals): Promise<Verdict> {
  const service = rt.definition.name
  try {
    const message = decode(inbound.data)
    if (message.type === 'evidence') admitEvidence(rt, message)
    else await admitStatement(rt, inbound, message, on)
    rt.metrics.admitted.inc({ service, verdict: 'accept', reason: 'ok' })
    return 'accept'
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal('ignore', 'internal')
    rt.metrics.admitted.inc({ service, verdict: refusal.verdict, reason: refusal.reason })
    if (refusal.reason === 'internal') rt.log.error('admission failed', { error: describe(error), from: inbound.from })
    if (refusal.verdict === 'reject') {
      rt.log.warn('refused a message', { from: inbound.from, via: inbound.via, reason: refusal.reason })
      rt.transport.penalize(inbound.from, penaltyOf(refusal.reason))
    }
    return refusal.verdict
  }
}

async function admitStatement(rt: Runtime, inbound: Inbound, message: StatementWire, on: Signals): Promise<void> {
  const table = place(rt, message)
  const author = directAuthor(rt, inbound, message, table)
  const heard = witness(rt, message, table, author, inbound)
  await admitByType({ rt, message, table, author, on })
  const isVerified = author === undefined || message.type === 'proposal'
  if (heard !== undefined && isVerified) heardVerified(rt, heard)
}

/**
 * Compares the author's statement with its earlier ones, and looks for our own key's. Both, whichever of them refuses the
 * message: an equivocation stays one beside a false quote of ours, and a second self is one although it equivocates.
 */
function witness(
  rt: Runtime,
  message: StatementWire,
  table: EpochTable,
  author: string | undefined,
  inbound: Inbound,
): Heard | undefined {
  try {
    return message.type === 'certificate' ? undefined : hear(rt, table, message, author !== undefined)
  } finally {
    rt.selfWatch.look(message, table, inbound)
  }
}

function decode(data: Uint8Array): WireMessage {
  try {
    return decodeEnvelope(data)
  } catch (error) {
    if (error instanceof LariatError) return reject('malformed')
    throw error
  }
}

/** The epoch's table, once service, slot window and epoch fit. */
function place(rt: Runtime, { statement }: StatementWire): EpochTable {
  if (statement.service !== rt.service) reject('other-service')
  const placed = rt.window.place(statement.slot, rt.clock.now())
  if (placed !== 'open') return ignore(placed)
  const time = rt.window.timeOf(statement.slot)
  // a time slot is valid only under the epoch active at its time; an index slot under any epoch that is still accepted
  const table = time === undefined ? rt.epochs.byNumber(statement.epoch) : rt.epochs.at(time / 1000)
  if (table === undefined) return ignore('unknown-epoch')
  if (table.number !== statement.epoch) return ignore('wrong-epoch')
  return table
}

/** The peer, when the message came over a direct stream from the very operator that it names as its author. */
function directAuthor(rt: Runtime, inbound: Inbound, message: StatementWire, table: EpochTable): string | undefined {
  if (message.type === 'certificate') return undefined
  const member = table.members[message.author]
  if (member === undefined) return ignore('not-a-member')
  if (inbound.via !== 'direct') return undefined
  return rt.directory.peerOf(member.operator) === inbound.from ? inbound.from : undefined
}

function admitByType(admission: Admission<StatementWire>): void | Promise<void> {
  const { message } = admission
  switch (message.type) {
    case 'observation':
      return admitObservation({ ...admission, message })
    case 'proposal':
      return admitProposal({ ...admission, message })
    case 'partial':
      return admitPartial({ ...admission, message })
    case 'certificate':
      return admitCertificate({ ...admission, message })
  }
}

function penaltyOf(reason: AdmissionReason): Penalty {
  if (reason === 'malformed' || reason === 'other-service' || reason === 'wrong-kind') return 'malformed'
  return 'invalid-signature'
}
