import { LATENCY_BUCKETS, type Metrics } from 'lariat/avs'

/** Why a source had no part in a feed's price. */
export const EXCLUSIONS = ['no-quote', 'stale', 'future', 'no-conversion', 'outlier'] as const
export type Exclusion = (typeof EXCLUSIONS)[number]

/** Why a feed has no price. */
export const MISSING = ['too-few-fresh', 'too-few-agree', 'not-configured', 'not-representable'] as const
export type Missing = (typeof MISSING)[number]

/** How a poll of a source ended. */
export const POLL_OUTCOMES = [
  'ok',
  'skipped',
  'status',
  'timeout',
  'too-large',
  'not-json',
  'unreachable',
  'refused',
  'malformed',
  'crossed',
  'failed',
] as const
export type PollOutcome = (typeof POLL_OUTCOMES)[number]

/** Why a feed was put on chain. */
export const DUE = ['first', 'deviation', 'heartbeat'] as const
export type Due = (typeof DUE)[number]

const FEEDS = { of: 'feeds that the chain lists', atMost: 256 }
const VENUES = { of: 'venues of the configuration', atMost: 64 }

/** Metrics of the price service. */
export function oracleMetrics(metrics: Metrics) {
  return {
    excluded: metrics.counter({
      name: 'lariat_price_source_excluded_total',
      help: 'Times that a source had no part in the observation of a feed, by feed, venue and reason',
      labels: { feed: FEEDS, venue: VENUES, reason: EXCLUSIONS },
    }),
    missing: metrics.counter({
      name: 'lariat_price_feed_missing_total',
      help: 'Observations without a feed that is on chain, by feed and reason',
      labels: { feed: FEEDS, reason: MISSING },
    }),
    observed: metrics.gauge({
      name: 'lariat_price_observed',
      help: 'Last price that this operator observed, in units of the quote, by feed',
      labels: { feed: FEEDS },
    }),
    venuesUsed: metrics.gauge({
      name: 'lariat_price_venues_used',
      help: 'Venues behind the last observation, by feed',
      labels: { feed: FEEDS },
    }),
    updated: metrics.gauge({
      name: 'lariat_price_feed_updated_timestamp_seconds',
      help: 'Unix second of the block in which the newest answer of a feed was put on chain, as of the last read of feeds (every slot that is certified, or half a minute); 0 while there is none, by feed',
      labels: { feed: FEEDS },
    }),
    heartbeat: metrics.gauge({
      name: 'lariat_price_feed_heartbeat_seconds',
      help: 'Age at which an answer on chain is refreshed though the price did not move, by feed',
      labels: { feed: FEEDS },
    }),
    polls: metrics.counter({
      name: 'lariat_price_polls_total',
      help: 'Polls of sources, by venue and outcome; skipped: the one before was still under way',
      labels: { venue: VENUES, outcome: POLL_OUTCOMES },
    }),
    pollSeconds: metrics.histogram({
      name: 'lariat_price_poll_seconds',
      help: 'Time from request to parsed quote, by venue',
      labels: { venue: VENUES },
      buckets: LATENCY_BUCKETS,
    }),
    submitted: metrics.counter({
      name: 'lariat_price_feed_submitted_total',
      help: 'Prices that this node put on chain, by feed and what made them due',
      labels: { feed: FEEDS, reason: DUE },
    }),
    leftOut: metrics.counter({
      name: 'lariat_price_feed_left_out_total',
      help: 'Certified prices that were due and not put on chain, by feed and reason; out-of-range: beyond minAnswer or maxAnswer',
      labels: { feed: FEEDS, reason: ['out-of-range'] },
    }),
  }
}

export type OracleMetrics = ReturnType<typeof oracleMetrics>
