import { LATENCY_BUCKETS, type Metrics } from 'lariat/avs'

/** Why this node held its partials back although its clock said that the round's time has come. */
export type HeldBack = 'peers-behind' | 'peers-unknown' | 'refused'

/** What an operator's part in a round was. */
export type Part = 'present' | 'missed' | 'false'

/** How a question for missed rounds ended. */
export type AskOutcome = 'answered' | 'empty' | 'false' | 'unanswered'

/** A sharing has at most 64 members, and a process sees several sharings. */
const MEMBERS = { of: 'addresses of members of the sharings seen', atMost: 512 }

/** Metrics of the beacon. */
export function beaconMetrics(metrics: Metrics) {
  return {
    latest: metrics.gauge({
      name: 'lariat_randomness_latest_round',
      help: 'Highest verified round that this node keeps',
    }),
    expected: metrics.gauge({
      name: 'lariat_randomness_expected_round',
      help: 'Newest round whose time has come by this node’s clock; 0 without a group key',
    }),
    sharing: metrics.gauge({
      name: 'lariat_randomness_sharing',
      help: 'Number of the sharing that makes the current round; 0 when none is known',
    }),
    roundSeconds: metrics.histogram({
      name: 'lariat_randomness_round_seconds',
      help: 'Time from a round’s boundary to its verified signature on this node, combined here (own) or told by a peer',
      labels: { by: ['own', 'peer'] },
      buckets: LATENCY_BUCKETS,
    }),
    participation: metrics.counter({
      name: 'lariat_randomness_participation_total',
      help: 'Rounds by member of the sharing (its address) and its part in them as seen here: present with all its partials, missed, or false',
      labels: { operator: MEMBERS, part: ['present', 'missed', 'false'] },
    }),
    missedInARow: metrics.gauge({
      name: 'lariat_randomness_missed_in_a_row',
      help: 'Rounds in a row without a true partial of the member (its address): who withholds shows here',
      labels: { operator: MEMBERS },
    }),
    falsePartials: metrics.counter({
      name: 'lariat_randomness_false_partials_total',
      help: 'Partials that turned out to be false, by the member (its address) whose share they claimed to be of, handed over by itself',
      labels: { operator: MEMBERS },
    }),
    heldBack: metrics.counter({
      name: 'lariat_randomness_held_back_total',
      help: 'Rounds whose partials this node held back past its own clock’s time: the other operators’ clocks were behind it or unknown, or the vault refused',
      labels: { reason: ['peers-behind', 'peers-unknown', 'refused'] },
    }),
    missing: metrics.gauge({
      name: 'lariat_randomness_missing_rounds',
      help: 'Rounds that are known to be missing here and are asked for',
    }),
    asked: metrics.counter({
      name: 'lariat_randomness_asked_total',
      help: 'Questions to peers for missed rounds, by outcome',
      labels: { outcome: ['answered', 'empty', 'false', 'unanswered'] },
    }),
    caughtUp: metrics.counter({
      name: 'lariat_randomness_caught_up_total',
      help: 'Missed rounds that were filled in later, from a peer or made anew from partials',
      labels: { by: ['peer', 'remade'] },
    }),
  }
}

export type BeaconMetrics = ReturnType<typeof beaconMetrics>
