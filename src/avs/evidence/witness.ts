import type { Certificate } from '../../types/certificate.ts'
import { type Equivocation, equivocationOf, type JointTestimony, type OwnTestimony } from '../../types/evidence.ts'
import type { Domain, Statement } from '../../types/statement.ts'
import { Kind } from '../../types/statement.ts'
import type { Address } from '../../util/hex.ts'
import { equalBytes } from '../../util/hex.ts'
import { isGenuine, rowsOf, type Tables } from './verify.ts'

/**
 * Slots whose statements are remembered: all that admission lets in at a time, which is 513 of a service whose slots are
 * indices, and some seconds more than the window of one whose slots are times.
 */
export const MAX_WITNESSED_SLOTS = 600
/** Statements that are remembered, of some 400 bytes: 26 MB, the last 160 slots of 200 operators that observe and certify. Beyond it the lowest slots go. */
export const MAX_WITNESSED_STATEMENTS = 65_536

/** A statement as it was heard. */
export interface Heard {
  readonly statement: Statement
  /** Row of its author in the statement's epoch. */
  readonly author: number
  readonly operator: Address
  /** G2, compressed, 96 bytes. */
  readonly signature: Uint8Array
  /** Whether the signature was checked. */
  readonly verified: boolean
}

interface Held {
  readonly testimony: OwnTestimony
  verified: boolean
}

interface Slot {
  /** By kind, attempt and operator. */
  readonly own: Map<string, Held>
  /** The first verified certificate of each attempt. */
  readonly joint: Map<number, JointTestimony>
}

/**
 * Remembers the first signed statement of every operator for each (kind, slot, attempt), and the first certificate of each
 * (slot, attempt), and finds what contradicts them. Signatures are checked only when two statements are in conflict, so
 * that nobody pays for honest traffic.
 */
export class Witness {
  readonly #domain: Domain
  readonly #tables: Tables
  readonly #isAccused: (heard: Heard) => boolean
  readonly #slots = new Map<bigint, Slot>()
  #statements = 0

  /** @param isAccused whether there is a case against the statement's author already, for which this would be no news */
  constructor(domain: Domain, tables: Tables, isAccused: (heard: Heard) => boolean) {
    this.#domain = domain
    this.#tables = tables
    this.#isAccused = isAccused
  }

  /** Slots and statements that are remembered. */
  get size(): { readonly slots: number; readonly statements: number } {
    return { slots: this.#slots.size, statements: this.#statements }
  }

  /**
   * Compares a statement with what is remembered. `fine`: nothing contradicts it. `known`: something may, of an operator
   * that is accused already: not worth a check of its signature. `false`: something would, but its signature is not its
   * author's. Otherwise the proof, verified on both sides.
   */
  compare(heard: Heard): 'fine' | 'known' | 'false' | Equivocation {
    if (this.#contradicts(heard) && this.#isAccused(heard)) return 'known'
    const other = this.#contradiction(heard)
    if (other === undefined) return 'fine'
    const own = testimonyOf(heard)
    if (!heard.verified && !isGenuine(this.#domain, this.#tables, own)) return 'false'
    return equivocationOf(other, own)
  }

  /** Remembers a statement, unless one of its (kind, slot, attempt) and author is already: the first stays. */
  remember(heard: Heard): void {
    const slot = this.#open(heard.statement.slot)
    const key = keyOf(heard.statement, heard.operator)
    const held = slot.own.get(key)
    if (held === undefined) {
      slot.own.set(key, { testimony: testimonyOf(heard), verified: heard.verified })
      this.#statements++
      this.#evict()
    } else if (!held.verified && isSame(held.testimony.statement, heard.statement)) {
      // somebody may have said it falsely before, to spoil the proof
      const same = equalBytes(held.testimony.signature, heard.signature)
      if (heard.verified || (!same && isGenuine(this.#domain, this.#tables, testimonyOf(heard)))) {
        slot.own.set(key, { testimony: testimonyOf(heard), verified: true })
      }
    }
  }

  /** Remembers a verified certificate, and compares it with what is remembered: proofs, verified on both sides. */
  certified(certificate: Certificate): Equivocation[] {
    const { statement, absent, signature } = certificate
    const joint: JointTestimony = { form: 'certificate', statement, absent, signature }
    const slot = this.#open(statement.slot)
    const found: Equivocation[] = []
    const before = slot.joint.get(statement.attempt)
    if (before === undefined) slot.joint.set(statement.attempt, joint)
    else if (!isSame(before.statement, statement)) found.push(equivocationOf(before, joint))
    for (const operator of this.#signersOf(joint)) {
      const other = this.#otherThan(statement, operator, slot)
      if (other !== undefined) found.push(equivocationOf(joint, other))
    }
    return found
  }

  /** Whether the author is remembered to have signed another payload, true or not. */
  #contradicts({ statement, operator }: Heard): boolean {
    const held = this.#slots.get(statement.slot)?.own.get(keyOf(statement, operator))
    return held !== undefined && !isSame(held.testimony.statement, statement)
  }

  #contradiction({ statement, operator }: Heard): OwnTestimony | JointTestimony | undefined {
    const slot = this.#slots.get(statement.slot)
    if (slot === undefined) return undefined
    const other = this.#otherThan(statement, operator, slot)
    if (other !== undefined) return other
    const joint = statement.kind === Kind.certify ? slot.joint.get(statement.attempt) : undefined
    if (joint === undefined || isSame(joint.statement, statement)) return undefined
    return this.#signersOf(joint).some((signer) => signer.toLowerCase() === operator.toLowerCase()) ? joint : undefined
  }

  /** The operator's own statement of another payload; its signature is checked now if it was not, and what is false is forgotten. */
  #otherThan(statement: Statement, operator: Address, slot: Slot): OwnTestimony | undefined {
    const key = keyOf(statement, operator)
    const held = slot.own.get(key)
    if (held === undefined || isSame(held.testimony.statement, statement)) return undefined
    held.verified ||= isGenuine(this.#domain, this.#tables, held.testimony)
    if (held.verified) return held.testimony
    slot.own.delete(key)
    this.#statements--
    return undefined
  }

  #signersOf(joint: JointTestimony): Address[] {
    const table = this.#tables(joint.statement.epoch)
    if (table === undefined) return []
    return (rowsOf(table, joint) ?? []).flatMap((row) => table.members[row]?.operator ?? [])
  }

  #open(number: bigint): Slot {
    let slot = this.#slots.get(number)
    if (slot === undefined) {
      slot = { own: new Map(), joint: new Map() }
      this.#slots.set(number, slot)
      this.#evict()
    }
    return slot
  }

  /** The lowest slots go first: they are the ones that the window leaves next. */
  #evict(): void {
    while (
      this.#slots.size > MAX_WITNESSED_SLOTS ||
      (this.#statements > MAX_WITNESSED_STATEMENTS && this.#slots.size > 1)
    ) {
      let lowest: bigint | undefined
      for (const number of this.#slots.keys()) if (lowest === undefined || number < lowest) lowest = number
      if (lowest === undefined) return
      this.#statements -= this.#slots.get(lowest)?.own.size ?? 0
      this.#slots.delete(lowest)
    }
  }
}

function testimonyOf({ statement, author, signature }: Heard): OwnTestimony {
  return { form: 'signature', statement, author, signature }
}

function isSame(a: Statement, b: Statement): boolean {
  return a.payload.toLowerCase() === b.payload.toLowerCase()
}

function keyOf({ kind, attempt }: Statement, operator: Address): string {
  return `${kind}/${attempt}/${operator.toLowerCase()}`
}
