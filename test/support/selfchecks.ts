import assert from 'node:assert/strict'
import { createMetrics, type Metrics } from '../../src/metrics/registry.ts'
import { healthOf } from '../../src/node/api/health.ts'
import type { CheckName } from '../../src/node/selfcheck/catalogue.ts'
import { STATUS_VALUES } from '../../src/node/selfcheck/metrics.ts'
import { createSelfChecks, type SelfChecks } from '../../src/node/selfcheck/monitor.ts'
import { label, type SelfCheck, type Status } from '../../src/node/selfcheck/types.ts'
import { type Clock, systemClock } from '../../src/util/clock.ts'
import { type MemoryLog, memoryLog } from './memoryLog.ts'

/** Name of the service that bench checks are about. */
export const SERVICE_NAME = 'prices'

/** Self-checks as a node has them, with what they tell: health, metrics and log. */
export interface CheckBench {
  readonly selfChecks: SelfChecks
  readonly log: MemoryLog
  readonly metrics: Metrics
  /** Looks once, and sees that health, metric and log tell that the check has turned to `status`; its reason. */
  turns(name: CheckName, status: Status, reason?: RegExp): Promise<string>
}

export function checkBench(checks: readonly SelfCheck[], clock: Clock = systemClock): CheckBench {
  const log = memoryLog()
  const metrics = createMetrics()
  const selfChecks = createSelfChecks({ services: [SERVICE_NAME], clock, log, metrics })
  selfChecks.add(...checks)
  return { selfChecks, log, metrics, turns: (...args) => seesTurn({ selfChecks, log, metrics }, ...args) }
}

/** As `CheckBench.turns`, for self-checks that are looked at by themselves: then call it when they have been. */
export async function seesTurn(
  { selfChecks, log, metrics }: Pick<CheckBench, 'selfChecks' | 'log' | 'metrics'>,
  name: CheckName,
  status: Status,
  reason = /./,
): Promise<string> {
  await selfChecks.look(name)
  const state = selfChecks.states().find((each) => each.name === name)
  assert.ok(state !== undefined, `there is no check ${name}`)
  const { service } = state
  assert.equal(state.status, status, `${name}: ${state.reason}`)
  // health
  const view = healthOf(selfChecks, [SERVICE_NAME]).checks.find(
    (each) => each.name === label({ name, ...(service === undefined ? {} : { service }) }),
  )
  assert.equal(view?.status, status)
  assert.equal(view?.ok, status === 'pass')
  if (status === 'pass') assert.equal(view?.problem, undefined)
  else assert.match(view?.problem ?? '', reason)
  // metric
  const { body } = await metrics.expose()
  const line = `lariat_self_check_status{check="${name}",service="${service ?? ''}",chain=""} ${STATUS_VALUES[status]}`
  assert.ok(body.split('\n').includes(line), `${line} in\n${body}`)
  // log: its last word about this check; one that was never ill says nothing
  const said = log.entries.findLast(({ fields }) => fields.check === name && fields.service === service)
  const expected = { pass: /well again/, warn: /warns/, fail: /fails/ }[status]
  if (said !== undefined || status !== 'pass') assert.match(said?.message ?? '', expected, name)
  if (status !== 'pass') assert.match(String(said?.fields.reason), reason)
  return view?.problem ?? ''
}
