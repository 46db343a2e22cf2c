import type { Hex, LocalAccount, PublicClient } from 'viem'
import { DEPLOYMENT_VERSION, type Deployment } from '../chain/deployment.ts'
import type { Address } from '../util/hex.ts'
import type { Artifacts } from './artifacts.ts'
import { Batch } from './batch.ts'

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

/** Blocks that stake stays slashable after it is taken away; EigenLayer's mainnet value. */
const DEALLOCATION_DELAY = 100_800
/** Blocks that a withdrawal waits, and can be slashed; EigenLayer's mainnet value. */
const WITHDRAWAL_DELAY = 100_800
/** Blocks until a changed allocation delay holds; a devnet does not wait for it. */
const CONFIGURATION_DELAY = 0
/** One test token counts for one ether: a fixed rate (source 0), in wei per 10^18 shares, as it is. */
const WEIGHT = { source: 0, multiplierBps: 10_000, rate: 10n ** 18n }
export const OPERATOR_SET_ID = 0
/** Gas limit of adding a feed, which creates a contract. */
const FEED_GAS = 3_000_000n

/** ServiceManager's parameters for a chain with a block a second whose finality is two blocks behind; times in seconds. */
const PARAMETERS = {
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
} as const

export interface Deployed {
  readonly deployment: Deployment
  readonly priceFeeds: Address
  readonly token: Address
  readonly strategy: Address
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
  readonly signal: AbortSignal
}

/**
 * Puts the restaking core, a test token with its strategy, and the price service on a chain, and mints the operators'
 * tokens.
 * @throws LariatError `testnet.transaction`
 */
export async function deploy(options: DeployOptions): Promise<Deployed> {
  const { client, artifacts, deployer, genesis, interval, feeds, operators, stake, signal } = options
  const [chainId, block0] = await Promise.all([client.getChainId(), client.getBlock({ blockNumber: 0n })])
  const batch = await Batch.open(client, deployer)
  const owner = deployer.address

  const permissionController = batch.deploy(artifacts, 'PermissionController', [])
  const delegationManager = batch.deploy(artifacts, 'DelegationManager', [permissionController, WITHDRAWAL_DELAY])
  const strategyManager = batch.deploy(artifacts, 'StrategyManager', [delegationManager, owner])
  const allocationManager = batch.deploy(artifacts, 'AllocationManager', [
    delegationManager,
    permissionController,
    DEALLOCATION_DELAY,
    CONFIGURATION_DELAY,
  ])
  const token = batch.deploy(artifacts, 'TestToken', ['Test staked ether', 'tstETH'])
  const strategy = batch.deploy(artifacts, 'StrategyBase', [strategyManager, token])
  const priceFeeds = batch.deploy(artifacts, 'PriceFeeds', [
    PARAMETERS,
    allocationManager,
    owner,
    BigInt(genesis),
    interval,
  ])
  batch.call({
    what: 'connecting the core',
    address: delegationManager,
    abi: artifacts.get('DelegationManager').abi,
    functionName: 'connect',
    args: [strategyManager, allocationManager],
  })
  batch.call({
    what: 'admitting the strategy',
    address: strategyManager,
    abi: artifacts.get('StrategyManager').abi,
    functionName: 'addStrategiesToDepositWhitelist',
    args: [[strategy]],
  })
  batch.call({
    what: 'setting the price service up in the core',
    address: priceFeeds,
    abi: artifacts.get('PriceFeeds').abi,
    functionName: 'initialize',
    args: ['https://lariat.invalid/testnet', [strategy], [WEIGHT]],
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
  await batch.land(signal)

  return {
    deployment: {
      version: DEPLOYMENT_VERSION,
      name: 'testnet',
      chainId,
      genesisHash: block0.hash as Hex,
      startBlock: 0,
      core: { delegationManager, strategyManager, allocationManager, permissionController },
      strategies: [{ token, strategy }],
      services: { prices: priceFeeds },
    },
    priceFeeds,
    token,
    strategy,
  }
}
