import type { Inbound, Verdict } from '../p2p/transport.ts'
import type { Certificate } from '../types/certificate.ts'
import { until } from '../util/clock.ts'
import { describe } from '../util/errors.ts'
import type { Tally } from './aggregation/tally.ts'
import type { Submission, Task } from './api.ts'
import { countedKey, type SlotState } from './book.ts'
import { miss } from './record.ts'
import { ownRow, type Runtime, type Signals, tableOf } from './runtime.ts'
import { explain, failed } from './tracking.ts'
import type { Bus, Try } from './workflow.ts'

/** Slots that are worked on at a time; more are refused by `start`, so that a burst of events cannot pile up. */
export const MAX_IN_FLIGHT = 64

/** Sets the stages of one service in motion: runs the attempts of each slot, and aggregates when a quorum is there. */
export class Driver implements Bus, Signals {
  readonly #rt: Runtime
  readonly #stop: AbortSignal
  readonly #slots = new Set<Promise<void>>()
  readonly #background = new Set<Promise<void>>()
  readonly #aggregating = new Set<Tally>()
  #runTask: (attempt: Try, signal: AbortSignal) => Promise<void> = unwired
  #runMessage: (message: Inbound) => Promise<Verdict> = unwired
  #runQuorum: (tally: Tally) => Promise<void> = unwired
  #runCertificate: (certificate: Certificate) => Promise<Submission> = unwired

  /** @param stop aborted when open slots shall end at once */
  constructor(rt: Runtime, stop: AbortSignal) {
    this.#rt = rt
    this.#stop = stop
  }

  onTask(handler: (attempt: Try, signal: AbortSignal) => Promise<void>): void {
    this.#runTask = handler
  }
  onMessage(handler: (message: Inbound) => Promise<Verdict>): void {
    this.#runMessage = handler
  }
  onQuorum(handler: (tally: Tally) => Promise<void>): void {
    this.#runQuorum = handler
  }
  onCertificate(handler: (certificate: Certificate) => Promise<Submission>): void {
    this.#runCertificate = handler
  }

  message(message: Inbound): Promise<Verdict> {
    return this.#runMessage(message)
  }

  get inFlight(): number {
    return this.#slots.size
  }

