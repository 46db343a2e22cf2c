import type { Clock } from '../util/clock.ts'
import type { Artifacts } from './artifacts.ts'
import { Batch, localClient } from './batch.ts'
import type { Deployed } from './deploy.ts'
import { createLrtKeeper } from './keeper.ts'
import { openLrt } from './lrt.ts'
import { createLrtWatch, type LrtFact } from './lrtWatch.ts'
import { ACCOUNTS, lrtOperators } from './network.ts'
import type { KnownOperator } from './operators.ts'
import { createRewards } from './rewards.ts'
import { type SlashFact, slashOperator } from './slash.ts'
import type { Slasher } from './slasher.ts'
import type { EthMarkets } from './venues/ethMarkets.ts'

/** The life of LSTs and LRT on a testnet: what people, oracles and keepers would do. */
export interface Restaking {
  /** What the chain says of the LRT; undefined before it is open. */
  fact(): LrtFact | undefined
  /** Reads the chain and tells. @throws what the chain client throws */
  look(): Promise<LrtFact | undefined>
  /** Begins to follow the rates, so that the tokens have markets. */
  start(): void
  /** Opens the LRT, unless it is open, has all of it delegated, and lets rewards and keeper begin. */
  open(artifacts: Artifacts, signal: AbortSignal): Promise<void>
  /** Slashes the first operator, while nothing else moves the LRT. */
  slash(slasher: Slasher, signal: AbortSignal): Promise<SlashFact>
  stop(): Promise<void>
}

/** @throws RangeError when the deployment has no restaking */
export function createRestaking(options: {
  readonly rpcUrl: string
  readonly deployed: Deployed
  readonly operators: readonly KnownOperator[]
  readonly markets: EthMarkets
  readonly clock: Clock
  readonly onError: (what: string) => void
}): Restaking {
  const { rpcUrl, deployed, operators, markets, clock, onError } = options
  if (deployed.restaking === undefined) throw new RangeError('the deployment has no LRT')
  const { lsts, lrt } = deployed.restaking
  const { delegationManager } = deployed.deployment.core
  const client = localClient(rpcUrl)
  const common = { client, clock, onError }
  const watch = createLrtWatch({ ...common, lrt, lsts, markets })
  const rewards = createRewards({ ...common, oracle: ACCOUNTS.oracle, lsts })
  const keeper = createLrtKeeper({ ...common, account: ACCOUNTS.keeper, vault: lrt.vault, lens: lrt.lens })
  const members = lrtOperators(operators)
  const feeds = new Map(deployed.deployment.lsts?.map(({ symbol, marketFeed }) => [symbol, marketFeed]))

  return {
    fact: watch.fact,
    async look() {
      await watch.look()
      return watch.fact()
    },
    start: watch.start,
    async open(artifacts, signal) {
      await watch.look()
      if (watch.fact() === undefined) {
        await openLrt({
          ...{ client, artifacts, lsts, signal, operators: members, vault: lrt.vault },
          deployer: ACCOUNTS.deployer,
          marketFeed: (symbol) => feeds.get(symbol) ?? lrt.vault,
        })
        await watch.look()
      }
      rewards.start()
      keeper.start()
    },
    async slash(slasher, signal) {
      await Promise.all([rewards.pause(), keeper.pause()])
      try {
        const batch = await Batch.open(client, ACCOUNTS.deployer)
        const [operator = lrt.vault] = members
        return await slashOperator({ client, batch, slasher, delegationManager, vault: lrt.vault, operator, signal })
      } finally {
        rewards.resume()
        keeper.resume()
      }
    },
    async stop() {
      await Promise.all([watch.stop(), rewards.stop(), keeper.stop()])
    },
  }
}
