import { type Board, figure, lines, NODES, rows, SERVICES, Unit } from './kit.ts'
import { CHECK_STATUS, hour, latency, pace } from './queries.ts'

/** Self-checks that bear on signing: while one fails, nothing is signed. */
const SIGNING = 'guard|second self|storage|clock|agreement|reorg|key|slashed'

export const safety: Board = {
  name: 'safety',
  title: 'Safety',
  description: 'What keeps operators from being slashed, evidence against others, and the risk that rests on stake.',
  choices: [NODES, SERVICES],
  rows: {
    Now: [
      figure({
        title: 'Signing',
        description: 'Whether anything is signed, by service; the worst node.',
        unit: Unit.none,
        span: 8,
        limits: { bad: 1 },
        words: { '0': 'signs', '1': 'stopped' },
        queries: [['max by (service) (lariat_signing_stopped{instance=~"$instance"})', '{{service}}']],
      }),
      figure({
        title: 'Second self',
        description: 'Statements of the own operator that its guard does not know: another instance of it runs.',
        unit: Unit.none,
        limits: { bad: 1 },
        queries: [['sum(lariat_second_self_sightings_total{instance=~"$instance"})', 'seen']],
      }),
      figure({
        title: 'Conflicts',
        description: 'Statements that a guard refused because another payload is on record, in the last hour.',
        unit: Unit.none,
        limits: { bad: 1 },
        queries: [
          [
            'round(sum(increase(lariat_guard_refusals_total{instance=~"$instance", reason="conflict"}[1h])))',
            'conflicts',
          ],
        ],
      }),
      figure({
        title: 'Slashed',
        description: 'Whether the AVS has slashed the operator since its data folder was made.',
        unit: Unit.none,
        span: 8,
        limits: { bad: 1 },
        words: { '0': 'no', '1': 'slashed' },
        queries: [['max by (avs) (eigen_slashing_status{instance=~"$instance"})', '{{avs}}']],
      }),
    ],
    'The guard': [
      rows({
        title: 'Self-checks that stop signing',
        description: 'While one of these fails, nothing is signed (docs/self-checks.md).',
        unit: Unit.none,
        limits: { warn: 1, bad: 2 },
        words: CHECK_STATUS,
        columns: { check: 'check', service: 'service', instance: 'node', Value: 'status' },
        queries: [[`lariat_self_check_status{instance=~"$instance", check=~"${SIGNING}"}`, '']],
      }),
      lines({
        title: 'Refusals',
        description:
          'What the guard refused in the last hour. Before-floor after a start is as it should be; conflict never is.',
        unit: Unit.none,
        queries: [[hour('lariat_guard_refusals_total', ['instance', 'reason']), '{{instance}} {{reason}}']],
      }),
      lines({
        title: 'Signatures',
        description: 'Signatures in a second, by kind of statement.',
        unit: Unit.perSecond,
        queries: [[pace('lariat_guard_signatures_total', ['kind']), '{{kind}}']],
      }),
      lines({
        title: 'Time of a guarded write',
        description: 'To check a statement and put it on disk, 99th percentile. A slow disk delays every signature.',
        unit: Unit.seconds,
        limits: { warn: 0.1, bad: 0.5 },
        queries: [[latency(0.99, 'lariat_guard_write_seconds', ['instance'], '', '5m'), '{{instance}}']],
      }),
      lines({
        title: 'Clocks',
        description:
          'How far each clock is ahead of the other operators’. At 0.5 s it warns, beyond the margin nothing is signed.',
        unit: Unit.seconds,
        min: -0.5,
        limits: { warn: 0.5, bad: 2 },
        queries: [['lariat_clock_offset_seconds{instance=~"$instance"}', '{{instance}}']],
      }),
      lines({
        title: 'Jumps of clocks',
        description: 'Times in an hour that a machine’s clock had jumped, and the guard raised its floor.',
        unit: Unit.none,
        limits: { bad: 1 },
        queries: [['increase(lariat_guard_clock_jumps_total{instance=~"$instance"}[1h])', '{{instance}}']],
      }),
    ],
    'What others say': [
      lines({
        title: 'Evidence',
        description: 'Operators that evidence accuses and that were not slashed yet, by service.',
        unit: Unit.none,
        limits: { bad: 1 },
        queries: [['max by (service) (lariat_evidence_open{instance=~"$instance"})', '{{service}}']],
      }),
      lines({
        title: 'Trust in providers',
        description: '1 while enough providers agree, so that what they say may be signed over, by node and chain.',
        unit: Unit.none,
        limits: { bad: 1, below: true },
        queries: [['lariat_chain_trusted{instance=~"$instance"}', '{{instance}} {{chain}}']],
      }),
      lines({
        title: 'False answers of providers',
        description: 'Answers in an hour that were proven false, by provider. Replace it.',
        unit: Unit.none,
        limits: { bad: 1 },
        queries: [[hour('lariat_chain_provider_lies_total', ['provider', 'kind']), '{{provider}} {{kind}}']],
      }),
      lines({
        title: 'Contradictions',
        description: 'Times in an hour that providers contradicted each other or what was final, by chain.',
        unit: Unit.none,
        limits: { bad: 1 },
        queries: [[hour('lariat_chain_contradictions_total', ['instance', 'chain']), '{{instance}} {{chain}}']],
      }),
    ],
    Risk: [
      lines({
        title: 'Operators to stop a service',
        description: 'Fewest operators that hold more than a third of the weight. At 1 one operator can stop it.',
        unit: Unit.none,
        limits: { warn: 2, bad: 1.5, below: true },
        queries: [
          ['min by (service) (lariat_risk_nakamoto_operators{instance=~"$instance", to="stop"})', '{{service}} stop'],
          ['min by (service) (lariat_risk_nakamoto_operators{instance=~"$instance", to="forge"})', '{{service}} forge'],
        ],
      }),
      lines({
        title: 'Slashable stake',
        description: 'Stake of all operators that a service can slash: what its promises are worth.',
        unit: Unit.ether,
        queries: [['max by (service) (lariat_risk_service_slashable_ether{instance=~"$instance"})', '{{service}}']],
      }),
      lines({
        title: 'LRT: backing and rate',
        description: 'Assets of the vault divided by what its shares stand for, and ETH that one share stands for.',
        unit: Unit.none,
        min: 0.95,
        queries: [
          ['min(lariat_risk_lrt_backing_ratio{instance=~"$instance"})', 'backing'],
          ['max(lariat_risk_lrt_rate_ether{instance=~"$instance"})', 'rate, ETH'],
        ],
      }),
      lines({
        title: 'Markets of staked tokens',
        description:
          'Market price divided by the token’s own rate: below 1 is a discount; the alarm is at its own limit.',
        unit: Unit.part,
        min: 0.9,
        limits: { warn: 0.99, bad: 0.98, below: true },
        queries: [['min by (token) (lariat_risk_market_ratio{instance=~"$instance"})', '{{token}}']],
      }),
    ],
  },
}
