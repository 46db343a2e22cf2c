import type { Clock } from '../util/clock.ts'
import { describe, LariatError } from '../util/errors.ts'
import type { Log } from '../util/log.ts'
import type { SlotBook, SlotState } from './book.ts'
import type { ServiceMetrics } from './metrics.ts'
import { REASONS, type Reason, reasonOf, STEPS, type Step } from './reasons.ts'
import type { Stages, Wrap } from './workflow.ts'

const place = (step: Step) => STEPS.indexOf(step)

/** Notes that a slot came to `step`; attempts run side by side, and the furthest counts. */
export function reached(state: SlotState, step: Step): void {
  if (place(step) > place(state.step)) state.step = step
}

/** Notes why a slot went no further at `step`; the failure of the furthest step is the one that explains it. */
export function failed(state: SlotState, step: Step, reason: Reason): void {
  if (state.failure === undefined || place(step) >= place(state.failure.step)) state.failure = { step, reason }
}

/** Why a slot without certificate ended: what failed, or that nothing did and yet there was no quorum. */
export function explain(state: SlotState): Reason {
  return state.failure?.reason ?? 'aggregate.no-quorum'
}

/** The catalogue's reason of an error, by its own code or one of its causes'. */
export function reasonFor(error: unknown, stage: keyof Stages): Reason {
  const coded =
    error instanceof LariatError ? error.walk((e) => e instanceof LariatError && e.code in REASONS) : undefined
  const code = coded instanceof LariatError ? coded.code : undefined
  if (stage === 'aggregate' || stage === 'verify' || stage === 'publish')
    return reasonOf(code ?? 'verify.failed', 'agree')
  return reasonOf(code, stage === 'admit' ? 'agree' : stage)
}

type Slotted = { readonly statement?: { slot: bigint }; readonly task?: { slot: bigint }; readonly slot?: bigint }
const slotOf = (of: Slotted) => of.statement?.slot ?? of.task?.slot ?? of.slot

const STEP_OF = {
  agree: 'observe',
  sign: 'guard',
  send: 'send',
  aggregate: 'aggregate',
  verify: 'verify',
  publish: 'publish',
  submit: 'submit',
} as const satisfies Partial<Record<keyof Stages, Step>>

/** Follows each slot from outside the stages: last step reached, and a catalogued reason for what failed. */
export function tracking(book: SlotBook, log: Log): Wrap {
  return around(async (stage, of, run) => {
    const slot = slotOf(of)
    if (stage === 'admit' || slot === undefined) return run()
    const state = book.open(slot)
    reached(state, STEP_OF[stage])
    try {
      return await run()
    } catch (error) {
      const reason = reasonFor(error, stage)
      if (state.settled === undefined) failed(state, REASONS[reason].step, reason)
      // a failed try at a slot is summed up when the slot is missed; a failed submission is not, as the slot has its certificate
      const note = stage === 'submit' ? log.warn : log.debug
      note(`${stage} failed`, { slot, reason, error: describe(error) })
      throw error
    }
  })
}

/** Times each stage and counts its errors, from outside. */
export function measuring(metrics: ServiceMetrics, service: string, clock: Clock): Wrap {
  return around(async (stage, _of, run) => {
    const from = clock.now()
    try {
      return await run()
    } catch (error) {
      metrics.stageErrors.inc({ service, stage })
      throw error
    } finally {
      metrics.stage.observe({ service, stage }, (clock.now() - from) / 1000)
    }
  })
}

/** A wrap that runs `hook` around every stage; `of` is the stage's first argument. */
function around(hook: <T>(stage: keyof Stages, of: Slotted, run: () => Promise<T>) => Promise<T>): Wrap {
  return (s) => ({
    agree: (attempt, signal) => hook('agree', attempt, () => s.agree(attempt, signal)),
    sign: (statement) => hook('sign', statement, () => s.sign(statement)),
    send: (partial) => hook('send', partial, () => s.send(partial)),
    admit: (message) => hook('admit', {}, () => s.admit(message)),
    aggregate: (tally) => hook('aggregate', tally, () => s.aggregate(tally)),
    verify: (certificate) => hook('verify', certificate, () => s.verify(certificate)),
    publish: (certificate) => hook('publish', certificate, () => s.publish(certificate)),
    submit: (certificate) => hook('submit', certificate, () => s.submit(certificate)),
  })
}
