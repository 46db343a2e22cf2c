import { type Certificate, type PartialSignature, signersOf } from '../types/certificate.ts'
import { Kind, type Statement } from '../types/statement.ts'
import { encodeMessage } from '../types/wire/codec.ts'
import { LariatError } from '../util/errors.ts'
import { admit } from './admission/admit.ts'
import { verifyCertificate } from './aggregation/verify.ts'
import { agreeIdentical } from './agreement/identical.ts'
import { agreeReport } from './agreement/report.ts'
import { hearCertificate } from './evidence/hear.ts'
import { keep } from './record.ts'
import { need, ownRow, type Runtime, type Signals, signStatement } from './runtime.ts'
import { sendPartial } from './send.ts'
import { type Ending, submitByRank } from './submission.ts'
import type { Stages } from './workflow.ts'

/** The stages of one service. */
export function createStages(rt: Runtime, on: Signals, ending: Ending): Stages {
  const { agreement } = rt.definition
  return {
    agree: (attempt, signal) =>
      agreement.kind === 'report' ? agreeReport(rt, agreement, attempt, signal) : agreeIdentical(rt, attempt, signal),
    sign: (statement) => sign(rt, statement),
    send: (partial) => sendPartial(rt, partial, on),
    admit: (message) => admit(rt, message, on),
    aggregate: async (tally) => tally.sum(),
    async verify(certificate) {
      const { epoch } = certificate.statement
      verifyCertificate(
        rt.domain,
        need(rt.epochs.byNumber(epoch), 'trigger.no-epoch', `epoch ${epoch} is gone`),
        certificate,
      )
    },
    publish: (certificate) => publish(rt, certificate, on),
    submit: (certificate) => submitByRank(rt, certificate, ending),
  }
}

async function sign(rt: Runtime, statement: Statement): Promise<PartialSignature> {
  if (statement.kind !== Kind.certify) throw new LariatError('sign.failed', 'only certify statements become partials')
  const table = need(rt.epochs.byNumber(statement.epoch), 'trigger.no-epoch', `epoch ${statement.epoch} is gone`)
  const author = need(ownRow(rt, table), 'trigger.not-a-member', `this operator is not in epoch ${table.number}`)
  const task = need(rt.book.get(statement.slot)?.task, 'sign.failed', `slot ${statement.slot} was not triggered`)
  return { statement, author, signature: await signStatement(rt, task, statement) }
}

/** Keeps a verified certificate and gossips it, with the value where the agreement says how to encode one. */
async function publish(rt: Runtime, certificate: Certificate, on: Signals): Promise<void> {
  const { agreement } = rt.definition
  const { statement } = certificate
  const state = rt.book.open(statement.slot)
  if (state.isSettled(statement.epoch)) return
  const table = need(rt.epochs.byNumber(statement.epoch), 'trigger.no-epoch', `epoch ${statement.epoch} is gone`)
  const value =
    agreement.kind === 'report' ? agreement.value.encode(state.values.get(statement.payload)) : new Uint8Array()
  const signers = signersOf(table, certificate.absent) ?? []
  hearCertificate(rt, certificate)
  keep(rt, state, { certificate, value, signers, at: rt.clock.now() })
  on.certificate(certificate)
  await rt.transport.publish(rt.topic, encodeMessage({ type: 'certificate', ...certificate, value }))
}
