import { keccak256 } from 'viem'
import type { EpochTable } from '../../types/epoch.ts'
import { Kind, type Statement } from '../../types/statement.ts'
import { encodeMessage } from '../../types/wire/codec.ts'
import { describe, LariatError } from '../../util/errors.ts'
import type { ReportAgreement, Task } from '../api.ts'
import type { HeldProposal, SlotState } from '../book.ts'
import { leaderOf } from '../rank.ts'
import { need, orderOf, ownRow, peerOf, type Runtime, signStatement, tableFor } from '../runtime.ts'
import { reached } from '../tracking.ts'
import type { Try } from '../workflow.ts'
import { observeOnce } from './observe.ts'
import { observationStatement, observedOf } from './proposal.ts'
import { propose } from './propose.ts'

export type AnyReport = ReportAgreement<unknown, unknown>

/** One attempt at a slot, with all that its steps need. */
export interface Round {
  readonly rt: Runtime
  readonly agreement: AnyReport
  readonly state: SlotState
  readonly task: Task<unknown>
  readonly attempt: number
  readonly table: EpochTable
  /** This operator's row in the table. */
  readonly row: number
}

/**
 * Observe, tell the attempt's leader, and sign what is recomputed from the leader's proposal: after OCR. A follower never
 * expects equality with its own observation, only its band around it.
 * @throws LariatError `observe.…`, `agree.…`, `guard.…`
 */
export async function agreeReport(
  rt: Runtime,
  agreement: AnyReport,
  { task, attempt }: Try,
  signal: AbortSignal,
): Promise<Statement> {
  const state = rt.book.open(task.slot)
  const table = need(tableFor(rt, task.slot), 'trigger.no-epoch', `no epoch is active for slot ${task.slot}`)
  const row = need(ownRow(rt, table), 'trigger.not-a-member', `this operator is not in epoch ${table.number}`)
  const round: Round = { rt, agreement, state, task, attempt, table, row }
  const own = await observeOnce(rt, state, task, signal)
  reached(state, 'agree')
  await observeAloud(round, agreement.observation.encode(own))

  const leader = need(leaderOf(orderOf(rt, state, table), attempt), 'trigger.no-epoch', 'the epoch has no weight')
  if (leader === row) await propose(round, signal)
  else await tellLeader(round, leader)

  const proposal = await waitForProposal(round, signal)
  if (leader !== row) countOmission(round, proposal)
  const value = recompute(round, proposal, own)
  const payload = rt.definition.payload(value)
  state.values.set(payload, value)
  return { service: rt.service, kind: Kind.certify, epoch: table.number, slot: task.slot, attempt, payload }
}

/** Signs our observation once and files it. */
async function observeAloud({ rt, state, task, table, row }: Round, body: Uint8Array): Promise<void> {
  if (state.observations.has(row)) return
  const statement = observationStatement({ service: rt.service, epoch: table.number, slot: task.slot }, body)
  const signature = await signStatement(rt, task, statement)
  if (state.observations.has(row)) return // another attempt was quicker
  state.observations.set(row, {
    author: row,
    body,
    signature,
    payload: keccak256(body),
    peer: undefined,
    verified: true,
  })
  state.changed.notify()
}

/** Hands our observation to the leader directly; by gossip when it cannot be reached so. */
async function tellLeader({ rt, state, table, row }: Round, leader: number): Promise<void> {
  const held = state.observations.get(row)
  if (held === undefined) return
  const data = encodeMessage({
    type: 'observation',
    statement: observationStatement({ service: rt.service, epoch: table.number, slot: state.slot }, held.body),
    author: row,
    signature: held.signature,
    body: held.body,
  })
  const peer = peerOf(rt, table, leader)
  try {
    if (peer === undefined) throw new LariatError('send.failed', `row ${leader} has no peer in the directory`)
    await rt.transport.send(peer, rt.topic, data)
  } catch (error) {
    rt.log.debug('the leader is not reachable directly, gossiping the observation', { error: describe(error) })
    await rt.transport.publish(rt.topic, data).catch((cause) => {
      rt.log.debug('nor by gossip', { error: describe(cause) })
    })
  }
}

async function waitForProposal({ state, attempt }: Round, signal: AbortSignal): Promise<HeldProposal> {
  try {
    return await state.changed.wait(() => state.proposals.get(attempt), signal)
  } catch (error) {
    throw new LariatError('agree.no-proposal', `no proposal for slot ${state.slot}, attempt ${attempt}`, {}, error)
  }
}

function recompute({ rt, agreement, table }: Round, proposal: HeldProposal, own: unknown): unknown {
  const value = agreement.compute(observedOf(agreement, table, proposal.observations), table.totalWeight)
  if (isRefused(value)) throw new LariatError('agree.refused', `the report was refused: ${value.refused}`)
  const why = agreement.check(value, own, rt.context.config)
  if (why !== undefined) throw new LariatError('agree.refused', `the report is outside this operator’s band: ${why}`)
  return value
}

function isRefused(value: unknown): value is { refused: string } {
  return typeof value === 'object' && value !== null && 'refused' in value && typeof value.refused === 'string'
}

function countOmission({ rt, table, row }: Round, proposal: HeldProposal): void {
  if (proposal.observations.some(({ author }) => author === row)) return
  const operator = table.members[proposal.author]?.operator
  if (operator !== undefined) rt.metrics.omissions.inc({ service: rt.definition.name, operator })
}
