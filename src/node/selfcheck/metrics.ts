import { CHAINS, SERVICES } from '../../metrics/bounds.ts'
import type { Metrics } from '../../metrics/registry.ts'
import { type CheckName, SELF_CHECKS } from './catalogue.ts'
import type { Status } from './types.ts'

/** Values of `lariat_self_check_status`. */
export const STATUS_VALUES: Readonly<Record<Status, number>> = { pass: 0, warn: 1, fail: 2 }

const labels = { check: Object.keys(SELF_CHECKS) as CheckName[], service: SERVICES, chain: CHAINS }

export function declareSelfCheckMetrics(metrics: Metrics) {
  return {
    status: metrics.gauge({
      name: 'lariat_self_check_status',
      help: 'How a self-check stands (docs/self-checks.md): 0 pass, 1 warn, 2 fail; service is empty for the node as a whole; chain is there for a further chain',
      labels,
    }),
    since: metrics.gauge({
      name: 'lariat_self_check_since_seconds',
      help: 'Unix second since which a self-check has its status',
      labels,
    }),
    stopped: metrics.gauge({
      name: 'lariat_signing_stopped',
      help: '1 while nothing is signed for the service because a self-check that bears on correctness fails',
      labels: { service: SERVICES },
    }),
  }
}
