import { type Phases, WHOLE } from '../phases.ts'
import { bearingOf } from '../selfcheck/catalogue.ts'
import type { SelfChecks } from '../selfcheck/monitor.ts'
import type { CheckState } from '../selfcheck/types.ts'

/** As the AVS node specification calls it. */
export type EigenStatus = 'Up' | 'Down' | 'Initializing'
export type EigenHealth = 'healthy' | 'partial' | 'unhealthy'

export interface EigenStanding {
  readonly node: EigenHealth
  /** By the services' names, in their order. */
  readonly services: ReadonlyMap<string, EigenStatus>
}

export interface EigenStandingOf {
  readonly checks: Pick<SelfChecks, 'states' | 'refusal'>
  readonly phases: Pick<Phases, 'of'>
  readonly services: readonly string[]
}

/**
 * How node and services stand. A service is down when it has stopped, a check of its own fails, or nothing is signed for it.
 * The node is unhealthy when it stops, a check of the node itself fails, or no service is up or on its way; partially healthy
 * while it starts, and when a service or a further chain is not well. Advisory checks do not count.
 */
export function eigenStanding({ checks, phases, services }: EigenStandingOf): EigenStanding {
  const failing = checks.states().filter(({ name, status }) => status === 'fail' && bearingOf(name) !== 'advice')
  const statuses = new Map(services.map((name) => [name, statusOf(name, { checks, phases }, failing)] as const))
  return { node: healthOf(phases.of(WHOLE), failing, [...statuses.values()]), services: statuses }
}

function statusOf(
  name: string,
  { checks, phases }: Pick<EigenStandingOf, 'checks' | 'phases'>,
  failing: readonly CheckState[],
): EigenStatus {
  const phase = phases.of(name)
  if (phase === 'starting') return 'Initializing'
  if (phase === 'stopped' || failing.some(({ service }) => service === name)) return 'Down'
  return checks.refusal(name) === undefined ? 'Up' : 'Down'
}

function healthOf(
  phase: ReturnType<Phases['of']>,
  failing: readonly CheckState[],
  services: readonly EigenStatus[],
): EigenHealth {
  if (phase === 'starting') return 'partial'
  const ofNode = failing.some(({ service, chain }) => service === undefined && chain === undefined)
  if (phase === 'stopped' || ofNode || services.every((status) => status === 'Down')) return 'unhealthy'
  return failing.length > 0 || services.some((status) => status !== 'Up') ? 'partial' : 'healthy'
}
