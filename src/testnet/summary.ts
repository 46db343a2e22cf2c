import type { ChainFacts } from './chainFacts.ts'
import type { Deployed } from './deploy.ts'
import type { TestnetOperator } from './operators.ts'
import type { VenueServer } from './venues/server.ts'

/** What `--json` holds when the network is ready: where everything is. */
export type Summary = ReturnType<typeof summaryOf>

export function summaryOf(of: {
  readonly rpcUrl: string
  readonly deployed: Deployed
  readonly chain: ChainFacts
  readonly venues: VenueServer
  readonly operators: readonly TestnetOperator[]
  readonly folder: string
}) {
  const { deployment, token, strategy, priceFeeds } = of.deployed
  return {
    rpcUrl: of.rpcUrl,
    addresses: {
      ...deployment.core,
      token,
      strategy,
      priceFeeds,
      feeds: Object.fromEntries(of.chain.feeds.map(({ name, address }) => [name, address])),
    },
    replay: of.venues.replay,
    folder: of.folder,
    nodes: of.operators.map(({ name, account, api, configFile }) => ({
      name,
      operator: account.address,
      api,
      config: configFile,
    })),
  }
}
