import type { SlotRecord } from '../store/store.ts'
import type { EpochTable } from '../types/epoch.ts'
import type { Hex } from '../util/hex.ts'
import type { HeldCertificate, SlotState } from './book.ts'
import type { Reason } from './reasons.ts'
import { type Runtime, taskOf } from './runtime.ts'

/** Keeps a verified certificate: memory, disk, journal, metrics. The first of a slot stays. */
export function keep(rt: Runtime, state: SlotState, held: HeldCertificate): void {
  if (state.certificate !== undefined) return
  state.certificate = held
  const { statement, absent, signature } = held.certificate
  const service = rt.definition.name
  const triggeredAt = taskOf(rt, state)?.triggeredAt
  rt.certificates.put({
    service: rt.service,
    slot: state.slot,
    attempt: statement.attempt,
    epoch: statement.epoch,
    payload: statement.payload,
    absent,
    signature,
    value: held.value,
    verifiedAt: held.at,
  })
  if (triggeredAt !== undefined) rt.metrics.certificate.observe({ service }, (held.at - triggeredAt) / 1000)
  rt.metrics.latestSlot.set({ service }, Number(state.slot))
  rt.metrics.slots.inc({ service, outcome: 'certified' })
  const table = rt.epochs.byNumber(statement.epoch)
  if (table !== undefined) countParticipation(rt, table, held.signers)
  journal(rt, state, 'certified', null, null)
  rt.log.debug('certified', { slot: state.slot, attempt: statement.attempt, signers: held.signers.length })
  state.changed.notify()
}

/** Notes that the certificate of a slot is on chain, or why it could not be put there. */
export function settle(
  rt: Runtime,
  state: SlotState,
  transaction: Hex | null,
  landed: boolean,
  reason: Reason | null,
): void {
  if (landed) rt.metrics.slots.inc({ service: rt.definition.name, outcome: 'landed' })
  journal(rt, state, landed ? 'landed' : 'certified', transaction, reason)
}

/** Notes that a slot ended without a certificate. */
export function miss(rt: Runtime, state: SlotState, reason: Reason): void {
  const service = rt.definition.name
  rt.metrics.slots.inc({ service, outcome: 'missed' })
  rt.metrics.missed.inc({ service, step: state.step, reason })
  journal(rt, state, 'missed', null, reason)
  rt.log.warn('missed a slot', { slot: state.slot, step: state.step, reason })
}

function journal(
  rt: Runtime,
  state: SlotState,
  outcome: SlotRecord['outcome'],
  transaction: Hex | null,
  reason: Reason | null,
): void {
  const held = state.certificate
  const table = held === undefined ? undefined : rt.epochs.byNumber(held.certificate.statement.epoch)
  const triggeredAt = taskOf(rt, state)?.triggeredAt ?? rt.clock.now()
  rt.journal.record({
    service: rt.service,
    slot: state.slot,
    attempt: held?.certificate.statement.attempt ?? 0,
    outcome,
    step: outcome === 'missed' ? state.step : 'record',
    reason,
    triggeredAt,
    certificateMs: held === undefined ? null : held.at - triggeredAt,
    transaction,
    signers: (held?.signers ?? []).flatMap((row) => table?.members[row]?.operator ?? []),
  })
}

function countParticipation(rt: Runtime, table: EpochTable, signers: readonly number[]): void {
  const signed = new Set(signers)
  for (const { index, operator } of table.members) {
    rt.metrics.participation.inc({
      service: rt.definition.name,
      operator,
      in: signed.has(index) ? 'certificate' : 'absent',
    })
  }
}
