import { CHAINS, SERVICES } from '../../metrics/bounds.ts'
import type { Metrics } from '../../metrics/registry.ts'
import { type CheckName, SELF_CHECKS } from './catalogue.ts'
import type { Status } from './types.ts'

/** Values of `lariat_self_check_status`. */
export const STATUS_VALUES: Readonly<Record<Status, number>> = { pass: 0, warn: 1, fail: 2 }

const labels = { check: Object.keys(SELF_CHECKS) as CheckName[], service: SERVICES, chain: CHAINS }

export type SelfCheckMetrics = ReturnType<typeof declareSelfCheckMetrics>

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
    balance: metrics.gauge({
      name: 'lariat_account_balance_ether',
      help: 'Ether of the account that sends transactions, on the chain of the stake',
    }),
    gasPrice: metrics.gauge({
      name: 'lariat_gas_price_ether',
      help: 'Price of a unit of gas when the balance was looked at, on the chain of the stake',
    }),
    diskFree: metrics.gauge({
      name: 'lariat_data_free_bytes',
      help: 'Room that is left on the file system of dataDir',
    }),
    clockOffset: metrics.gauge({
      name: 'lariat_clock_offset_seconds',
      help: 'How far the clock of this process is ahead of the other operators’, their median by weight; 0 while too few of them answer',
    }),
    stopped: metrics.gauge({
      name: 'lariat_signing_stopped',
      help: '1 while nothing is signed for the service because a self-check that bears on correctness fails',
      labels: { service: SERVICES },
    }),
  }
}
