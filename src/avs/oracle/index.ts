import { defineService, onInterval, report } from 'lariat/avs'
import { priceFeedsAbi } from './abi/priceFeeds.ts'
import { feedsCheck, sourcesCheck } from './checks.ts'
import { pricesCodec } from './codec.ts'
import { oracleConfigSchema } from './config.ts'
import { feedWatch } from './feeds.ts'
import { PriceTree } from './merkle.ts'
import { observePrices } from './observe.ts'
import { checkReport, computeReport } from './report.ts'
import { routes } from './routes.ts'
import { openState } from './state.ts'
import { submitPrices } from './submit.ts'

/** The price service: each operator polls venues by itself, a quorum certifies the weighted median of every feed. */
export default defineService({
  name: 'prices',
  configSchema: oracleConfigSchema,
  state: openState,
  parts: ({ state, clock, log }) => [state.poller, feedWatch(state.feeds, clock, log)],
  triggers: ({ state }) => [onInterval({ genesis: state.genesis, interval: state.interval })],
  agreement: report({
    observation: pricesCodec,
    value: pricesCodec,
    compute: computeReport,
    check: checkReport,
  }),
  observe: async ({ state, clock, log }) =>
    observePrices({
      plan: state.plan,
      quoteOf: (id) => state.poller.reading(id).quote,
      feeds: state.feeds.current(),
      now: clock.now(),
      metrics: state.metrics,
      log,
    }),
  payload: (prices) => new PriceTree(prices).root,
  submit: ({ config, chain, state, task, certified, log, signal }) =>
    submitPrices({
      contract: config.contract,
      chain,
      feeds: state.feeds,
      task,
      certified,
      metrics: state.metrics,
      log,
      signal,
    }),
  landing: ({ config }) => ({
    address: config.contract,
    abi: priceFeedsAbi,
    eventName: 'ReportAccepted',
    of: ({ args }) => ({ slot: args.slot, attempt: args.attempt, payload: args.root }),
  }),
  routes,
  checks: [sourcesCheck, feedsCheck],
})
