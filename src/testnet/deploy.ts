import { type Hex, type LocalAccount, type PublicClient, parseAbi } from 'viem'
import { DEPLOYMENT_VERSION, type Deployment, LST_KINDS, type LstKind } from '../chain/deployment.ts'
import { PAYING_SELECTOR } from '../chain/rewards/submission.ts'
import { LariatError } from '../util/errors.ts'
import type { Address } from '../util/hex.ts'
import type { Artifacts } from './artifacts.ts'
import { Batch } from './batch.ts'
import { DEALLOCATION_DELAY, deployCore, type TestnetCore, WITHDRAWAL_DELAY } from './core.ts'
import { ethFeed } from './feeds.ts'
import { foreseeLrt, LRT_SYMBOL, type TestnetLrt } from './lrt.ts'
import { deployLsts, type TestnetLst } from './lsts.ts'

const feedAddedAbi = parseAbi([
  'event FeedAdded(uint256 indexed feedIndex, address indexed facade, string description)',
])

/** A feed as PriceFeeds takes it. Answers are in units of 10^-decimals. */
export interface FeedSettings {
  readonly description: string
  readonly decimals: number
  readonly deviationBps: number
  /** Seconds. */
  readonly heartbeat: number
  readonly minAnswer: bigint
  readonly maxAnswer: bigint
}

/** One test token counts for one ether: a fixed rate (source 0), in wei per 10^18 shares, as it is. */
export const WEIGHT = { source: 0, multiplierBps: 10_000, rate: 10n ** 18n }
/** Stake in an LST counts by the LST's own rate: the sources come in the order of the kinds, after the fixed one. */
const lstWeight = (kind: LstKind) => ({ source: LST_KINDS.indexOf(kind) + 1, multiplierBps: 10_000, rate: 0n })
export const OPERATOR_SET_ID = 0
const TEST_SYMBOL = 'tstETH'
/** What the price service pays its operators in. */
const REWARD_SYMBOL = 'tstPAY'
/** What whoever pays for the price service begins with, 10^-18: enough for ever. */
const TREASURY = 10n ** 30n
/** Gas limit of adding a feed, which creates a contract. */
const FEED_GAS = 3_000_000n

/** ServiceManager's parameters for a chain with a block a second whose finality is two blocks behind; times in seconds. */
export const PARAMETERS = {
  operatorSetId: OPERATOR_SET_ID,
  quorumBps: 6_667,
  maxShareBps: 0,
  changeBps: 100,
  minWeight: 1n,
  // finality lags two blocks, nodes poll once a second, and a spare second
  activationDelay: 4,
  minEpochAge: 60,
  buildWindow: 120,
  validity: 43_200,
  renewBefore: 3_600,
  grace: 60,
  evidenceWindow: 43_200,
  secondsPerBlock: 1,
  equivocationWad: 10n ** 17n,
} as const

export interface Deployed {
  readonly deployment: Deployment
  readonly priceFeeds: Address
  /** Test token that operators stake themselves, and its strategy. */
  readonly token: Address
  readonly strategy: Address
  /** Token that the price service's operators are paid in; undefined unless it was asked for. */
  readonly rewardToken: Address | undefined
  /** Undefined unless it was asked for. */
  readonly restaking:
    | {
        readonly core: TestnetCore
        readonly lsts: readonly TestnetLst[]
        /** Where it will be. */
        readonly lrt: TestnetLrt
      }
    | undefined
}

/** Strategies whose stake a service counts, and what it counts a share for: of the price service, and of all others. */
export function countedStake({ strategies, lsts = [] }: Pick<Deployment, 'strategies' | 'lsts'>) {
  return strategies.map(({ strategy }) => {
    const lst = lsts.find((each) => each.strategy === strategy)
    return { strategy, weight: lst === undefined ? WEIGHT : lstWeight(lst.kind) }
  })
}

export interface DeployOptions {
  readonly client: PublicClient
  readonly artifacts: Artifacts
  readonly deployer: LocalAccount
  /** Unix second of slot 0, and seconds between slots. */
  readonly genesis: number
  readonly interval: number
  readonly feeds: readonly FeedSettings[]
  /** Gets `stake` test tokens each (10^-18). */
  readonly operators: readonly Address[]
  readonly stake: bigint
  /** Staking pools too, and where the LRT will be; without it core and price service alone. */
  readonly restaking?: {
    /** Wei that the first depositor stakes for LSTs. */
    readonly total: bigint
    /** Who reports the rewards of staking. */
    readonly oracle: Address
    /** Who will create the LRT, and nothing before it. */
    readonly lrtCreator: Address
  }
  /** Who pays the price service's operators in its name, and who posts the roots of what all have earned; nobody without it. */
  readonly rewards?: { readonly payer: Address; readonly updater: Address }
  readonly signal: AbortSignal
}

/**
 * Puts the restaking core, a test token with its strategy, and the price service on a chain, and mints the operators'
 * tokens.
 * @throws LariatError `testnet.transaction`
 */
