import type { Certificate } from '../../types/certificate.ts'
import type { EpochTable } from '../../types/epoch.ts'
import type { Equivocation } from '../../types/evidence.ts'
import type { Statement } from '../../types/statement.ts'
import type { CertificateWire, SignedBody } from '../../types/wire/codec.ts'
import { describe } from '../../util/errors.ts'
import { ignore, reject } from '../admission/verdict.ts'
import { observationStatement } from '../agreement/proposal.ts'
import type { Runtime } from '../runtime.ts'
import { accusedBy, isGenuine } from './verify.ts'
import type { Heard } from './witness.ts'

/** A statement with its author's row and signature, as messages carry it. */
export interface Signed {
  readonly statement: Statement
  readonly author: number
  readonly signature: Uint8Array
}

/**
 * Compares a member's statement with what was heard before; what comes directly from its author is remembered at once, as
 * nobody else can spoil it. Throws a refusal when it contradicts an earlier one: then the proof is filed, and the message
 * is worth nothing more.
 */
export function hear(rt: Runtime, table: EpochTable, signed: Signed, isDirect: boolean): Heard {
  const { statement, author, signature } = signed
  const operator = table.members[author]?.operator ?? ignore('not-a-member')
  const heard: Heard = { statement, author, operator, signature, verified: false }
  const found = rt.witness.compare(heard)
  if (found === 'false') return reject('false-signature')
  if (found !== 'fine') {
    if (found !== 'known') accuse(rt, found)
    ignore('equivocation')
  }
  if (isDirect) remember(rt, heard)
  return heard
}

/** Remembers a statement whose signature was checked. */
export function heardVerified(rt: Runtime, heard: Heard): void {
  remember(rt, { ...heard, verified: true })
}

/** Compares and remembers the verified observations that a proposal quotes; the leader is not to blame for them. */
export function hearQuoted(
  rt: Runtime,
  table: EpochTable,
  of: Pick<Statement, 'service' | 'epoch' | 'slot'>,
  observations: readonly SignedBody[],
): void {
  for (const { author, body, signature } of observations) {
    const operator = table.members[author]?.operator
    if (operator === undefined) continue
    const heard: Heard = { statement: observationStatement(of, body), author, operator, signature, verified: true }
    const found = rt.witness.compare(heard)
    if (found === 'fine') remember(rt, heard)
    else if (found !== 'false' && found !== 'known') accuse(rt, found)
  }
}

/** Compares and remembers a certificate that was verified. */
export function hearCertificate(rt: Runtime, certificate: Certificate): void {
  for (const found of rt.witness.certified(certificate)) accuse(rt, found)
}

/**
 * Looks at a certificate of an attempt that has one already. Throws a refusal when it certifies another payload: with the
 * proof filed when it is genuine.
 */
export function hearRival(rt: Runtime, { statement, absent, signature }: CertificateWire, payload: string): void {
  if (payload.toLowerCase() === statement.payload.toLowerCase()) return
  const tables = (epoch: bigint) => rt.epochs.byNumber(epoch)
  if (!isGenuine(rt.domain, tables, { form: 'certificate', statement, absent, signature })) reject('false-signature')
  hearCertificate(rt, { statement, absent, signature })
  ignore('equivocation')
}

/** An honest author makes one statement for each attempt; more attempts than there can be are not worth remembering. */
function remember(rt: Runtime, heard: Heard): void {
  if (heard.statement.attempt < rt.timing.attempts) rt.witness.remember(heard)
}

/** Files a verified proof and tells everybody. */
function accuse(rt: Runtime, evidence: Equivocation): void {
  const accused = accusedBy((epoch) => rt.epochs.byNumber(epoch), evidence) ?? []
  const data = rt.desk.file(evidence, accused, 'here')
  if (data === undefined) return
  rt.transport.publish(rt.topic, data).catch((error) => {
    rt.log.warn('evidence could not be gossiped, this node brings it on chain alone', { error: describe(error) })
  })
}
