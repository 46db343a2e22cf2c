import { bearingOf } from '../selfcheck/catalogue.ts'
import type { SelfChecks } from '../selfcheck/monitor.ts'
import { type CheckState, label, type Status } from '../selfcheck/types.ts'
import type { ApiRoute } from './router.ts'

/** How one check stands. Times are Unix seconds. */
export interface CheckView {
  /** `guard`, `prices: epoch` */
  readonly name: string
  readonly ok: boolean
  readonly status: Status
  readonly since: number
  /** When it was last looked at; null before the first look. */
  readonly at: number | null
  /** What it finds is told, and does not make the node ill. */
  readonly advisory?: true
  /** Nothing is signed because of it. */
  readonly stopsSigning?: true
  /** What is wrong, and how to mend it. */
  readonly problem?: string
}

export interface Health {
  /** No check fails but advisory ones. */
  readonly healthy: boolean
  /** Services for which nothing is signed now, with the reason. */
  readonly stopped: Readonly<Record<string, string>>
  readonly checks: readonly CheckView[]
}

export function healthOf(checks: Pick<SelfChecks, 'states' | 'refusal'>, services: readonly string[]): Health {
  const states = checks.states()
  const stopped = services.flatMap((service) => {
    const why = checks.refusal(service)
    return why === undefined ? [] : [[service, why] as const]
  })
  return {
    healthy: states.every(({ name, status }) => status !== 'fail' || bearingOf(name) === 'advice'),
    stopped: Object.fromEntries(stopped),
    checks: states.map(viewOf),
  }
}

function viewOf(state: CheckState): CheckView {
  const { name, status, reason, since, at, stopsSigning } = state
  return {
    name: label({
      name,
      ...(state.service === undefined ? {} : { service: state.service }),
      ...(state.chain === undefined ? {} : { chain: state.chain }),
    }),
    ok: status === 'pass',
    status,
    since: since / 1_000,
    at: at === undefined ? null : at / 1_000,
    ...(bearingOf(name) === 'advice' ? { advisory: true } : {}),
    ...(stopsSigning ? { stopsSigning } : {}),
    ...(reason === undefined ? {} : { problem: reason }),
  }
}

/** `/healthz`: 200 when no check fails but advisory ones, otherwise 503; the body names every check either way. */
export function healthRoute(checks: Pick<SelfChecks, 'states' | 'refusal'>, services: readonly string[]): ApiRoute {
  return {
    path: '/healthz',
    handle: async () => {
      const health = healthOf(checks, services)
      return { status: health.healthy ? 200 : 503, body: health }
    },
  }
}
