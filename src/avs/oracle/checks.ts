import type { Check } from 'lariat/avs'
import type { OracleConfig } from './config.ts'
import { evaluate } from './evaluate.ts'
import type { OracleState } from './state.ts'

/** Feeds and sources named in one message. */
const MAX_TOLD = 3

/** Whether every configured feed has a price now. */
export const sourcesCheck: Check<OracleConfig, OracleState> = {
  name: 'price-sources',
  run({ state, clock }) {
    const views = evaluate(state.plan, (id) => state.poller.reading(id).quote, clock.now())
    const without = [...views.values()].filter(({ price }) => price === undefined)
    if (without.length === 0) return undefined
    const told = without.slice(0, MAX_TOLD).map(({ name, missing, sources }) => {
      const out = sources.flatMap(({ venue, excluded }) => (excluded === undefined ? [] : `${venue} ${excluded}`))
      return `${name} ${missing} (${out.join(', ')})`
    })
    return `${without.length} of ${views.size} feeds have no price: ${told.join('; ')}; see GET /v1/prices/sources`
  },
}

/** Whether this operator is set up to observe every feed that is on chain. */
export const feedsCheck: Check<OracleConfig, OracleState> = {
  name: 'price-feeds',
  run({ state }) {
    const configured = new Set(state.plan.feeds.map(({ name }) => name))
    const chain = state.feeds.current()
    if (chain.length === 0) return 'the contract has no feeds: its owner adds them with addFeeds'
    const unknown = chain.filter(({ name }) => !configured.has(name)).map(({ name }) => name)
    if (unknown.length === 0) return undefined
    return `feeds on chain that are not configured here: ${unknown.slice(0, MAX_TOLD).join(', ')}${unknown.length > MAX_TOLD ? ' …' : ''}; add them under feeds`
  },
}
