import { type Clock, until } from '../../util/clock.ts'
import { describe } from '../../util/errors.ts'
import type { ApiRoute } from './router.ts'

/** Longest that one check may take, ms; then it counts as failed. */
const CHECK_TIMEOUT_MS = 3_000

/** One fact that must hold for the node to do its work. `run` gives undefined when it does, otherwise what is wrong and how to mend it. */
export interface HealthCheck {
  readonly name: string
  /** What it finds is told, and does not make the node ill: something to know, not something that keeps it from its work. */
  readonly advisory?: boolean
  readonly run: (signal: AbortSignal) => Promise<string | undefined> | string | undefined
}

export interface CheckResult {
  readonly name: string
  readonly ok: boolean
  readonly advisory?: boolean
  readonly problem?: string
}

export interface Health {
  readonly healthy: boolean
  readonly checks: readonly CheckResult[]
}

/** Runs all checks at once. */
export async function runChecks(checks: readonly HealthCheck[], clock: Clock): Promise<Health> {
  const results = await Promise.all(checks.map((check) => runOne(check, clock)))
  return { healthy: results.every((result) => result.ok || result.advisory === true), checks: results }
}

async function runOne(check: HealthCheck, clock: Clock): Promise<CheckResult> {
  const kind = check.advisory === true ? { advisory: true } : {}
  const { signal, done } = until(clock, clock.now() + CHECK_TIMEOUT_MS)
  try {
    const timeUp = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)), {
        once: true,
      })
    })
    const found = await Promise.race([(async () => check.run(signal))(), timeUp])
    return found === undefined
      ? { name: check.name, ok: true, ...kind }
      : { name: check.name, ok: false, ...kind, problem: found }
  } catch (error) {
    return { name: check.name, ok: false, ...kind, problem: describe(error) }
  } finally {
    done()
  }
}

/** `/healthz`: 200 when every check holds but advisory ones, otherwise 503; the body names every check either way. */
export function healthRoute(checks: () => readonly HealthCheck[], clock: Clock): ApiRoute {
  return {
    path: '/healthz',
    handle: async () => {
      const health = await runChecks(checks(), clock)
      return { status: health.healthy ? 200 : 503, body: health }
    },
  }
}
