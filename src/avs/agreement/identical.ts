import { Kind, type Statement } from '../../types/statement.ts'
import { need, type Runtime, tableFor } from '../runtime.ts'
import type { Try } from '../workflow.ts'
import { observeOnce } from './observe.ts'

/** Every operator computes the same payload by itself: what it observes is what it certifies. */
export async function agreeIdentical(rt: Runtime, { task }: Try, signal: AbortSignal): Promise<Statement> {
  const state = rt.book.open(task.slot)
  const table = need(tableFor(rt, task.slot), 'trigger.no-epoch', `no epoch is active for slot ${task.slot}`)
  const value = await observeOnce(rt, state, task, signal)
  const payload = rt.definition.payload(value)
  state.values.set(payload, value)
  return { service: rt.service, kind: Kind.certify, epoch: table.number, slot: task.slot, attempt: 0, payload }
}
