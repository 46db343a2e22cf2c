import { type Board, figure, lines, NODES, rows, SERVICES, Unit } from './kit.ts'
import { CHECK_STATUS, hour, latency, pace } from './queries.ts'

/** Of the participation metric, the rows of the node's own operator. */
const OWN = 'on (instance, operator) group_left () lariat_operator_info{instance=~"$instance"}'

export const operator: Board = {
  name: 'operator',
  title: 'One operator',
  description: 'One node in detail: its self-checks, what it signs and misses and why, its stake, its machine.',
  choices: [{ ...NODES, several: false }, SERVICES],
  rows: {
    Now: [
      figure({
        title: 'Worst self-check',
        description: 'The worst status of all self-checks; the table below has each (docs/self-checks.md).',
        unit: Unit.none,
        limits: { warn: 1, bad: 2 },
        words: CHECK_STATUS,
        queries: [['max(lariat_self_check_status{instance=~"$instance"})', 'worst']],
      }),
      figure({
        title: 'Signing',
        description: 'Whether anything is signed for each service.',
        unit: Unit.none,
        limits: { bad: 1 },
        words: { '0': 'signs', '1': 'stopped' },
        queries: [['lariat_signing_stopped{instance=~"$instance"}', '{{service}}']],
      }),
      figure({
        title: 'Performance',
        description:
          'Part of certificates of the last hour with this operator’s signature, 0 to 100, over all services (docs/node-api.md).',
        unit: Unit.none,
        limits: { warn: 95, bad: 50, below: true },
        queries: [['eigen_performance_score{instance=~"$instance"}', 'score']],
      }),
      figure({
        title: 'Runs for',
        description: 'Time since the process started.',
        unit: Unit.seconds,
        queries: [['time() - lariat_process_start_time_seconds{instance=~"$instance"}', 'up']],
      }),
      figure({
        title: 'Balance',
        description: 'Ether of the account that sends transactions.',
        unit: Unit.ether,
        queries: [['lariat_account_balance_ether{instance=~"$instance"}', 'balance']],
      }),
      figure({
        title: 'Operator',
        description: 'The address of the operator, and what runs.',
        unit: Unit.none,
        names: true,
        queries: [['lariat_operator_info{instance=~"$instance"}', '{{operator}}']],
      }),
    ],
    'Health and slots': [
      rows({
        title: 'Self-checks',
        description: 'Every self-check with its status, the worst first. docs/self-checks.md says what mends it.',
        unit: Unit.none,
        limits: { warn: 1, bad: 2 },
        words: CHECK_STATUS,
        columns: { check: 'check', service: 'service', chain: 'chain', Value: 'status' },
        queries: [['lariat_self_check_status{instance=~"$instance"}', '']],
      }),
      lines({
        title: 'How slots ended',
        description: 'Slots in a second, by service and outcome: certified, landed on chain, missed.',
        unit: Unit.perSecond,
        queries: [
          [pace('lariat_slots_total', ['service', 'outcome'], 'service=~"$service"'), '{{service}} {{outcome}}'],
        ],
      }),
      rows({
        title: 'Why slots were missed',
        description: 'Slots missed in the last hour, by the last step and the reason (docs/reasons.md).',
        unit: Unit.none,
        columns: { service: 'service', step: 'step', reason: 'reason', Value: 'slots' },
        queries: [
          [
            `round(${hour('lariat_slots_missed_total', ['service', 'step', 'reason'], 'service=~"$service"')}) or round(sum by (service) (increase(lariat_slots_total{instance=~"$instance", service=~"$service", outcome="missed"}[1h])))`,
            '',
          ],
        ],
      }),
      lines({
        title: 'In certificates',
        description: 'Part of the certificates of five minutes that have this operator’s signature, by service.',
        unit: Unit.part,
        limits: { warn: 0.95, bad: 0.5, below: true },
        queries: [
          [
            `sum by (service) (rate(lariat_participation_total{instance=~"$instance", service=~"$service", in="certificate"}[5m]) * ${OWN}) / sum by (service) (rate(lariat_participation_total{instance=~"$instance", service=~"$service"}[5m]) * ${OWN})`,
            '{{service}}',
          ],
        ],
      }),
      lines({
        title: 'Time to a certificate',
        description: 'From a slot’s trigger to its verified certificate on this node, by service.',
        unit: Unit.seconds,
        limits: { warn: 1, bad: 2.5 },
        queries: [
          [latency(0.5, 'lariat_certificate_seconds', ['service'], 'service=~"$service"', '5m'), '{{service}} p50'],
          [latency(0.95, 'lariat_certificate_seconds', ['service'], 'service=~"$service"', '5m'), '{{service}} p95'],
        ],
      }),
      lines({
        title: 'Time in each stage',
        description: 'Where the time of a task goes: 95th percentile of each stage of its path.',
        unit: Unit.seconds,
        queries: [[latency(0.95, 'lariat_stage_seconds', ['stage'], 'service=~"$service"', '5m'), '{{stage}}']],
      }),
    ],
    'Stake and earnings': [
      lines({
        title: 'Stake and worst loss',
        description: 'Worth of all stake of the operator, and what goes if every set slashes all that it can.',
        unit: Unit.ether,
        queries: [
          ['lariat_risk_stake_ether{instance=~"$instance"}', 'stake'],
          ['lariat_risk_loss_ether{instance=~"$instance"}', 'worst joint loss'],
        ],
      }),
      lines({
        title: 'Part of the weight',
        description: 'The operator’s part of each service’s weight. A third can stop every certificate.',
        unit: Unit.part,
        limits: { bad: 0.333 },
        queries: [['lariat_risk_weight_share{instance=~"$instance", service=~"$service", of="own"}', '{{service}}']],
      }),
      lines({
        title: 'Fees earned',
        description: 'Fees earned since the process began to count, in units of each token.',
        unit: Unit.none,
        queries: [
          ['sum by (token, unit) (eigen_fees_earned_total{instance=~"$instance"}) or vector(0)', '{{token}} {{unit}}'],
        ],
      }),
      lines({
        title: 'Claims of rewards',
        description: 'Scheduled claims in the last hour by outcome; none where the configuration has no schedule.',
        unit: Unit.none,
        queries: [[hour('lariat_rewards_runs_total', ['outcome']), '{{outcome}}']],
      }),
    ],
    'The machine': [
      lines({
        title: 'Memory',
        description: 'Resident memory of the process.',
        unit: Unit.bytes,
        queries: [['lariat_process_resident_memory_bytes{instance=~"$instance"}', 'resident']],
      }),
      lines({
        title: 'Event loop',
        description: 'How late the event loop was, 99th percentile between two scrapes. Late means: give it a core.',
        unit: Unit.seconds,
        limits: { warn: 0.2, bad: 2 },
        queries: [['lariat_event_loop_delay_p99_seconds{instance=~"$instance"}', 'p99']],
      }),
      lines({
        title: 'Free disk',
        description: 'Room on the file system of dataDir. Without room the guard cannot write, and nothing is signed.',
        unit: Unit.bytes,
        limits: { warn: 2 ** 30, bad: 64 * 2 ** 20, below: true },
        queries: [['lariat_data_free_bytes{instance=~"$instance"}', 'free']],
      }),
      lines({
        title: 'HTTP requests',
        description: 'Requests that the node’s server answered, by status.',
        unit: Unit.perSecond,
        queries: [[pace('lariat_api_requests_total', ['status']), '{{status}}']],
      }),
    ],
  },
}
