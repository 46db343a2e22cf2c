import { publicKeyFromBytes, signatureFromBytes } from '../../bls/keys.ts'
import { verify } from '../../bls/verify.ts'
import type { Inbound } from '../../p2p/transport.ts'
import type { GuardStore } from '../../store/store.ts'
import { signersOf } from '../../types/certificate.ts'
import { statementDigest } from '../../types/digest.ts'
import type { EpochTable } from '../../types/epoch.ts'
import { Kind, type Statement } from '../../types/statement.ts'
import type { CertificateWire, ObservationWire, PartialWire, ProposalWire } from '../../types/wire/codec.ts'
import { reject } from '../admission/verdict.ts'
import { verifyCertificate } from '../aggregation/verify.ts'
import { observationStatement } from '../agreement/proposal.ts'
import type { Runtime } from '../runtime.ts'
import type { Sighting, Sightings } from './sighting.ts'

/** What the watch for another instance rests on. */
export interface SecondSelfOptions {
  /** The record of what this instance signed; only read. */
  readonly guard: Pick<GuardStore, 'find' | 'watermark' | 'floor'>
  readonly sightings: Sightings
  /** Slots after the start that are not signed. */
  readonly silentSlots: number
}

/** Something that this operator is said to have signed. */
interface Said {
  readonly statement: Statement
  readonly form: Sighting['form']
  /** Checks its signature: 1 to 2 ms. */
  readonly isTrue: () => boolean
}

type Spoken = ObservationWire | ProposalWire | PartialWire | CertificateWire

/**
 * Looks for statements of our own operator that our guard does not know. What the guard knows costs one look into it;
 * signatures are checked only of what it does not know.
 */
export class SelfWatch {
  readonly #guard: SecondSelfOptions['guard']
  readonly #sightings: Sightings
  readonly #rt: () => Runtime
  /** Lowest slot of each kind that the guard would have known at boot. */
  readonly #knownFrom = new Map<number, bigint>()
  readonly #rows = new WeakMap<EpochTable, number | undefined>()

  constructor({ guard, sightings }: SecondSelfOptions, rt: () => Runtime) {
    this.#guard = guard
    this.#sightings = sightings
    this.#rt = rt
  }

  /** Remembers how far back the guard knows what was signed; what it forgets later on is still ours. */
  start(): void {
    const rt = this.#rt()
    for (const kind of Object.values(Kind)) {
      const { slot: _, attempt: __, ...stream } = this.#keyOf({ service: rt.service, kind, slot: 0n, attempt: 0 })
      this.#knownFrom.set(kind, this.#guard.watermark(stream))
    }
  }

  /**
   * Judges a message whose service, epoch and slot window are known to fit.
   * @throws Refusal when it says something false in our name
   */
  look(message: Spoken, table: EpochTable, { from }: Inbound): void {
    const rt = this.#rt()
    const row = this.#rowIn(table, rt.signer.operator)
    if (row === undefined) return
    for (const said of saidBy(rt, row, message, table)) {
      const known = this.#known(said.statement)
      if (known === 'ours') continue
      // without revocations nobody honest hands us something false in our name; with them, our tables may differ
      if (!said.isTrue()) {
        if (table.revokedNow.size === 0) reject('false-signature')
        continue
      }
      const { statement, form } = said
      const kind = kindNameOf(statement)
      rt.metrics.sightings.inc({ service: rt.definition.name, kind })
      this.#sightings.report({
        at: rt.clock.now(),
        service: rt.definition.name,
        contract: rt.domain.serviceManager,
        form,
        statement,
        conflicts: known === 'conflict',
        peer: from,
        peerOperator: rt.directory.operatorOf(from),
      })
    }
  }

  /** `ours`: on record, or too old for the record to tell. */
  #known(statement: Statement): 'ours' | 'unknown' | 'conflict' {
    if (statement.slot < (this.#knownFrom.get(statement.kind) ?? 0n)) return 'ours'
    const record = this.#guard.find(this.#keyOf(statement))
    if (record === undefined) return this.#isBeforeFloor(statement.slot) ? 'ours' : 'unknown'
    // barred by a merge of two records: which of its payloads was signed is not known any more
    if (record.payload === null) return 'ours'
    return record.payload.toLowerCase() === statement.payload.toLowerCase() ? 'ours' : 'conflict'
  }

  /** Whether the slot was triggered, or what it is about came to be, before the time from which on the record is complete. */
  #isBeforeFloor(slot: bigint): boolean {
    const floor = this.#guard.floor()
    if (floor === 0) return false
    const { window, book } = this.#rt()
    const task = book.get(slot)?.task
    const cameAt = window.timeOf(slot) ?? task?.postedAt ?? task?.triggeredAt
    return cameAt === undefined || cameAt < floor
  }

  /** Row of the operator, whatever key it has there: the law is about operators. */
  #rowIn(table: EpochTable, operator: string): number | undefined {
    if (!this.#rows.has(table)) {
      const own = operator.toLowerCase()
      this.#rows.set(table, table.members.find((member) => member.operator.toLowerCase() === own)?.index)
    }
    return this.#rows.get(table)
  }

  #keyOf({ service, kind, slot, attempt }: Pick<Statement, 'service' | 'kind' | 'slot' | 'attempt'>) {
    const { domain, signer } = this.#rt()
    return { ...domain, operator: signer.operator, service, kind, slot, attempt }
  }
}

/** All that a message says our operator signed. */
function* saidBy(rt: Runtime, row: number, message: Spoken, table: EpochTable): Generator<Said> {
  const { statement } = message
  if (message.type === 'certificate') {
    if (signersOf(table, message.absent)?.includes(row) !== true) return
    yield { statement, form: 'certificate', isTrue: () => isCertificate(rt, table, message) }
    return
  }
  const signed = (of: Statement, signature: Uint8Array): Said => ({
    statement: of,
    form: 'signature',
    isTrue: () => isSigned(rt, table, row, of, signature),
  })
  if (message.author === row) yield signed(statement, message.signature)
  if (message.type !== 'proposal') return
  for (const { author, body, signature } of message.observations) {
    if (author === row) yield signed(observationStatement(statement, body), signature)
  }
}

function isSigned(rt: Runtime, table: EpochTable, row: number, statement: Statement, signature: Uint8Array): boolean {
  const member = table.members[row]
  if (member === undefined) return false
  try {
    const key = publicKeyFromBytes(member.publicKey)
    return verify(statementDigest(rt.domain, statement), key, signatureFromBytes(signature))
  } catch {
    return false
  }
}

function isCertificate(rt: Runtime, table: EpochTable, certificate: CertificateWire): boolean {
  try {
    verifyCertificate(rt.domain, table, certificate)
    return true
  } catch {
    return false
  }
}

function kindNameOf({ kind }: Statement): keyof typeof Kind {
  return (Object.keys(Kind) as (keyof typeof Kind)[]).find((name) => Kind[name] === kind) ?? 'certify'
}
