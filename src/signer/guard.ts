import type { Metrics } from '../metrics/registry.ts'
import type { GuardKey, GuardOutcome, GuardStore } from '../store/store.ts'
import { statementDigest } from '../types/digest.ts'
import { type Domain, Kind, type Statement } from '../types/statement.ts'
import type { Clock } from '../util/clock.ts'
import { describe, LariatError } from '../util/errors.ts'
import { type Address, bytesToHex } from '../util/hex.ts'
import type { Log } from '../util/log.ts'
import { type JumpWatch, watchJumps } from './jumps.ts'
import { kindName, type SignerMetrics, signerMetrics } from './metrics.ts'
import { explainRefusal, logLevel } from './refusal.ts'
import type { GuardRefusal, SignRequest } from './signer.ts'

/**
 * Most that the clocks of two machines of one operator may differ, milliseconds. A copy of this operator that ran until
 * this one started can have signed slots that begin up to this long after our start by our clock. Machines on NTP differ by
 * tens of milliseconds; more than 2 s would cost a restarted node more than one round.
 */
export const SKEW_MARGIN_MS = 2_000

/**
 * Slots below the newest signed one whose records are kept, per (service, kind). All older ones are refused by the
 * watermark, so this must only exceed every service's slot window and reach back as far as one wants to show what was
 * signed: 36 hours of a 2-second service, 6 MB.
 */
export const KEEP_SLOTS = 65_536n

/** Pruning waits for this many slots, so that its cost (under 1 ms) does not fall on every signature. */
const PRUNE_EVERY_SLOTS = 64n

export interface GuardOptions {
  readonly domain: Domain
  readonly operator: Address
  readonly store: GuardStore
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** ms since the epoch; the time of making the guard when left out. */
  readonly startedAt?: number
  readonly skewMarginMs?: number
  readonly keepSlots?: bigint
}

/**
 * Proof that the guard recorded a statement: what a key takes instead of bytes. Only `Guard.authorize` makes one; the class
 * is not exported, and what it stands for is known to its guard alone.
 */
class GuardReceipt {
  readonly #statement: Statement

  constructor(statement: Statement) {
    this.#statement = statement
    Object.freeze(this)
  }

  /** What was recorded. */
  get statement(): Statement {
    return this.#statement
  }
}

export type { GuardReceipt }

/**
 * Decides whether a statement may be signed, and records it durably before it is.
 *
 * A machine that is put back to a snapshot with its memory goes on as if nothing had happened, with a record that lacks what was
 * signed since. What it cannot hide is that the machine's clock is moved when it is set right: whenever that has moved against
 * the process's own, the floor is raised as by a start.
 */
export class Guard {
  readonly #options: GuardOptions
  #floor: number
  readonly #jumps: JumpWatch
  readonly #metrics: SignerMetrics
  readonly #digests = new WeakMap<GuardReceipt, Uint8Array>()
  /** Watermarks last seen, by service and kind; bounded by the services of one ServiceManager. */
  readonly #watermarks = new Map<string, bigint>()

  constructor(options: GuardOptions) {
    this.#options = options
    this.#metrics = signerMetrics(options.metrics)
    const start = (options.startedAt ?? options.clock.now()) + (options.skewMarginMs ?? SKEW_MARGIN_MS)
    this.#floor = Math.max(start, options.store.floor())
    this.#jumps = watchJumps(options.clock)
  }

  /** ms since the epoch: what was triggered before is refused. Rises when the machine's clock jumps. */
  get floor(): number {
    return this.#floor
  }