  /** Resolves when no slot is open and no submission under way. */
  async idle(): Promise<void> {
    while (this.#slots.size + this.#background.size > 0) {
      await Promise.allSettled([...this.#slots, ...this.#background])
    }
  }

  /**
   * Works on a slot until it has a certificate or its deadline has passed; true when there was room for it.
   * @param kind `again` for a slot that may be certified again, or was missed
   */
  start(task: Task<unknown>, kind: 'once' | 'again' = 'once'): boolean {
    if (this.#slots.size >= MAX_IN_FLIGHT) return false
    this.#rt.window.triggered(task.slot)
    const state = this.#rt.book.open(task.slot)
    const epoch = tableOf(this.#rt, task)?.number
    if (state.mayBegin({ kind, epoch })) {
      state.begin(task)
      this.#track(
        this.#slots,
        this.#run(state, task).finally(() => {
          state.isOpen = false
        }),
      )
    }
    return true
  }

  certificate(certificate: Certificate): void {
    this.#track(
      this.#background,
      this.#runCertificate(certificate).then(
        () => undefined,
        () => undefined,
      ),
    ) // tracked and journalled by its wraps
  }

  quorum(slot: bigint): void {
    const state = this.#rt.book.get(slot)
    if (state === undefined) return
    state.changed.notify()
    for (const tally of state.tallies.values()) {
      if (state.isSettled(tally.statement.epoch) || this.#aggregating.has(tally)) continue
      if (tally.hasQuorum() && this.#canServe(state, tally)) {
        this.#aggregating.add(tally)
        this.#track(
          this.#background,
          this.#aggregate(state, tally).finally(() => this.#aggregating.delete(tally)),
        )
      }
    }
  }

  /** Under report agreement a certificate travels with its value, so only who knows the value can publish it. */
  #canServe(state: SlotState, tally: Tally): boolean {
    return this.#rt.definition.agreement.kind === 'identical' || state.values.has(tally.statement.payload)
  }

  async #aggregate(state: SlotState, tally: Tally): Promise<void> {
    const { timing, clock } = this.#rt
    const wait = until(clock, clock.now() + timing.gatherMs, this.#stop)
    const isSettled = () => state.isSettled(tally.statement.epoch)
    await state.changed
      .wait(() => (isSettled() || tally.isComplete() ? true : undefined), wait.signal)
      .catch(() => undefined)
    wait.done()
    while (!isSettled() && tally.hasQuorum() && !this.#stop.aborted) {
      try {
        return await this.#runQuorum(tally)
      } catch (error) {
        if (isSettled() || !this.#blame(state, tally, error)) return
      }
    }
  }

  /** Cuts off who handed us false shares; false when there were none, so that trying again is pointless. */
  #blame(state: SlotState, tally: Tally, error: unknown): boolean {
    const before = tally.rows
    const found = tally.removeFalse()
    const removed = before.filter((row) => !tally.has(row))
    // a hunt that ran out of checks drops honest shares too: they may come again by gossip
    for (const row of removed) state.counted.delete(countedKey(tally.statement, row))
    for (const { peer } of found) {
      this.#rt.metrics.falseShares.inc({ service: this.#rt.definition.name })
      if (peer !== undefined) this.#rt.transport.penalize(peer, 'invalid-signature')
    }
    this.#rt.log.warn('a sum of partials did not verify', {
      slot: state.slot,
      falseShares: found.map(({ row }) => row),
      error: describe(error),
    })
    if (removed.length === 0) return false
    if (!tally.hasQuorum()) failed(state, 'aggregate', 'aggregate.invalid-shares')
    return true
  }

  async #run(state: SlotState, task: Task<unknown>): Promise<void> {
    const rt = this.#rt
    const table = tableOf(rt, task)
    if (table === undefined) return miss(rt, state, 'trigger.no-epoch')
    state.epoch = table.number
    if (ownRow(rt, table) === undefined) return this.#follow(state, task)

    const open = until(rt.clock, task.deadline, this.#stop)
    const certified = new AbortController()
    const ended = state.changed
      .wait(() => state.settled, open.signal)
      .then(
        () => certified.abort(new DOMException('the slot is certified', 'AbortError')),
        () => undefined,
      )
    const signal = AbortSignal.any([open.signal, certified.signal])
    const attempts = rt.definition.agreement.kind === 'report' ? rt.timing.attempts : 1
    const attemptMs = (task.deadline - task.triggeredAt) / attempts
    const tries: Promise<void>[] = []
    for (let attempt = 0; attempt < attempts && !signal.aborted; attempt++) {
      tries.push(this.#runTask({ task, attempt }, signal).catch(() => undefined)) // tracked by its wraps
      const pause = until(rt.clock, task.triggeredAt + (attempt + 1) * attemptMs, signal)
      await state.changed.wait(() => state.settled, pause.signal).catch(() => undefined)
      pause.done()
    }
    await ended
    open.done()
    await Promise.all(tries)
    if (state.settled === undefined) miss(rt, state, this.#stop.aborted ? 'stopped' : explain(state))
  }

  /** Not a member of the slot's epoch: nothing to sign, but certificates are still followed. */
  async #follow(state: SlotState, task: Task<unknown>): Promise<void> {
    const open = until(this.#rt.clock, task.deadline, this.#stop)
    await state.changed.wait(() => state.settled, open.signal).catch(() => undefined)
    open.done()
    if (state.settled === undefined) miss(this.#rt, state, 'trigger.not-a-member')
  }

  #track(set: Set<Promise<void>>, work: Promise<void>): void {
    const done = work
      .catch((error) => this.#rt.log.error('unexpected', { error: describe(error) }))
      .finally(() => set.delete(done))
    set.add(done)
  }
}

function unwired(): never {
  throw new Error('wire() was not called')
}