export async function deploy(options: DeployOptions): Promise<Deployed> {
  const { client, artifacts, deployer, genesis, interval, feeds, operators, stake, restaking, rewards, signal } =
    options
  const [chainId, block0] = await Promise.all([client.getChainId(), client.getBlock({ blockNumber: 0n })])
  const batch = await Batch.open(client, deployer)
  const owner = deployer.address

  const core = deployCore(batch, artifacts, {
    owner,
    rewardsUpdater: rewards?.updater,
    now: genesis,
    withdrawalDelay: restaking === undefined ? DEALLOCATION_DELAY : WITHDRAWAL_DELAY,
  })
  const { strategyManager, allocationManager } = core
  const lsts = restaking === undefined ? [] : deployLsts(batch, artifacts, { owner, strategyManager, ...restaking })
  const token = batch.deploy(artifacts, 'TestToken', ['Test staked ether', TEST_SYMBOL])
  const strategy = batch.deploy(artifacts, 'StrategyBase', [strategyManager, token])
  const priceFeeds = batch.deploy(artifacts, 'PriceFeeds', [
    PARAMETERS,
    allocationManager,
    owner,
    BigInt(genesis),
    interval,
  ])
  const lrt = restaking === undefined ? undefined : await foreseeLrt(client, restaking.lrtCreator)
  const strategies = [...lsts.map((lst) => lst.strategy), strategy]
  batch.call({
    what: 'admitting the strategies',
    address: strategyManager,
    abi: artifacts.get('StrategyManager').abi,
    functionName: 'addStrategiesToDepositWhitelist',
    args: [strategies],
  })
  batch.call({
    what: 'setting the price service up in the core',
    address: priceFeeds,
    abi: artifacts.get('PriceFeeds').abi,
    functionName: 'initialize',
    args: ['https://lariat.invalid/testnet', strategies, [...lsts.map(({ kind }) => lstWeight(kind)), WEIGHT]],
  })
  for (const feed of feeds) {
    batch.call({
      what: `adding the feed ${feed.description}`,
      address: priceFeeds,
      abi: artifacts.get('PriceFeeds').abi,
      functionName: 'addFeed',
      args: [feed],
      gas: FEED_GAS,
    })
  }
  for (const operator of operators) {
    batch.call({
      what: `minting tokens for ${operator}`,
      address: token,
      abi: artifacts.get('TestToken').abi,
      functionName: 'mint',
      args: [operator, stake],
      gas: 100_000n,
    })
  }
  const rewardToken = rewards === undefined ? undefined : queueRewards(rewards.payer)
  await batch.land(signal)

  const feedOf = await readFeeds(client, priceFeeds)
  return {
    deployment: {
      version: DEPLOYMENT_VERSION,
      name: 'testnet',
      chainId,
      genesisHash: block0.hash as Hex,
      startBlock: 0,
      core,
      strategies: [
        ...lsts.map((lst) => ({ token: lst.token, strategy: lst.strategy, symbol: lst.symbol })),
        { token, strategy, symbol: TEST_SYMBOL },
      ],
      ...(lrt === undefined
        ? {}
        : {
            lsts: lsts.map(({ amount: _, ...lst }) => ({ ...lst, marketFeed: feedOf(lst.symbol) })),
            lrt: { ...lrt, marketFeed: feedOf(LRT_SYMBOL) },
          }),
      services: { prices: priceFeeds },
    },
    priceFeeds,
    token,
    strategy,
    rewardToken,
    restaking: lrt === undefined ? undefined : { core, lsts, lrt },
  }

  /** Mints what operators will be paid with to `payer`, and lets it pay in the price service's name. */
  function queueRewards(payer: Address): Address {
    const address = batch.deploy(artifacts, 'TestToken', ['Test rewards', REWARD_SYMBOL])
    batch.call({
      what: 'minting what operators are paid with',
      address,
      abi: artifacts.get('TestToken').abi,
      functionName: 'mint',
      args: [payer, TREASURY],
      gas: 100_000n,
    })
    batch.call({
      what: 'appointing who pays for the price service',
      address: priceFeeds,
      abi: artifacts.get('PriceFeeds').abi,
      functionName: 'setAppointee',
      args: [payer, core.rewardsCoordinator, PAYING_SELECTOR],
      gas: 500_000n,
    })
    return address
  }
}

/** Addresses of the feeds in ETH, by the symbol of their token. */
async function readFeeds(client: PublicClient, priceFeeds: Address): Promise<(symbol: string) => Address> {
  const added = await client.getContractEvents({
    address: priceFeeds,
    abi: feedAddedAbi,
    eventName: 'FeedAdded',
    fromBlock: 0n,
    strict: true,
  })
  const facades = new Map(added.map(({ args }) => [args.description, args.facade]))
  return (symbol) => {
    const facade = facades.get(ethFeed(symbol).description)
    if (facade === undefined) throw new LariatError('testnet.feed', `the price service has no feed of ${symbol}`)
    return facade
  }
}
