import { type Clock, until } from '../../util/clock.ts'
import { describe } from '../../util/errors.ts'
import { bearingOf, type CheckName } from './catalogue.ts'
import { type CheckState, type Finding, label, type SelfCheck, type Status } from './types.ts'

/** Longest that one look may take, ms: two answers of a slow provider. */
const LOOK_TIMEOUT_MS = 10_000

/** One check with what is known of it. */
export interface Tracker {
  readonly name: CheckName
  readonly service: string | undefined
  readonly everyMs: number
  /** Looks once; never throws. */
  look(signal: AbortSignal): Promise<void>
  state(): CheckState
  /** Why nothing may be signed now because of it. */
  refusal(): string | undefined
  /** True when the status is another than at the last call; a first one that passes is nothing to tell. */
  turn(): boolean
}

/** What a look gave, or why it could not be made. */
interface Looked {
  readonly finding: Finding | undefined
  readonly at: number
}

export function createTracker(check: SelfCheck, clock: Clock): Tracker {
  const bears = bearingOf(check.name)
  const madeAt = clock.now()
  let looked: Looked | undefined
  /** Why the newest look could not be made; undefined when it could. */
  let trouble: string | undefined
  let status: Status = 'pass'
  let since = madeAt
  let told: Status = 'pass'

  function assess(): Finding | undefined {
    if (looked === undefined) {
      return { status: 'fail', reason: trouble ?? 'it has not been looked at yet' }
    }
    const { finding, at } = looked
    if (finding?.status !== 'fail') {
      const why = bears === 'signing' ? check.now?.() : undefined
      if (why !== undefined) return { status: 'fail', reason: why }
    }
    const age = clock.now() - at
    const why = trouble === undefined ? '' : `: ${trouble}`
    if (age < 0) return { status: 'fail', reason: `the clock was set back since the last look${why}` }
    if (age > check.trustMs + check.everyMs + LOOK_TIMEOUT_MS) {
      return { status: 'fail', reason: `the last look is ${Math.round(age / 1_000)} s old${why}` }
    }
    if (trouble !== undefined && finding === undefined) {
      return { status: 'warn', reason: `it cannot be looked at now${why}` }
    }
    return finding
  }

  function state(): CheckState {
    const finding = assess()
    const now: Status = finding?.status ?? 'pass'
    if (now !== status) {
      status = now
      since = clock.now()
    }
    return {
      name: check.name,
      service: check.service,
      ...(check.chain === undefined ? {} : { chain: check.chain }),
      status,
      reason: finding?.reason,
      since,
      at: looked?.at,
      stopsSigning: status === 'fail' && bears === 'signing',
    }
  }

  return {
    name: check.name,
    service: check.service,
    everyMs: check.everyMs,
    async look(signal) {
      const { signal: limited, done } = until(clock, clock.now() + LOOK_TIMEOUT_MS, signal)
      try {
        const finding = await Promise.race([(async () => check.run(limited))(), timeUp(limited)])
        looked = { finding, at: clock.now() }
        trouble = undefined
      } catch (error) {
        if (!signal.aborted) trouble = describe(error)
      } finally {
        done()
        state()
      }
    },
    state,
    refusal() {
      if (bears !== 'signing') return undefined
      const finding = assess()
      return finding?.status === 'fail' ? `${label(check)}: ${finding.reason}` : undefined
    },
    turn() {
      const turned = state().status !== told
      told = status
      return turned
    },
  }
}

function timeUp(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(new Error(`no answer within ${LOOK_TIMEOUT_MS} ms`))
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}
