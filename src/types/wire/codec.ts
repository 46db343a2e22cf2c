import { describe, LariatError } from '../../util/errors.ts'
import { bytesToHex, equalBytes, type Hex, hexToBytes } from '../../util/hex.ts'
import type { Certificate, PartialSignature } from '../certificate.ts'
import type { Equivocation, Testimony } from '../evidence.ts'
import type { Kind, Statement } from '../statement.ts'
import { Envelope, type StatementMessage, type TestimonyMessage } from './lariat.ts'
import { MAX_MESSAGE_BYTES, MAX_OBSERVATIONS, WIRE_VERSION } from './limits.ts'
import { type CheckedTestimony, checkEnvelope, type WireErrorCode } from './validate.ts'

/** An observation as a proposal carries it: of the proposal's service, epoch and slot, attempt 0. */
export interface SignedBody {
  /** Row of the signer in the statement's epoch. */
  readonly author: number
  /** G2, compressed, 96 bytes. */
  readonly signature: Uint8Array
  /** What the observation's payload is the keccak256 of. */
  readonly body: Uint8Array
}

/** A signed statement of kind observe. */
export interface ObservationWire extends SignedBody {
  readonly type: 'observation'
  readonly statement: Statement
}

/** A signed statement of kind propose. */
export interface ProposalWire {
  readonly type: 'proposal'
  readonly statement: Statement
  readonly author: number
  readonly signature: Uint8Array
  readonly observations: readonly SignedBody[]
}

/** One operator's signature of a statement of kind certify. */
export interface PartialWire extends PartialSignature {
  readonly type: 'partial'
}

/** A certificate, and what its statement's payload commits to; may be empty. */
export interface CertificateWire extends Certificate {
  readonly type: 'certificate'
  readonly value: Uint8Array
}

/** Proof that operators signed two payloads for one slot. */
export interface EvidenceWire extends Equivocation {
  readonly type: 'evidence'
}

/** What the path of a task says, each about one statement. */
export type StatementWire = ObservationWire | ProposalWire | PartialWire | CertificateWire

/** Everything that operators say to each other, one of them in each gossip message or direct frame. */
export type WireMessage = StatementWire | EvidenceWire

/**
 * Encodes `message` as an Envelope (protobuf, see lariat.proto).
 * @throws LariatError `wire.field` when a field breaks the format, `wire.too-large` when the whole is over MAX_MESSAGE_BYTES
 */
export function encodeMessage(message: WireMessage): Uint8Array {
  const envelope = toEnvelope(message)
  checkEnvelope(envelope)
  const data = Envelope.encode(envelope)
  checkSize(data)
  return data
}

/**
 * Decodes an Envelope, bounded field by field. What it returns is well-formed (lengths, kinds, ranges) and says nothing
 * of truth: signatures, membership and windows are for the caller to check. The result shares no memory with `data`.
 * Only the canonical encoding is accepted, so that one message has one form and one id.
 * @throws LariatError `wire.too-large`, `wire.malformed` (no protobuf, or not canonical), `wire.version`, `wire.field`; nothing else
 */
export function decodeEnvelope(data: Uint8Array): WireMessage {
  checkSize(data)
  const envelope = parse(data)
  const message = checkEnvelope(envelope)
  if (!equalBytes(Envelope.encode(envelope), data)) {
    throw fail('wire.malformed', 'the message has unknown, repeated or unordered fields: encode it canonically')
  }
  return fromChecked(message)
}

function parse(data: Uint8Array): Envelope {
  try {
    return Envelope.decode(data, { limits: { proposal: { observations: MAX_OBSERVATIONS } } })
  } catch (error) {
    throw fail('wire.malformed', `the message is not an Envelope: ${describe(error)}`)
  }
}

function checkSize(data: Uint8Array): void {
  if (data.length > MAX_MESSAGE_BYTES) {
    throw fail('wire.too-large', `the message has ${data.length} bytes, at most ${MAX_MESSAGE_BYTES} are allowed`)
  }
}

function fail(code: WireErrorCode, message: string): LariatError<WireErrorCode> {
  return new LariatError(code, message)
}

function toEnvelope(message: WireMessage): Envelope {
  if (message.type === 'evidence') {
    const evidence = { first: toTestimony(message.first), second: toTestimony(message.second) }
    return { version: WIRE_VERSION, evidence }
  }
  const statement = toStatementMessage(message.statement)
  const signature = own(message.signature)
  switch (message.type) {
    case 'observation':
      return {
        version: WIRE_VERSION,
        observation: { statement, author: message.author, signature, body: own(message.body) },
      }
    case 'proposal': {
      const observations = message.observations.map(({ author, signature, body }) => ({
        author,
        signature: own(signature),
        body: own(body),
      }))
      return { version: WIRE_VERSION, proposal: { statement, author: message.author, signature, observations } }
    }
    case 'partial':
      return { version: WIRE_VERSION, partial: { statement, author: message.author, signature } }
    case 'certificate':
      return {
        version: WIRE_VERSION,
        certificate: { statement, absent: own(message.absent), signature, value: own(message.value) },
      }
  }
}

function toTestimony(testimony: Testimony): TestimonyMessage {
  const common = { statement: toStatementMessage(testimony.statement), signature: own(testimony.signature) }
  return testimony.form === 'signature'
    ? { ...common, author: testimony.author, absent: new Uint8Array() }
    : { ...common, absent: own(testimony.absent) }
}

function fromTestimony({ statement, body }: CheckedTestimony): Testimony {
  const common = { statement: fromStatementMessage(statement), signature: own(body.signature) }
  return body.author === undefined
    ? { form: 'certificate', ...common, absent: own(body.absent) }
    : { form: 'signature', ...common, author: body.author }
}

function fromChecked(checked: ReturnType<typeof checkEnvelope>): WireMessage {
  if (checked.type === 'evidence') {
    return { type: 'evidence', first: fromTestimony(checked.first), second: fromTestimony(checked.second) }
  }
  const statement = fromStatementMessage(checked.statement)
  const signature = own(checked.body.signature)
  switch (checked.type) {
    case 'observation':
      return { type: 'observation', statement, author: checked.body.author, signature, body: own(checked.body.body) }
    case 'proposal': {
      const observations = checked.body.observations.map(({ author, signature, body }) => ({
        author,
        signature: own(signature),
        body: own(body),
      }))
      return { type: 'proposal', statement, author: checked.body.author, signature, observations }
    }
    case 'partial':
      return { type: 'partial', statement, author: checked.body.author, signature }
    case 'certificate': {
      const { absent, value } = checked.body
      return { type: 'certificate', statement, absent: own(absent), signature, value: own(value) }
    }
  }
}

function toStatementMessage(statement: Statement): StatementMessage {
  const { kind, epoch, slot, attempt } = statement
  return {
    service: bytes(statement.service, 'service'),
    kind,
    epoch,
    slot,
    attempt,
    payload: bytes(statement.payload, 'payload'),
  }
}

/** `message` has passed checkEnvelope. */
function fromStatementMessage(message: StatementMessage): Statement {
  return {
    service: bytesToHex(message.service),
    kind: message.kind as Kind,
    epoch: message.epoch,
    slot: message.slot,
    attempt: message.attempt,
    payload: bytesToHex(message.payload),
  }
}

function bytes(hex: Hex, field: string): Uint8Array<ArrayBuffer> {
  try {
    return own(hexToBytes(hex))
  } catch (error) {
    throw new LariatError('wire.field', `${field} is not hexadecimal`, { field }, error)
  }
}

/** A copy: a view of a few bytes would keep the whole message that they came in alive. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes)
}
