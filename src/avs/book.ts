import type { Certificate } from '../types/certificate.ts'
import type { Statement } from '../types/statement.ts'
import type { SignedBody } from '../types/wire/codec.ts'
import { Condition } from '../util/condition.ts'
import type { Hex } from '../util/hex.ts'
import type { Tally } from './aggregation/tally.ts'
import type { Task } from './api.ts'
import type { Reason, Step } from './reasons.ts'

/** Slots of one service that are kept in memory: with rounds of 2 s, half an hour. */
export const MAX_SLOTS = 1024

/** An observation that was admitted. */
export interface HeldObservation extends SignedBody {
  /** 32-byte payload of its statement. */
  readonly payload: Hex
  /** Peer that is its author and handed it over; undefined for our own and for gossiped ones. */
  readonly peer: string | undefined
  /** False while its signature is only known to come from a peer that claims to be its author. */
  verified: boolean
}

/** A leader's proposal, verified with all observations in it. */
export interface HeldProposal {
  readonly author: number
  readonly payload: Hex
  readonly observations: readonly SignedBody[]
}

/** A verified certificate with what it certifies. */
export interface HeldCertificate {
  readonly certificate: Certificate
  /** Encoded value; empty when this node cannot encode it. */
  readonly value: Uint8Array
  readonly signers: readonly number[]
  /** ms since the epoch. */
  readonly at: number
}

/** Key of `SlotState.counted`. */
export function countedKey({ epoch, attempt }: Pick<Statement, 'epoch' | 'attempt'>, row: number): string {
  return `${epoch}/${attempt}/${row}`
}

/** All that a node knows of one slot. */
export class SlotState {
  readonly slot: bigint
  readonly changed = new Condition()
  task: Task<unknown> | undefined
  /** Own observation: made once a slot, whatever the attempts. */
  own: Promise<unknown> | undefined
  readonly observations = new Map<number, HeldObservation>()
  readonly proposals = new Map<number, HeldProposal>()
  /** By epoch, attempt and payload. */
  readonly tallies = new Map<string, Tally>()
  /** Payload that is counted for each epoch, attempt and author, by `countedKey`. */
  readonly counted = new Map<string, Hex>()
  /** Values by the payload that commits to them. */
  readonly values = new Map<Hex, unknown>()
  certificate: HeldCertificate | undefined
  /** That the task is signed under, once that is known: a certificate of an earlier one does not settle it. */
  epoch: bigint | undefined
  /** While the task is worked on. */
  isOpen = false
  /** Certificates of other attempts: the chain may take one of them first. */
  readonly rivals = new Map<number, HeldCertificate>()
  /** Whether it is on chain, by anyone, and in which transaction as far as we know. */
  landed = false
  transaction: Hex | null = null
  /** Rows whose partial was seen, in time or late. */
  readonly seenSigners = new Set<number>()
  /** Last step reached. */
  step: Step = 'trigger'
  /** Why it went no further: the failure of the latest step that failed. */
  failure: { readonly step: Step; readonly reason: Reason } | undefined
  /** Ranks for the epoch that is `order.epoch`. */
  order: { readonly epoch: bigint; readonly rows: readonly number[] } | undefined

  constructor(slot: bigint) {
    this.slot = slot
  }

  /** Whether there is a certificate of `epoch` or a later one: a time slot has one epoch, an index slot may be certified again. */
  isSettled(epoch: bigint): boolean {
    return this.certificate !== undefined && this.certificate.certificate.statement.epoch >= epoch
  }

  /** The certificate, when it is what the task was begun for. */
  get settled(): HeldCertificate | undefined {
    return this.epoch === undefined || this.isSettled(this.epoch) ? this.certificate : undefined
  }

  /** Whether a task may be begun: the first, or one more try at what can be certified again. */
  mayBegin({ kind, epoch }: { readonly kind: 'once' | 'again'; readonly epoch: bigint | undefined }): boolean {
    if (this.task === undefined) return true
    if (kind === 'once' || this.isOpen) return false
    return epoch === undefined ? this.certificate === undefined : !this.isSettled(epoch)
  }

  /** Forgets how an earlier task of the slot went. Partials that came before it are kept. */
  begin(task: Task<unknown>): void {
    this.task = task
    this.isOpen = true
    this.own = undefined
    this.failure = undefined
    this.step = 'trigger'
  }
}

/** Slots by number, bounded: the lowest goes first. */
export class SlotBook {
  #slots = new Map<bigint, SlotState>()

  get(slot: bigint): SlotState | undefined {
    return this.#slots.get(slot)
  }

  /** The state of `slot`, made when there is none. */
  open(slot: bigint): SlotState {
    let state = this.#slots.get(slot)
    if (state === undefined) {
      state = new SlotState(slot)
      this.#slots.set(slot, state)
      if (this.#slots.size > MAX_SLOTS) {
        let lowest = slot
        for (const key of this.#slots.keys()) if (key < lowest) lowest = key
        this.#slots.delete(lowest)
      }
    }
    return state
  }
}
