import type { Inbound, Verdict } from '../p2p/transport.ts'
import type { Certificate, PartialSignature } from '../types/certificate.ts'
import type { Statement } from '../types/statement.ts'
import type { Tally } from './aggregation/tally.ts'
import type { Submission, Task } from './api.ts'

/** One try at a slot. */
export interface Try {
  readonly task: Task<unknown>
  readonly attempt: number
}

/** What happens to a task, in order. Each stage checks what it is given and never trusts the one before it. */
export interface Stages {
  /** What this operator is ready to certify: its own observation, or the report that it recomputed. */
  agree(attempt: Try, signal: AbortSignal): Promise<Statement>
  /** The guard is in here, before the key. */
  sign(statement: Statement): Promise<PartialSignature>
  /** To the attempt's aggregators over direct streams; by gossip when no certificate shows. */
  send(partial: PartialSignature): Promise<void>
  /** Judges whatever the network hands us, and files what is good. */
  admit(message: Inbound): Promise<Verdict>
  /** Adds up the partials that hold a quorum, optimistically. */
  aggregate(tally: Tally): Promise<Certificate>
  /** Checks a certificate against the epoch table. */
  verify(certificate: Certificate): Promise<void>
  /** Keeps it and gossips it. */
  publish(certificate: Certificate): Promise<void>
  /** Puts it on chain when this node's rank comes up and it is still wanted. */
  submit(certificate: Certificate): Promise<Submission>
}

/** Adds something around the stages: metrics, tracking. Stages do not know their wraps. */
export type Wrap = (stages: Stages) => Stages

/** What sets the stages in motion. */
export interface Bus {
  onTask(handler: (attempt: Try, signal: AbortSignal) => Promise<void>): void
  onMessage(handler: (message: Inbound) => Promise<Verdict>): void
  onQuorum(handler: (tally: Tally) => Promise<void>): void
  onCertificate(handler: (certificate: Certificate) => Promise<Submission>): void
}

/** The path of a task: trigger → observe → agree → guard → sign → send → admit → aggregate → verify → submit → record. */
export function wire(bus: Bus, stages: Stages, ...wraps: readonly Wrap[]): void {
  const s = wraps.reduce((inner, wrap) => wrap(inner), stages)
  bus.onTask(async (attempt, signal) => s.send(await s.sign(await s.agree(attempt, signal))))
  bus.onMessage((message) => s.admit(message))
  bus.onQuorum(async (tally) => {
    const certificate = await s.aggregate(tally)
    await s.verify(certificate)
    await s.publish(certificate)
  })
  bus.onCertificate((certificate) => s.submit(certificate))
}
