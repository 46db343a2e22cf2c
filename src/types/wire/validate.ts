import { LariatError } from '../../util/errors.ts'
import { equalBytes } from '../../util/hex.ts'
import { Kind } from '../statement.ts'
import type {
  CertificateMessage,
  Envelope,
  EvidenceMessage,
  ObservationMessage,
  PartialMessage,
  ProposalMessage,
  StatementMessage,
  TestimonyMessage,
} from './lariat.ts'
import {
  HASH_BYTES,
  MAX_ABSENT_BYTES,
  MAX_ATTEMPT,
  MAX_AUTHOR,
  MAX_BODY_BYTES,
  MAX_OBSERVATIONS,
  MAX_UINT64,
  MAX_VALUE_BYTES,
  SIGNATURE_BYTES,
  WIRE_VERSION,
} from './limits.ts'

const KINDS: ReadonlySet<number> = new Set(Object.values(Kind))

/** Why a message is no wire message; a bounded metric label. */
export type WireErrorCode = 'wire.too-large' | 'wire.malformed' | 'wire.version' | 'wire.field'

/** One side of evidence that passed. */
export interface CheckedTestimony {
  readonly statement: StatementMessage
  readonly body: TestimonyMessage
}

/** The one body of an envelope that passed. */
export type CheckedEnvelope =
  | ({ readonly statement: StatementMessage } & (
      | { readonly type: 'observation'; readonly body: ObservationMessage }
      | { readonly type: 'proposal'; readonly body: ProposalMessage }
      | { readonly type: 'partial'; readonly body: PartialMessage }
      | { readonly type: 'certificate'; readonly body: CertificateMessage }
    ))
  | { readonly type: 'evidence'; readonly first: CheckedTestimony; readonly second: CheckedTestimony }

/**
 * Checks every field of `envelope`, both before it is sent and after it was received.
 * @throws LariatError `wire.version` or `wire.field`
 */
export function checkEnvelope(envelope: Envelope): CheckedEnvelope {
  if (envelope.version !== WIRE_VERSION) {
    throw new LariatError<WireErrorCode>(
      'wire.version',
      `the message has version ${envelope.version}, this node speaks ${WIRE_VERSION}: update the older of the two`,
      { version: envelope.version },
    )
  }
  const { observation, proposal, partial, certificate, evidence } = envelope
  const bodies = [observation, proposal, partial, certificate, evidence].filter((body) => body !== undefined).length
  if (bodies !== 1) throw fieldError('envelope', `has ${bodies} bodies instead of one`)
  if (observation !== undefined) {
    const statement = checkStatement(observation.statement, Kind.observe)
    checkSigned(observation)
    checkAtMost('body', observation.body, MAX_BODY_BYTES)
    return { type: 'observation', statement, body: observation }
  }
  if (proposal !== undefined) {
    const statement = checkStatement(proposal.statement, Kind.propose)
    checkSigned(proposal)
    checkObservations(proposal)
    return { type: 'proposal', statement, body: proposal }
  }
  if (partial !== undefined) {
    const statement = checkStatement(partial.statement, Kind.certify)
    checkSigned(partial)
    return { type: 'partial', statement, body: partial }
  }
  if (certificate !== undefined) {
    const statement = checkStatement(certificate.statement, Kind.certify)
    checkCertificate(certificate)
    return { type: 'certificate', statement, body: certificate }
  }
  if (evidence !== undefined) return checkEvidence(evidence)
  throw fieldError('envelope', 'has no body')
}

function checkEvidence({ first, second }: EvidenceMessage): CheckedEnvelope {
  const [one, two] = [checkTestimony('first', first), checkTestimony('second', second)]
  const [a, b] = [one.statement, two.statement]
  const sameSlot = equalBytes(a.service, b.service) && a.kind === b.kind && a.slot === b.slot && a.attempt === b.attempt
  if (!sameSlot) throw fieldError('evidence', 'is of two different slots')
  if (Buffer.compare(a.payload, b.payload) >= 0) throw fieldError('evidence', 'has no two payloads in ascending order')
  return { type: 'evidence', first: one, second: two }
}

function checkTestimony(side: string, body: TestimonyMessage | undefined): CheckedTestimony {
  if (body === undefined) throw fieldError(side, 'is missing')
  const statement = checkStatement(body.statement, undefined)
  checkLength('signature', body.signature, SIGNATURE_BYTES)
  if (body.author === undefined) checkAbsent(body.absent)
  else {
    checkInteger('author', body.author, MAX_AUTHOR)
    checkLength('absent', body.absent, 0)
  }
  return { statement, body }
}

/** @param kind the one that is needed; undefined for any that there is */
function checkStatement(statement: StatementMessage | undefined, kind: Kind | undefined): StatementMessage {
  if (statement === undefined) throw fieldError('statement', 'is missing')
  checkLength('service', statement.service, HASH_BYTES)
  if (kind === undefined ? !KINDS.has(statement.kind) : statement.kind !== kind) {
    throw fieldError('kind', `is ${statement.kind}, this message needs ${kind ?? 'one from 1 to 4'}`)
  }
  checkUint64('epoch', statement.epoch)
  checkUint64('slot', statement.slot)
  checkInteger('attempt', statement.attempt, MAX_ATTEMPT)
  checkLength('payload', statement.payload, HASH_BYTES)
  return statement
}

function checkSigned({ author, signature }: { author: number; signature: Uint8Array }): void {
  checkInteger('author', author, MAX_AUTHOR)
  checkLength('signature', signature, SIGNATURE_BYTES)
}

function checkObservations({ observations }: ProposalMessage): void {
  if (observations.length === 0 || observations.length > MAX_OBSERVATIONS) {
    throw fieldError('observations', `are ${observations.length}, from 1 to ${MAX_OBSERVATIONS} are allowed`)
  }
  for (const observation of observations) {
    checkSigned(observation)
    checkAtMost('body', observation.body, MAX_BODY_BYTES)
  }
}

function checkCertificate({ absent, signature, value }: CertificateMessage): void {
  checkLength('signature', signature, SIGNATURE_BYTES)
  checkAtMost('value', value, MAX_VALUE_BYTES)
  checkAbsent(absent)
}

function checkAbsent(absent: Uint8Array): void {
  checkAtMost('absent', absent, MAX_ABSENT_BYTES)
  if (absent.length > 0 && absent[absent.length - 1] === 0) throw fieldError('absent', 'has a trailing zero byte')
}

function checkLength(field: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) throw fieldError(field, `has ${bytes.length} bytes instead of ${length}`)
}

function checkAtMost(field: string, bytes: Uint8Array, max: number): void {
  if (bytes.length > max) throw fieldError(field, `has ${bytes.length} bytes, at most ${max} are allowed`)
}

function checkInteger(field: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 0 || value > max)
    throw fieldError(field, `is not an integer from 0 to ${max}`)
}

function checkUint64(field: string, value: bigint): void {
  if (value < 0n || value > MAX_UINT64) throw fieldError(field, 'does not fit 64 bits')
}

function fieldError(field: string, what: string): LariatError<WireErrorCode> {
  return new LariatError<WireErrorCode>('wire.field', `${field} ${what}`, { field })
}
