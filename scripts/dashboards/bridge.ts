import { type Board, figure, lines, NODES, Unit } from './kit.ts'
import { latency, pace } from './queries.ts'

const ROUTE = '{{origin}} to {{destination}}'
const CHOSEN = '{instance=~"$instance", destination=~"$destination"}'

export const bridge: Board = {
  name: 'bridge',
  title: 'Bridge',
  description: 'Messages between chains: what was dispatched, attested, delivered, and what waits and why.',
  choices: [
    NODES,
    {
      name: 'destination',
      title: 'Destination',
      metric: 'lariat_bridge_messages_total',
      label: 'destination',
      several: true,
    },
  ],
  rows: {
    Now: [
      figure({
        title: 'Messages that wait',
        description: 'Messages that are not delivered yet, as the node that knows of most has it, by route.',
        unit: Unit.none,
        span: 8,
        queries: [
          [
            `max by (origin, destination) (sum by (instance, origin, destination) (lariat_bridge_messages_waiting${CHOSEN}))`,
            ROUTE,
          ],
        ],
      }),
      figure({
        title: 'Oldest that waits',
        description: 'Age of the oldest message that is not delivered, by route. It includes finality of the origin.',
        unit: Unit.seconds,
        span: 8,
        limits: { warn: 1_800, bad: 3_600 },
        queries: [[`max by (origin, destination) (lariat_bridge_oldest_waiting_seconds${CHOSEN})`, ROUTE]],
      }),
      figure({
        title: 'Trees',
        description: 'Whether each tree of messages is attested to, or halted until an operator has looked.',
        unit: Unit.none,
        span: 8,
        limits: { bad: 1 },
        words: { '0': 'attested', '1': 'halted' },
        queries: [['max by (chain, domain) (lariat_bridge_halted{instance=~"$instance"})', '{{chain}} {{domain}}']],
      }),
    ],
    Delivery: [
      lines({
        title: 'Messages',
        description: 'Messages in a second by route and state, over the chosen nodes.',
        unit: Unit.eventsPerSecond,
        queries: [
          [
            pace(
              'lariat_bridge_messages_total',
              ['origin', 'destination', 'state'],
              'destination=~"$destination"',
              '5m',
            ),
            `${ROUTE} {{state}}`,
          ],
        ],
      }),
      lines({
        title: 'Time to delivery',
        description: 'From the block of the dispatch to that of the delivery, whoever delivered, by route.',
        unit: Unit.seconds,
        limits: { warn: 1_800, bad: 3_600 },
        queries: [
          [latency(0.5, 'lariat_bridge_delivery_seconds', ['origin', 'destination'], '', '5m'), `${ROUTE} p50`],
          [latency(0.95, 'lariat_bridge_delivery_seconds', ['origin', 'destination'], '', '5m'), `${ROUTE} p95`],
        ],
      }),
      lines({
        title: 'Why messages wait',
        description: 'Messages that wait by reason (docs/bridge.md), as the node that knows of most has it.',
        unit: Unit.none,
        stacked: true,
        queries: [
          [`max by (origin, destination, reason) (lariat_bridge_messages_waiting${CHOSEN})`, `${ROUTE} {{reason}}`],
        ],
      }),
      lines({
        title: 'Gas of deliveries',
        description: 'Gas that deliveries of the chosen nodes use in a second, by route.',
        unit: Unit.gas,
        queries: [[pace('lariat_bridge_delivery_gas_total', ['origin', 'destination'], '', '5m'), ROUTE]],
      }),
    ],
    Attesting: [
      lines({
        title: 'Leaves and attested leaves',
        description: 'Messages in each tree in final blocks, and how many of them may be attested to.',
        unit: Unit.none,
        queries: [
          ['max by (chain, domain) (lariat_bridge_leaves{instance=~"$instance"})', '{{chain}} {{domain}} leaves'],
          [
            'max by (chain, domain) (lariat_bridge_final_index{instance=~"$instance"}) + 1',
            '{{chain}} {{domain}} attested',
          ],
        ],
      }),
      lines({
        title: 'Blocks behind',
        description: 'Final blocks whose messages are not read yet, of the node that is furthest behind.',
        unit: Unit.blocks,
        limits: { warn: 50, bad: 300 },
        queries: [['max by (chain, domain) (lariat_bridge_lag_blocks{instance=~"$instance"})', '{{chain}} {{domain}}']],
      }),
      lines({
        title: 'Corrections of fast checkpoints',
        description:
          'Fast checkpoints in the last hour that turned out not to be what became final: the origin had a reorg.',
        unit: Unit.none,
        limits: { bad: 1 },
        queries: [
          [
            'max by (chain, domain) (increase(lariat_bridge_fast_corrections_total{instance=~"$instance"}[1h]))',
            '{{chain}} {{domain}}',
          ],
        ],
      }),
      lines({
        title: 'Upkeep of modules',
        description:
          'Epochs, revocations, corrections and pauses that the chosen nodes brought to modules in the last hour.',
        unit: Unit.none,
        queries: [
          [
            'sum by (destination, what) (increase(lariat_bridge_upkeep_total{instance=~"$instance", destination=~"$destination"}[1h]))',
            '{{what}} to {{destination}}',
          ],
        ],
      }),
    ],
  },
}
