import { type Board, figure, lines, NODES, SERVICES, Unit } from './kit.ts'
import { hour, pace } from './queries.ts'

export const network: Board = {
  name: 'network',
  title: 'Network',
  description: 'Connections between operators, what goes over them, and what was refused.',
  choices: [NODES, SERVICES],
  rows: {
    Peers: [
      figure({
        title: 'Connected',
        description: 'Peers that the node with fewest is connected to.',
        unit: Unit.none,
        queries: [['min(lariat_p2p_peers{instance=~"$instance", state="connected"})', 'connected']],
      }),
      figure({
        title: 'Allowed',
        description: 'Peers that may connect: operators with a registered peer id.',
        unit: Unit.none,
        queries: [['max(lariat_p2p_peers{instance=~"$instance", state="allowed"})', 'allowed']],
      }),
      figure({
        title: 'Peers check',
        description: 'Whether connected operators hold a quorum of weight, by service; the worst node.',
        unit: Unit.none,
        limits: { warn: 1, bad: 2 },
        words: { '0': 'quorum', '1': 'warn', '2': 'no quorum' },
        span: 8,
        queries: [['max by (service) (lariat_self_check_status{instance=~"$instance", check="peers"})', '{{service}}']],
      }),
      figure({
        title: 'Banned in an hour',
        description: 'Times that the chosen nodes banned a peer in the last hour.',
        unit: Unit.none,
        limits: { bad: 1 },
        queries: [['round(sum(increase(lariat_p2p_bans_total{instance=~"$instance"}[1h])))', 'bans']],
      }),
      figure({
        title: 'Refused in an hour',
        description: 'Connections refused after the handshake: no registered operator, banned, or connected already.',
        unit: Unit.none,
        queries: [[`round(${hour('lariat_p2p_refused_connections_total', ['direction'])})`, '{{direction}}']],
      }),
      lines({
        title: 'Connected peers',
        description: 'Peers that each node is connected to, and how many may connect.',
        unit: Unit.none,
        queries: [
          ['lariat_p2p_peers{instance=~"$instance", state="connected"}', '{{instance}}'],
          ['max(lariat_p2p_peers{instance=~"$instance", state="allowed"})', 'allowed'],
        ],
      }),
      lines({
        title: 'Dials',
        description:
          'Attempts to connect by result. Many failures: an announced address is wrong or behind a firewall.',
        unit: Unit.perSecond,
        queries: [[pace('lariat_p2p_dials_total', ['result'], '', '5m'), '{{result}}']],
      }),
    ],
    Traffic: [
      lines({
        title: 'Messages',
        description: 'Messages handled or sent in a second, by gossip or direct stream.',
        unit: Unit.eventsPerSecond,
        queries: [[pace('lariat_p2p_messages_total', ['via', 'direction']), '{{via}} {{direction}}']],
      }),
      lines({
        title: 'Bytes',
        description: 'Data of these messages in a second.',
        unit: Unit.bytesPerSecond,
        queries: [[pace('lariat_p2p_bytes_total', ['via', 'direction']), '{{via}} {{direction}}']],
      }),
      lines({
        title: 'Verdicts',
        description: 'What handlers said of messages that came in. Rejected ones cost the peer that handed them over.',
        unit: Unit.eventsPerSecond,
        queries: [[pace('lariat_p2p_verdicts_total', ['via', 'verdict']), '{{via}} {{verdict}}']],
      }),
      lines({
        title: 'Admission of statements',
        description: 'Messages of the services by verdict and reason.',
        unit: Unit.eventsPerSecond,
        queries: [
          [
            pace('lariat_admission_total', ['service', 'verdict', 'reason'], 'service=~"$service"'),
            '{{service}} {{verdict}} {{reason}}',
          ],
        ],
      }),
    ],
    Trouble: [
      lines({
        title: 'Dropped messages',
        description: 'Messages that were not handled or not written, by reason.',
        unit: Unit.eventsPerSecond,
        limits: { bad: 1 },
        queries: [[pace('lariat_p2p_dropped_total', ['reason'], '', '5m'), '{{reason}}']],
      }),
      lines({
        title: 'Offences',
        description: 'What peers were penalised for, in the last hour. Equivocation is proof of fault.',
        unit: Unit.none,
        limits: { bad: 1 },
        queries: [[hour('lariat_p2p_offences_total', ['offence']), '{{offence}}']],
      }),
      lines({
        title: 'False partial signatures',
        description: 'Partial signatures that were false when a sum did not verify, in the last hour, by service.',
        unit: Unit.none,
        limits: { bad: 1 },
        queries: [[hour('lariat_false_shares_total', ['service'], 'service=~"$service"'), '{{service}}']],
      }),
      lines({
        title: 'Messages between services',
        description: 'Messages of the services’ own types from peers, by verdict.',
        unit: Unit.eventsPerSecond,
        queries: [
          [pace('lariat_service_messages_total', ['service', 'type', 'verdict']), '{{service}} {{type}} {{verdict}}'],
        ],
      }),
    ],
  },
}
