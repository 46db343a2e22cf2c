import type { Deployment } from '../chain/deployment.ts'
import type { BeaconFact } from './beaconWatch.ts'
import type { BridgeEnd } from './bridge.ts'
import type { BridgeNet } from './bridgeNet.ts'
import type { BridgeFact } from './bridgeWatch.ts'
import type { ChainFacts } from './chainFacts.ts'
import type { Deployed } from './deploy.ts'
import { LRT_SYMBOL } from './lrt.ts'
import type { LrtFact } from './lrtWatch.ts'
import { ACCOUNTS } from './network.ts'
import type { TestnetOperator } from './operators.ts'
import { distributionFile } from './payday.ts'
import type { TestnetRandomness } from './randomness.ts'
import { decimalString } from './report.ts'
import type { SlashFact } from './slash.ts'
import type { Staker } from './staker.ts'
import type { VenueServer } from './venues/server.ts'

/** What `--json` holds when the network is ready: where everything is. */
export type Summary = ReturnType<typeof summaryOf>

export function summaryOf(of: {
  readonly staker: Staker
  readonly lrt: LrtFact | undefined
  readonly slashed: SlashFact | undefined
  readonly rpcUrl: string
  readonly deployed: Deployed
  readonly chain: ChainFacts
  readonly venues: VenueServer
  readonly operators: readonly TestnetOperator[]
  readonly folder: string
  readonly randomness: (TestnetRandomness & { readonly period: number }) | undefined
  readonly bridge: BridgeNet | undefined
}) {
  const { deployment, token, strategy, priceFeeds, rewardToken } = of.deployed
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
    staker: { address: of.staker.address, config: of.staker.configFile },
    lrt:
      of.lrt === undefined || deployment.lrt === undefined
        ? null
        : { ...lrtAddresses(deployment.lrt, deployment.lsts), ...lrtFigures(of.lrt) },
    rewards:
      rewardToken === undefined
        ? null
        : {
            token: rewardToken,
            payer: ACCOUNTS.payer.address,
            source: distributionFile(of.folder, '{root}'),
          },
    randomness: of.randomness === undefined ? null : { ...of.randomness, drand: of.operators.map(({ api }) => api) },
    bridge: of.bridge === undefined ? null : bridgeAddresses(of.bridge),
    slash: of.slashed === undefined ? null : slashFigures(of.slashed),
    nodes: of.operators.map(({ name, account, api, configFile }) => ({
      name,
      operator: account.address,
      api,
      config: configFile,
    })),
  }
}

/** ETH, or tokens of 18 decimals. */
const ether = (wei: bigint) => decimalString(wei, 18)

/** Where LSTs and LRT are. */
function lrtAddresses(lrt: NonNullable<Deployment['lrt']>, lsts: Deployment['lsts'] = []) {
  return {
    symbol: LRT_SYMBOL,
    ...lrt,
    lsts: lsts.map(({ symbol, kind, token, pool, strategy, marketFeed }) => ({
      ...{ symbol, kind, token, pool, strategy },
      marketFeed: marketFeed ?? null,
    })),
  }
}

/** What the chain says of the LRT: rates in ETH for one token, values in ETH. */
export function lrtFigures({ rate, value, supply, backing, operators, lsts }: LrtFact) {
  const held = operators.reduce((sum, each) => sum + each.value, 0n)
  return {
    rate: ether(rate),
    value: ether(value),
    supply: ether(supply),
    backingRatio: ether(backing),
    operators: operators.map((each) => ({
      operator: each.operator,
      targetBps: each.targetBps,
      delegated: each.delegated,
      value: ether(each.value),
      share: held === 0n ? 0 : Number((each.value * 10_000n) / held) / 10_000,
    })),
    rates: Object.fromEntries(lsts.map((lst) => [lst.symbol, { rate: ether(lst.rate), depegged: lst.depegged }])),
  }
}

/** What chain and nodes say of the beacon; null before its key is generated. */
export function beaconFigures(fact: BeaconFact | undefined) {
  const { chain } = fact ?? {}
  if (chain === undefined) return null
  const { hash, round, sharing, threshold, shares } = chain
  return { hash: hash.slice(2), round: round ?? null, sharing: Number(sharing), threshold, shares }
}

/** Where the bridge is. */
function bridgeAddresses({ service, fraud, stake, away, awayUrl }: BridgeNet) {
  const end = ({ from, ...rest }: BridgeEnd) => ({ ...rest, from: Number(from) })
  return { service, fraud, stake: end(stake), away: { rpcUrl: awayUrl, ...end(away) } }
}

/** What the chains say of the bridge; null before it was read. */
export function bridgeFigures(fact: BridgeFact | undefined) {
  if (fact === undefined) return null
  const { sent, delivered, last, waiting } = fact
  return { sent, delivered, last: last ?? null, waiting: waiting ?? null }
}

function slashFigures({ operator, wad, block, rateBefore, rateUnslashed, expected, rateAfter }: SlashFact) {
  return {
    operator,
    wad: wad.toString(),
    block: Number(block),
    rateBefore: ether(rateBefore),
    rateUnslashed: ether(rateUnslashed),
    expected: ether(expected),
    rateAfter: ether(rateAfter),
    asExpected: rateAfter === expected,
  }
}
