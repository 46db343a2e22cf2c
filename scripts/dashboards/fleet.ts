import { type Board, figure, lines, NODES, rows, SERVICES, Unit } from './kit.ts'
import { CHECK_STATUS, latency, UP } from './queries.ts'

export const fleet: Board = {
  name: 'fleet',
  title: 'Fleet overview',
  description: 'All nodes that this Prometheus scrapes, at a glance: what runs, what signs, and what is missed.',
  choices: [NODES, SERVICES],
  rows: {
    Now: [
      figure({
        title: 'Nodes up',
        description: 'Nodes whose last scrape succeeded.',
        unit: Unit.none,
        queries: [[`sum(${UP})`, 'up']],
      }),
      figure({
        title: 'Nodes down',
        description: 'Nodes whose last scrape failed: stopped, crashed, or cut off from Prometheus.',
        unit: Unit.none,
        limits: { bad: 1 },
        queries: [[`sum(1 - ${UP})`, 'down']],
      }),
      figure({
        title: 'Nodes that sign nothing',
        description:
          'Nodes with a service for which nothing is signed, because a self-check that bears on correctness fails.',
        unit: Unit.none,
        limits: { bad: 1 },
        queries: [['sum(max by (instance) (lariat_signing_stopped{instance=~"$instance"}))', 'stopped']],
      }),
      figure({
        title: 'Failing self-checks',
        description: 'Self-checks of all nodes that fail. The dashboard of one operator names them.',
        unit: Unit.none,
        limits: { bad: 1 },
        queries: [['count(lariat_self_check_status{instance=~"$instance"} == 2) or vector(0)', 'failing']],
      }),
      figure({
        title: 'Alerts that fire',
        description: 'Alerts of Lariat’s rules that fire now.',
        unit: Unit.none,
        limits: { bad: 1 },
        queries: [['count(ALERTS{alertname=~"Lariat.*", alertstate="firing"}) or vector(0)', 'firing']],
      }),
      figure({
        title: 'Operators who doubled',
        description: 'Operators that evidence accuses of having signed two payloads, and that were not slashed yet.',
        unit: Unit.none,
        limits: { bad: 1 },
        queries: [['max(lariat_evidence_open{instance=~"$instance"})', 'accused']],
      }),
    ],
    'What is certified': [
      lines({
        title: 'Certified slots',
        description: 'Slots with a verified certificate, by service, as the node that saw most has it.',
        unit: Unit.perSecond,
        queries: [
          [
            'max by (service) (rate(lariat_slots_total{instance=~"$instance", service=~"$service", outcome="certified"}[$__rate_interval]))',
            '{{service}}',
          ],
        ],
      }),
      lines({
        title: 'Missed slots',
        description: 'Part of slots that ended without a certificate, by service and node. A start misses some.',
        unit: Unit.part,
        limits: { warn: 0.05, bad: 0.25 },
        queries: [
          [
            'sum by (service, instance) (rate(lariat_slots_total{instance=~"$instance", service=~"$service", outcome="missed"}[5m])) / sum by (service, instance) (rate(lariat_slots_total{instance=~"$instance", service=~"$service", outcome=~"missed|certified"}[5m]))',
            '{{service}} on {{instance}}',
          ],
        ],
      }),
      lines({
        title: 'Time to a certificate',
        description: 'From a slot’s trigger to its verified certificate, over all nodes, by service.',
        unit: Unit.seconds,
        limits: { warn: 1, bad: 2.5 },
        queries: [
          [latency(0.5, 'lariat_certificate_seconds', ['service'], 'service=~"$service"', '5m'), '{{service}} p50'],
          [latency(0.95, 'lariat_certificate_seconds', ['service'], 'service=~"$service"', '5m'), '{{service}} p95'],
        ],
      }),
      lines({
        title: 'Participation',
        description: 'Part of certificates of the last five minutes that have the operator’s signature, by operator.',
        unit: Unit.part,
        limits: { warn: 0.95, bad: 0.5, below: true },
        queries: [
          [
            'sum by (operator) (rate(lariat_participation_total{instance=~"$instance", service=~"$service", in="certificate"}[5m])) / sum by (operator) (rate(lariat_participation_total{instance=~"$instance", service=~"$service"}[5m]))',
            '{{operator}}',
          ],
        ],
      }),
    ],
    'The nodes': [
      rows({
        title: 'Operators',
        description: 'The operator of each node, and the worst of its self-checks.',
        unit: Unit.none,
        limits: { warn: 1, bad: 2 },
        words: CHECK_STATUS,
        columns: { instance: 'node', operator: 'operator', Value: 'worst self-check' },
        queries: [
          [
            'max by (instance) (lariat_self_check_status{instance=~"$instance"}) * on (instance) group_left (operator) lariat_operator_info{instance=~"$instance"}',
            '',
          ],
        ],
      }),
      rows({
        title: 'Versions',
        description: 'What runs where. Upgrade one node after another, and never two of one operator at a time.',
        unit: Unit.none,
        columns: { instance: 'node', version: 'lariat', node: 'Node.js', Value: 'runs' },
        queries: [['lariat_build_info{instance=~"$instance"}', '']],
      }),
      lines({
        title: 'Memory',
        description: 'Resident memory of each node.',
        unit: Unit.bytes,
        queries: [['lariat_process_resident_memory_bytes{instance=~"$instance"}', '{{instance}}']],
      }),
      lines({
        title: 'Processor',
        description: 'Processors that each node keeps busy, on average.',
        unit: Unit.none,
        queries: [['rate(lariat_process_cpu_seconds{instance=~"$instance"}[$__rate_interval])', '{{instance}}']],
      }),
    ],
  },
}
