import { type Board, figure, lines, NODES, Unit } from './kit.ts'
import { hour, latency, pace } from './queries.ts'

const FEED = 'feed=~"$feed"'
const UPDATED = `max by (feed) (lariat_price_feed_updated_timestamp_seconds{instance=~"$instance", ${FEED}})`
const HEARTBEAT = `max by (feed) (lariat_price_feed_heartbeat_seconds{instance=~"$instance", ${FEED}})`
const OBSERVED = `lariat_price_observed{instance=~"$instance", ${FEED}}`

export const oracle: Board = {
  name: 'oracle',
  title: 'Oracle',
  description: 'The price service: what operators observe, what is on chain, and how the sources do.',
  choices: [
    NODES,
    { name: 'feed', title: 'Feed', metric: 'lariat_price_feed_heartbeat_seconds', label: 'feed', several: true },
  ],
  rows: {
    'On chain': [
      figure({
        title: 'Age of answers',
        description: 'Age of each feed’s newest answer in a final block.',
        unit: Unit.seconds,
        span: 12,
        queries: [[`time() - ${UPDATED}`, '{{feed}}']],
      }),
      figure({
        title: 'Prices put on chain',
        description: 'Prices that the chosen nodes put on chain in the last hour, by feed.',
        unit: Unit.none,
        span: 12,
        queries: [[`round(${hour('lariat_price_feed_submitted_total', ['feed'], FEED)})`, '{{feed}}']],
      }),
      lines({
        title: 'Age in heartbeats',
        description:
          'Age of the newest answer divided by the feed’s heartbeat. Above 1 an update is due; finality and a block come on top.',
        unit: Unit.none,
        limits: { warn: 1.5, bad: 2 },
        queries: [[`(time() - ${UPDATED}) / ${HEARTBEAT}`, '{{feed}}']],
      }),
      lines({
        title: 'Why prices were put on chain',
        description: 'Updates in a second by what made them due: a first answer, a deviation, or the heartbeat.',
        unit: Unit.eventsPerSecond,
        queries: [[pace('lariat_price_feed_submitted_total', ['reason'], FEED, '5m'), '{{reason}}']],
      }),
    ],
    Observations: [
      lines({
        title: 'Observed prices',
        description:
          'What each node observed last, in units of the quote. Choose one feed to see them beside each other.',
        unit: Unit.none,
        queries: [[OBSERVED, '{{feed}} {{instance}}']],
      }),
      lines({
        title: 'Spread between operators',
        description:
          'Largest less smallest observation, divided by the mean. Wide spreads come from one operator’s sources: look there.',
        unit: Unit.part,
        limits: { warn: 0.005, bad: 0.02 },
        queries: [
          [`(max by (feed) (${OBSERVED}) - min by (feed) (${OBSERVED})) / avg by (feed) (${OBSERVED})`, '{{feed}}'],
        ],
      }),
      lines({
        title: 'Venues used',
        description:
          'Venues behind the last observation, of the node that has fewest. With one, a thin market decides.',
        unit: Unit.none,
        limits: { warn: 3, bad: 2, below: true },
        queries: [[`min by (feed) (lariat_price_venues_used{instance=~"$instance", ${FEED}})`, '{{feed}}']],
      }),
      lines({
        title: 'Feeds without an observation',
        description: 'Observations of a second that lacked a feed, by reason.',
        unit: Unit.eventsPerSecond,
        limits: { bad: 0.1 },
        queries: [[pace('lariat_price_feed_missing_total', ['feed', 'reason'], FEED), '{{feed}} {{reason}}']],
      }),
    ],
    Sources: [
      lines({
        title: 'Polls that failed',
        description: 'Part of the polls of each venue that gave no quote.',
        unit: Unit.part,
        limits: { warn: 0.1, bad: 0.5 },
        queries: [
          [
            `${pace('lariat_price_polls_total', ['venue'], 'outcome!="ok"')} / ${pace('lariat_price_polls_total', ['venue'])}`,
            '{{venue}}',
          ],
        ],
      }),
      lines({
        title: 'Time of polls',
        description: 'From request to parsed quote, 95th percentile by venue.',
        unit: Unit.seconds,
        limits: { warn: 1, bad: 2.5 },
        queries: [[latency(0.95, 'lariat_price_poll_seconds', ['venue']), '{{venue}}']],
      }),
      lines({
        title: 'How polls ended',
        description: 'Polls in a second, over all venues, by outcome.',
        unit: Unit.perSecond,
        queries: [[pace('lariat_price_polls_total', ['outcome']), '{{outcome}}']],
      }),
      lines({
        title: 'Sources left out',
        description: 'How often a source had no part in an observation, by venue and reason.',
        unit: Unit.eventsPerSecond,
        queries: [[pace('lariat_price_source_excluded_total', ['venue', 'reason'], FEED), '{{venue}} {{reason}}']],
      }),
    ],
  },
}
