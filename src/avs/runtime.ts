import type { Transport } from '../p2p/transport.ts'
import type { StatementSigner } from '../signer/signer.ts'
import type { CertificateStore, Journal } from '../store/store.ts'
import type { Certificate } from '../types/certificate.ts'
import type { EpochTable, Member } from '../types/epoch.ts'
import type { Domain, Statement } from '../types/statement.ts'
import type { Clock } from '../util/clock.ts'
import { LariatError } from '../util/errors.ts'
import { equalBytes, type Hex } from '../util/hex.ts'
import type { Log } from '../util/log.ts'
import { Tally } from './aggregation/tally.ts'
import type { AnyService, Context, ServiceConfig, Task } from './api.ts'
import type { SlotBook, SlotState } from './book.ts'
import type { EvidenceDesk } from './evidence/desk.ts'
import type { Witness } from './evidence/witness.ts'
import type { ServiceMetrics } from './metrics.ts'
import type { Directory, EpochSource } from './ports.ts'
import { ranking } from './rank.ts'
import type { SelfWatch } from './secondSelf/watch.ts'
import type { SlotWindow } from './window.ts'

/** How the time of a slot is divided, ms. */
export interface Timing {
  /** Tries at a slot under report agreement; the span from trigger to deadline is divided evenly among them. */
  readonly attempts: number
  /** A partial goes to the second aggregator when no certificate showed for this long after it went to the first. More than `gatherMs`. */
  readonly secondAfterMs: number
  /** And to all by gossip after this long. */
  readonly fallbackMs: number
  /** How long an aggregator waits for the remaining partials once it has a quorum, so that a slow operator is not absent at once. */
  readonly gatherMs: number
  /** How long a leader waits for the remaining observations once it has a quorum of them. */
  readonly observationGraceMs: number
  /** Δ of ranked submission: rank r waits r · Δ. */
  readonly submitStaggerMs: number
  /** How long after its trigger a certificate is still put on chain. */
  readonly submitWithinMs: number
  /** Between looks at evidence of equivocation that is not settled on chain yet. */
  readonly evidenceCheckMs: number
}

export const DEFAULT_TIMING: Timing = {
  attempts: 3,
  secondAfterMs: 100,
  fallbackMs: 200,
  gatherMs: 50,
  observationGraceMs: 100,
  submitStaggerMs: 2_500,
  submitWithinMs: 60_000,
  evidenceCheckMs: 12_000,
}

/** Everything that the stages of one service share. */
export interface Runtime {
  readonly definition: AnyService
  readonly service: Hex
  readonly domain: Domain
  /** Topic of the service, on gossip and direct streams. */
  readonly topic: string
  readonly context: Context<ServiceConfig> & { readonly state: unknown }
  readonly clock: Clock
  readonly log: Log
  readonly metrics: ServiceMetrics
  readonly epochs: EpochSource
  readonly directory: Directory
  readonly transport: Transport
  readonly signer: StatementSigner
  readonly journal: Journal
  readonly certificates: CertificateStore
  readonly book: SlotBook
  /** What was heard from whom, and proof of who said two things. */
  readonly witness: Witness
  readonly desk: EvidenceDesk
  /** Looks for another instance of this operator. */
  readonly selfWatch: SelfWatch
  readonly window: SlotWindow
  readonly timing: Timing
}

/** What stages say to whoever drives them. */
export interface Signals {
  /** The partials of `slot` changed: there may be a quorum now. */
  quorum(slot: bigint): void
  /** A certificate was verified and kept. */
  certificate(certificate: Certificate): void
}

/** The epoch that a slot belongs to: of its time, or of its task's trigger where slots are indices. */
export function tableFor(rt: Runtime, slot: bigint): EpochTable | undefined {
  const task = rt.book.get(slot)?.task
  if (task !== undefined) return tableOf(rt, task)
  const time = rt.window.timeOf(slot)
  return time === undefined ? undefined : rt.epochs.at(time / 1000)
}

/** The epoch that a task belongs to: the one that it names, else that of its slot's time, or of its trigger where slots are indices. */
export function tableOf(rt: Runtime, { slot, epoch, triggeredAt }: Task<unknown>): EpochTable | undefined {
  if (epoch !== undefined) return rt.epochs.byNumber(epoch)
  return rt.epochs.at((rt.window.timeOf(slot) ?? triggeredAt) / 1000)
}

/** This operator's row, if it is in the table with a key that our signer holds. */
export function ownRow(rt: Runtime, table: EpochTable): number | undefined {
  return ownMember(rt.signer, table)?.index
}

/** The row of the signer's operator, if it is in the table with a key that the signer holds. */
export function ownMember(signer: StatementSigner, table: Pick<EpochTable, 'members'>): Member | undefined {
  const own = signer.operator.toLowerCase()
  const member = table.members.find((row) => row.operator.toLowerCase() === own)
  if (member === undefined) return undefined
  return signer.publicKeys().some((key) => equalBytes(key, member.publicKey)) ? member : undefined
}

/** The order of ranks for a slot, computed once per epoch. */
export function orderOf(rt: Runtime, state: SlotState, table: EpochTable): readonly number[] {
  if (state.order?.epoch !== table.number) {
    state.order = { epoch: table.number, rows: ranking(table, rt.service, state.slot) }
  }
  return state.order.rows
}

/** Peer of a row, when the directory knows one. */
export function peerOf(rt: Runtime, table: EpochTable, row: number): string | undefined {
  const member = table.members[row]
  return member === undefined ? undefined : rt.directory.peerOf(member.operator)
}

/**
 * Records the statement in the guard and signs it, G2 compressed, 96 bytes, with the key that its epoch's table has for us:
 * while a key is rotated, the old one still signs the old epoch's slots.
 * @throws LariatError `guard.…`, `signer.…`
 */
export function signStatement(rt: Runtime, task: Task<unknown>, statement: Statement): Promise<Uint8Array> {
  const table = rt.epochs.byNumber(statement.epoch)
  return rt.signer.sign({
    statement,
    publicKey: table === undefined ? undefined : ownMember(rt.signer, table)?.publicKey,
    triggeredAt: task.triggeredAt,
    window: rt.window.signable(rt.clock.now()),
  })
}

/** The tally of a statement, made when there is none. Admission lets each member have one a try, which bounds them. */
export function tallyOf(rt: Runtime, state: SlotState, table: EpochTable, statement: Statement): Tally {
  const key = `${statement.epoch}/${statement.attempt}/${statement.payload.toLowerCase()}`
  let tally = state.tallies.get(key)
  if (tally === undefined) {
    tally = new Tally(statement, rt.domain, () => rt.epochs.byNumber(statement.epoch) ?? table)
    state.tallies.set(key, tally)
  }
  return tally
}

/** The task of a slot; for a time slot that this node did not trigger (it was down) it is made up from the schedule. */
export function taskOf(rt: Runtime, state: SlotState): Task<unknown> | undefined {
  if (state.task !== undefined) return state.task
  const triggeredAt = rt.window.timeOf(state.slot)
  return triggeredAt === undefined
    ? undefined
    : { slot: state.slot, triggeredAt, deadline: triggeredAt, args: undefined }
}

/** @throws LariatError with the given code of the reason catalogue when `value` is undefined */
export function need<T>(value: T | undefined, code: string, message: string): T {
  if (value === undefined) throw new LariatError(code, message)
  return value
}
