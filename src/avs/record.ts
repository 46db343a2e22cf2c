import type { SlotRecord, StoredCertificate } from '../store/store.ts'
import type { EpochTable } from '../types/epoch.ts'
import { describe } from '../util/errors.ts'
import type { Hex } from '../util/hex.ts'
import type { Landing } from './api.ts'
import type { HeldCertificate, SlotState } from './book.ts'
import { keptCertificate } from './certified.ts'
import type { Reason } from './reasons.ts'
import { type Runtime, taskOf } from './runtime.ts'

/** Keeps a verified certificate: memory, disk, journal, metrics. The first of a slot stays, but for one of a later epoch. */
export function keep(rt: Runtime, state: SlotState, held: HeldCertificate): void {
  const { statement } = held.certificate
  if (state.isSettled(statement.epoch)) return
  state.certificate = held
  state.landed = false
  state.transaction = null
  const service = rt.definition.name
  const triggeredAt = taskOf(rt, state)?.triggeredAt
  store(rt, held)
  if (triggeredAt !== undefined) rt.metrics.certificate.observe({ service }, (held.at - triggeredAt) / 1000)
  rt.metrics.latestSlot.set({ service }, Number(state.slot))
  rt.metrics.slots.inc({ service, outcome: 'certified' })
  const table = rt.epochs.byNumber(statement.epoch)
  if (table !== undefined) countParticipation(rt, table, held.signers)
  journal(rt, state, 'certified', null)
  rt.log.debug('certified', { slot: state.slot, attempt: statement.attempt, signers: held.signers.length })
  state.changed.notify()
  tell(rt, held)
}

/** On disk too the certificate of a later epoch takes the earlier one's place. */
function store(rt: Runtime, held: HeldCertificate): void {
  const entry = stored(rt, held)
  const before = rt.certificates.get(entry.service, entry.slot)
  if (before !== undefined && before.epoch < entry.epoch) rt.certificates.replace(entry)
  else rt.certificates.put(entry)
}

/** Tells the plug-in. */
function tell(rt: Runtime, { certificate, at }: HeldCertificate): void {
  try {
    rt.definition.certified?.({ ...rt.context, certified: keptCertificate(certificate, at) })
  } catch (error) {
    rt.log.error('the plug-in failed over a certificate', { error: describe(error) })
  }
}

/** Notes that the certificate of a slot is on chain. */
export function land(rt: Runtime, state: SlotState, transaction: Hex | null): void {
  if (!state.landed) rt.metrics.slots.inc({ service: rt.definition.name, outcome: 'landed' })
  state.landed = true
  if (transaction !== null) state.transaction = transaction
  journal(rt, state, 'landed', null)
}

/** Notes that the certificate of a slot was not put on chain by us, and why if it should have been. */
export function leave(rt: Runtime, state: SlotState, reason: Reason | null): void {
  if (!state.landed) journal(rt, state, 'certified', reason)
}

/** Notes what the chain says it took. When that is another attempt than the one we serve, we serve that one from now on. */
export function recordLanding(rt: Runtime, { slot, attempt, payload }: Landing, transaction: Hex): void {
  const state = rt.book.get(slot)
  if (state === undefined) return
  state.transaction = transaction
  const served = state.certificate
  const rival = state.rivals.get(attempt)
  if (rival?.certificate.statement.payload === payload && served?.certificate.statement.attempt !== attempt) {
    state.certificate = rival
    rt.certificates.replace(stored(rt, rival))
  }
  if (state.certificate?.certificate.statement.payload === payload) land(rt, state, transaction)
}

/** Notes that a slot ended without a certificate. */
export function miss(rt: Runtime, state: SlotState, reason: Reason): void {
  const service = rt.definition.name
  rt.metrics.slots.inc({ service, outcome: 'missed' })
  rt.metrics.missed.inc({ service, step: state.step, reason })
  // a certificate of an earlier epoch is still the slot's
  if (state.certificate === undefined) journal(rt, state, 'missed', reason)
  rt.log.warn('missed a slot', { slot: state.slot, step: state.step, reason })
}

function journal(rt: Runtime, state: SlotState, outcome: SlotRecord['outcome'], reason: Reason | null): void {
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
    transaction: state.transaction,
    signers: (held?.signers ?? []).flatMap((row) => table?.members[row]?.operator ?? []),
  })
}

function stored(rt: Runtime, { certificate, value, at }: HeldCertificate): StoredCertificate {
  const { statement, absent, signature } = certificate
  const { slot, attempt, epoch, payload } = statement
  return { service: rt.service, slot, attempt, epoch, payload, absent, signature, value, verifiedAt: at }
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
