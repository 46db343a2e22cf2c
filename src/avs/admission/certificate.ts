import type { EpochTable } from '../../types/epoch.ts'
import type { Statement } from '../../types/statement.ts'
import type { CertificateWire } from '../../types/wire/codec.ts'
import { LariatError } from '../../util/errors.ts'
import { verifyCertificate } from '../aggregation/verify.ts'
import { hearCertificate, hearRival } from '../evidence/hear.ts'
import { keep } from '../record.ts'
import type { Runtime } from '../runtime.ts'
import type { Admission } from './admit.ts'
import { ignore, reject } from './verdict.ts'

/**
 * Keeps the first certificate of a slot, checked against the epoch's table, with a value that its payload commits to. One
 * of another attempt is remembered, as the chain may take it first.
 */
export function admitCertificate({ rt, message, table, on }: Admission<CertificateWire>): void {
  const state = rt.book.open(message.statement.slot)
  const { statement, absent, signature, value } = message
  const { attempt } = statement
  if (attempt >= (rt.definition.agreement.kind === 'report' ? rt.timing.attempts : 1)) reject('wrong-attempt')
  const settled = [state.certificate, state.rivals.get(attempt)].find(
    (held) => held?.certificate.statement.attempt === attempt,
  )
  const isRenewal = settled !== undefined && renews(statement, settled.certificate.statement)
  if (settled !== undefined && !isRenewal) {
    hearRival(rt, message, settled.certificate.statement.payload)
    ignore('settled')
  }
  const signers = check(rt, table, message)
  hearCertificate(rt, { statement, absent, signature })
  const held = { certificate: { statement, absent, signature }, value, signers, at: rt.clock.now() }
  if (state.certificate !== undefined && !isRenewal) {
    state.rivals.set(attempt, held) // bounded by the attempts
    return
  }
  keep(rt, state, held)
  on.certificate(held.certificate)
}

/** The same, certified again under a later epoch. */
function renews(later: Statement, earlier: Statement): boolean {
  return later.epoch > earlier.epoch && later.payload.toLowerCase() === earlier.payload.toLowerCase()
}

function check(rt: Runtime, table: EpochTable, message: CertificateWire): readonly number[] {
  try {
    const signers = verifyCertificate(rt.domain, table, message)
    checkValue(rt, message)
    return signers
  } catch (error) {
    if (error instanceof LariatError && error.code === 'certificate.invalid') {
      // our knowledge of revocations may be ahead of the messenger's, so that a quorum can shrink honestly
      return table.revokedNow.size > 0 ? ignore('false-signature') : reject('false-signature')
    }
    throw error
  }
}

/** Under report agreement the value travels along and must be what the payload commits to; under identical there is none. */
function checkValue(rt: Runtime, { value, statement }: CertificateWire): void {
  const { agreement } = rt.definition
  if (agreement.kind === 'identical') {
    if (value.length > 0) reject('false-value')
    return
  }
  const state = rt.book.open(statement.slot)
  let payload: string | undefined
  let decoded: unknown
  try {
    decoded = agreement.value.decode(value)
    payload = rt.definition.payload(decoded)
  } catch {
    reject('false-value')
  }
  if (payload !== statement.payload) reject('false-value')
  state.values.set(statement.payload, decoded)
}