  /**
   * Checks `request` and puts its statement on record; on disk when this resolves.
   * @throws LariatError `guard.<GuardRefusal>`
   */
  async authorize(asked: SignRequest): Promise<GuardReceipt> {
    // A copy, read once: what is judged, recorded and signed is then one thing, whatever the caller's object does.
    const statement = Object.freeze({ ...asked.statement })
    const request: SignRequest = { statement, window: { ...asked.window }, triggeredAt: asked.triggeredAt }
    const { window, triggeredAt } = request
    if (statement.slot < window.from || statement.slot > window.to) throw this.#refuse('outside-window', request)
    this.#raiseAfterJump()
    const isRepeated = statement.kind === Kind.deal && this.#isOnRecord(request)
    if (!isRepeated && !(triggeredAt >= this.floor)) throw this.#refuse('before-floor', request) // NaN too
    const digest = statementDigest(this.#options.domain, statement)
    const outcome = await this.#record(request, digest)
    if (outcome !== 'recorded' && outcome !== 'same') throw this.#refuse(outcome, request)
    if (outcome === 'recorded') this.#prune(request)
    const receipt = new GuardReceipt(statement)
    this.#digests.set(receipt, digest)
    return receipt
  }

  /**
   * The digest (32 bytes) that `receipt` allows to sign.
   * @throws LariatError `guard.forged-receipt` unless this guard made it
   */
  redeem(receipt: GuardReceipt): Uint8Array {
    const digest = this.#digests.get(receipt)
    if (digest === undefined) {
      throw new LariatError(
        'guard.forged-receipt',
        'a key was asked to sign with a receipt that its guard did not make',
      )
    }
    return Uint8Array.from(digest)
  }

  /**
   * Whether this very statement is on record. A dealing must be able to be sent again after a crash, and below the floor that is
   * as safe as above: what is on record was signed before the copy of this record, if there is one, was made.
   */
  #isOnRecord(request: SignRequest): boolean {
    try {
      const record = this.#options.store.find(this.#key(request.statement))
      return record?.payload?.toLowerCase() === request.statement.payload.toLowerCase()
    } catch (error) {
      throw this.#refuse('unavailable', request, error)
    }
  }

  #raiseAfterJump(): void {
    const jumpMs = this.#jumps.look()
    if (jumpMs === 0) return
    const { clock, log, skewMarginMs = SKEW_MARGIN_MS } = this.#options
    // whichever of the two clocks is right, what another life of this process may have signed lies before it
    const floor = Math.max(this.#floor, clock.now(), clock.wall?.() ?? 0) + skewMarginMs
    this.#floor = floor
    this.#metrics.jumps.inc({})
    log.error('the clock of this machine has jumped: nothing that was triggered before is signed any more', {
      jumpMs,
      floor: new Date(floor).toISOString(),
      mend: 'see whether the machine was suspended or put back to a snapshot; let NTP keep its clock',
    })
  }

  async #record(request: SignRequest, digest: Uint8Array): Promise<GuardOutcome> {
    const { store, clock } = this.#options
    const { epoch, payload } = request.statement
    const before = clock.now()
    try {
      return await store.checkAndInsert(this.#key(request.statement), epoch, payload, bytesToHex(digest))
    } catch (error) {
      throw this.#refuse('unavailable', request, error)
    } finally {
      this.#metrics.writeSeconds.observe({}, (clock.now() - before) / 1000)
    }
  }

  /** Raises the watermark to `keepSlots` below the slot, never into the window. A failure costs disk space, not safety. */
  #prune({ statement, window }: SignRequest): void {
    const { store, log, keepSlots = KEEP_SLOTS } = this.#options
    const id = `${statement.service}/${statement.kind}`
    let target = statement.slot - keepSlots
    if (target > window.from) target = window.from
    try {
      const key = this.#key(statement)
      const watermark = this.#watermarks.get(id) ?? store.watermark(key)
      this.#watermarks.set(id, watermark)
      if (target < watermark + PRUNE_EVERY_SLOTS) return
      store.prune(key, target)
      this.#watermarks.set(id, target)
    } catch (error) {
      log.warn('guard: old records could not be pruned', { error: describe(error) })
    }
  }

  #key(statement: Statement): GuardKey {
    const { domain, operator } = this.#options
    const { service, kind, slot, attempt } = statement
    return { ...domain, operator, service, kind, slot, attempt }
  }

  #refuse(reason: GuardRefusal, request: SignRequest, cause?: unknown): LariatError<`guard.${GuardRefusal}`> {
    const { service, kind, slot, attempt, payload } = request.statement
    this.#metrics.refusals.inc({ reason })
    const details = { service, kind: kindName(kind) ?? String(kind), slot, attempt, payload }
    const message = explainRefusal(reason, request, this.floor)
    this.#options.log[logLevel(reason)](`guard: refused, ${message}`, {
      reason,
      ...details,
      ...(cause === undefined ? {} : { error: describe(cause) }),
    })
    return new LariatError(`guard.${reason}`, message, details, cause)
  }
}
