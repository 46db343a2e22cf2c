import { type Board, figure, lines, NODES, Unit } from './kit.ts'
import { hour, latency, pace } from './queries.ts'

const LATE =
  'lariat_randomness_expected_round{instance=~"$instance"} - lariat_randomness_latest_round{instance=~"$instance"}'

export const beacon: Board = {
  name: 'beacon',
  title: 'Beacon',
  description: 'The randomness beacon: its rounds, who takes part, and requests of contracts.',
  choices: [NODES],
  rows: {
    Now: [
      figure({
        title: 'Newest round',
        description: 'Highest verified round that any node keeps.',
        unit: Unit.none,
        queries: [['max(lariat_randomness_latest_round{instance=~"$instance"})', 'round']],
      }),
      figure({
        title: 'Rounds behind',
        description: 'Rounds whose time has come and that the best node lacks. 1 while a round is being made.',
        unit: Unit.none,
        limits: { warn: 2, bad: 4 },
        queries: [[`min(${LATE})`, 'behind']],
      }),
      figure({
        title: 'Sharing',
        description: 'Number of the sharing that makes the current round; 0 when none is known.',
        unit: Unit.none,
        queries: [['max(lariat_randomness_sharing{instance=~"$instance"})', 'sharing']],
      }),
      figure({
        title: 'Missing rounds',
        description: 'Rounds that some node lacks and asks its peers for.',
        unit: Unit.none,
        limits: { warn: 1, bad: 100 },
        queries: [['max(lariat_randomness_missing_rounds{instance=~"$instance"})', 'missing']],
      }),
      figure({
        title: 'Requests that wait',
        description: 'Requests of contracts that are not fulfilled yet.',
        unit: Unit.none,
        queries: [['max(lariat_randomness_requests_waiting{instance=~"$instance"})', 'waiting']],
      }),
      figure({
        title: 'Fees to withdraw',
        description: 'Fees of requests that the chosen operators earned and have not withdrawn.',
        unit: Unit.ether,
        queries: [['sum(lariat_randomness_fees_ether{instance=~"$instance"})', 'fees']],
      }),
    ],
    Rounds: [
      lines({
        title: 'Time to a round',
        description: 'From a round’s boundary to its verified signature, combined by the node or told by a peer.',
        unit: Unit.seconds,
        limits: { warn: 1, bad: 2.5 },
        queries: [
          [latency(0.5, 'lariat_randomness_round_seconds', ['by'], '', '5m'), '{{by}} p50'],
          [latency(0.95, 'lariat_randomness_round_seconds', ['by'], '', '5m'), '{{by}} p95'],
        ],
      }),
      lines({
        title: 'Rounds behind, by node',
        description: 'Rounds whose time has come and that the node lacks.',
        unit: Unit.rounds,
        limits: { warn: 2, bad: 4 },
        queries: [[LATE, '{{instance}}']],
      }),
      lines({
        title: 'Taking part',
        description: 'Part of the rounds of five minutes with true partials of the member, as the nodes see it.',
        unit: Unit.part,
        limits: { warn: 0.95, bad: 0.5, below: true },
        queries: [
          [
            `${pace('lariat_randomness_participation_total', ['operator'], 'part="present"', '5m')} / ${pace('lariat_randomness_participation_total', ['operator'], '', '5m')}`,
            '{{operator}}',
          ],
        ],
      }),
      lines({
        title: 'Missed in a row',
        description: 'Rounds in a row without a true partial of the member, as the node that sees most of it has it.',
        unit: Unit.rounds,
        limits: { warn: 3, bad: 20 },
        queries: [['min by (operator) (lariat_randomness_missed_in_a_row{instance=~"$instance"})', '{{operator}}']],
      }),
    ],
    'What goes wrong': [
      lines({
        title: 'Partials held back',
        description:
          'Rounds of an hour whose partials waited past the node’s own time, as other clocks were behind or unknown.',
        unit: Unit.none,
        queries: [[hour('lariat_randomness_held_back_total', ['instance', 'reason']), '{{instance}} {{reason}}']],
      }),
      lines({
        title: 'Refusals of the share vault',
        description: 'What the vault refused to sign in the last hour, by reason (docs/shares.md).',
        unit: Unit.none,
        queries: [[hour('lariat_shares_refusals_total', ['reason']), '{{reason}}']],
      }),
      lines({
        title: 'Catching up',
        description: 'Missed rounds that were filled in, and questions to peers for them, in the last hour.',
        unit: Unit.none,
        queries: [
          [hour('lariat_randomness_caught_up_total', ['by']), 'filled in by {{by}}'],
          [hour('lariat_randomness_asked_total', ['outcome']), 'asked: {{outcome}}'],
        ],
      }),
      lines({
        title: 'Requests fulfilled',
        description: 'Requests of the last hour by who fulfilled them and how the callback ended.',
        unit: Unit.none,
        queries: [
          [hour('lariat_randomness_requests_fulfilled_total', ['by', 'callback']), '{{by}}, callback {{callback}}'],
        ],
      }),
    ],
  },
}
