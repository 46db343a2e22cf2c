import { mkdir, mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { LocalAccount } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { serviceManagerAbi } from '../chain/abi/serviceManager.ts'
import { systemClock } from '../util/clock.ts'
import { LariatError } from '../util/errors.ts'
import { writeFileAtomic } from '../util/files.ts'
import type { Address } from '../util/hex.ts'
import { ANVIL_MNEMONIC } from './anvil.ts'
import type { Artifacts } from './artifacts.ts'
import { Batch, localClient } from './batch.ts'
import { bridgeSections } from './bridgeConfig.ts'
import type { BridgeNet } from './bridgeNet.ts'
import { type Deployed, deploy } from './deploy.ts'
import { ethFeed, FEEDS } from './feeds.ts'
import { createLrt, LRT_SYMBOL, MAX_LRT_OPERATORS, targetsOf } from './lrt.ts'
import { LST_SYMBOLS } from './lsts.ts'
import { createOperator, type KnownOperator, type TestnetOperator, writeNodeConfig } from './operators.ts'
import { distributionFile } from './payday.ts'
import type { Place } from './places.ts'
import type { TestnetSigner } from './signers.ts'
import { deploySlasher, type Slasher } from './slasher.ts'
import { venueConfig } from './venues/config.ts'

/** Accounts of the well-known mnemonic, which anvil gives money. */
export const ACCOUNTS = {
  /** Owns all contracts, is the first depositor, and slashes. */
  deployer: mnemonicToAccount(ANVIL_MNEMONIC),
  /** Reports the rewards of staking. */
  oracle: mnemonicToAccount(ANVIL_MNEMONIC, { addressIndex: 1 }),
  /** Pushes the vault along. */
  keeper: mnemonicToAccount(ANVIL_MNEMONIC, { addressIndex: 2 }),
  /** Pays the price service's operators in its name. */
  payer: mnemonicToAccount(ANVIL_MNEMONIC, { addressIndex: 3 }),
  /** Posts the roots of what everybody has earned. */
  updater: mnemonicToAccount(ANVIL_MNEMONIC, { addressIndex: 4 }),
  /** Create the LRT, and the libraries that it needs. */
  creator: mnemonicToAccount(ANVIL_MNEMONIC, { addressIndex: 5 }),
  librarian: mnemonicToAccount(ANVIL_MNEMONIC, { addressIndex: 6 }),
  /** Owns the contracts of the randomness beacon. */
  beacon: mnemonicToAccount(ANVIL_MNEMONIC, { addressIndex: 7 }),
  /** Owns the contracts of the bridge, on both chains. */
  bridge: mnemonicToAccount(ANVIL_MNEMONIC, { addressIndex: 8 }),
  /** Sends the LRT to the other chain and back. */
  traveller: mnemonicToAccount(ANVIL_MNEMONIC, { addressIndex: 9 }),
} as const
/** Tokens that have a market in ETH. */
export const STAKED_SYMBOLS: readonly string[] = [...LST_SYMBOLS, LRT_SYMBOL]
/** Test tokens that operators stake themselves, 10^-18, on average: what the network starts with. */
const OWN_STAKE = 4n * 10n ** 18n
/** Wei that is restaked for every operator of the LRT, on average. */
const RESTAKED = 32n * 10n ** 18n
/** Ether that every operator gets for gas, wei. */
const GAS_MONEY = 100n * 10n ** 18n
/** Gas limit of adding one page to an epoch of a small network. */
const EPOCH_GAS = 10_000_000n
/** Rounds since slot 0 when the first node starts: slot 0 lies in the past. */
const ROUNDS_BEFORE = 5

/** Makes the folder of a testnet; a new one among the temporary files unless named. @throws LariatError `testnet.folder` */
export async function openFolder(folder: string | undefined): Promise<string> {
  if (folder === undefined) return mkdtemp(join(tmpdir(), 'lariat-testnet-'))
  const path = resolve(folder)
  await mkdir(path, { recursive: true, mode: 0o700 })
  if ((await readdir(path)).length > 0) {
    throw new LariatError('testnet.folder', `${path} is not empty: name a new folder with --dir`, { folder: path })
  }
  return path
}

export function createOperators(folder: string, places: readonly Place[]): Promise<TestnetOperator[]> {
  return Promise.all(places.map((place, i) => createOperator(folder, `operator-${i + 1}`, place)))
}

/** What operators stake themselves, in test tokens (10^-18): as different as what will be restaked with them. */
export function ownStakes(operators: number): bigint[] {
  return targetsOf(operators).map((bps) => (OWN_STAKE * BigInt(operators) * BigInt(bps)) / 10_000n)
}

/** Operators of the LRT: the first ones, if there are more than it can have. */
export function lrtOperators(operators: readonly KnownOperator[]): Address[] {
  return operators.slice(0, MAX_LRT_OPERATORS).map(({ account }) => account.address)
}

/** Gives the operators money and puts core, staking pools and price service on chain. */
export async function deployAll(options: {
  readonly rpcUrl: string
  readonly artifacts: Artifacts
  readonly operators: readonly TestnetOperator[]
  /** Seconds between rounds. */
  readonly interval: number
  readonly signal: AbortSignal
}): Promise<Deployed> {
  const { rpcUrl, artifacts, operators, interval, signal } = options
  const client = localClient(rpcUrl)
  const addresses = operators.map(({ account }) => account.address)
  for (const address of addresses) {
    await client.request({ method: 'anvil_setBalance', params: [address, `0x${GAS_MONEY.toString(16)}`] } as never)
  }
  const genesis = Math.floor(systemClock.now() / 1_000) - ROUNDS_BEFORE * interval
  return deploy({
    client,
    artifacts,
    deployer: ACCOUNTS.deployer,
    genesis,
    interval,
    feeds: [...FEEDS, ...STAKED_SYMBOLS.map(ethFeed)],
    operators: addresses,
    stake: 2n * OWN_STAKE,
    restaking: {
      total: RESTAKED * BigInt(Math.min(operators.length, MAX_LRT_OPERATORS)),
      oracle: ACCOUNTS.oracle.address,
      lrtCreator: ACCOUNTS.creator.address,
    },
    rewards: { payer: ACCOUNTS.payer.address, updater: ACCOUNTS.updater.address },
    signal,
  })
}

/** Puts the LRT where `deployAll` said that it would be. @throws RangeError when the deployment has none */
export async function deployRestaking(
  rpcUrl: string,
  artifacts: Artifacts,
  { restaking }: Deployed,
  signal: AbortSignal,
): Promise<void> {
  if (restaking === undefined) throw new RangeError('the deployment has no LRT')
  const { core } = restaking
  const owner = ACCOUNTS.deployer.address
  await createLrt({ client: localClient(rpcUrl), artifacts, core, owner, accounts: ACCOUNTS, signal })
}

/** Puts the AVS on chain that will slash `wad` (of 1e18) of an operator's stake. */
export async function setUpSlasher(
  rpcUrl: string,
  artifacts: Artifacts,
  { deployment }: Deployed,
  wad: bigint,
  signal: AbortSignal,
): Promise<Slasher> {
  const batch = await Batch.open(localClient(rpcUrl), ACCOUNTS.deployer)
  const slasher = deploySlasher(batch, artifacts, {
    avs: ACCOUNTS.deployer.address,
    allocationManager: deployment.core.allocationManager,
    strategies: deployment.strategies.map(({ strategy }) => strategy),
    wad,
  })
  await batch.land(signal)
  return slasher
}

/** Writes the deployment file and the nodes' configurations. @returns path of the deployment file */
export async function configureNodes(options: {
  readonly folder: string
  readonly rpcUrl: string
  readonly venuesUrl: string
  readonly deployed: Deployed
  readonly operators: readonly TestnetOperator[]
  /** The AVS that will slash the first operator. */
  readonly slasher?: Slasher | undefined
  /** Of operators whose nodes have no BLS key. */
  readonly signers?: readonly TestnetSigner[]
  /** The RandomnessService, once the nodes are to serve it. */
  readonly randomness?: Address | undefined
  /** The bridge, once they are to serve that. */
  readonly bridge?: BridgeNet | undefined
}): Promise<string> {
  const { folder, rpcUrl, venuesUrl, deployed, operators, slasher, signers = [], randomness, bridge } = options
  const deploymentFile = join(folder, 'deployment.json')
  const services = {
    ...deployed.deployment.services,
    ...(randomness === undefined ? {} : { randomness }),
    ...(bridge === undefined ? {} : { bridge: bridge.service }),
  }
  const deployment = { ...deployed.deployment, services }
  await writeFileAtomic(deploymentFile, `${JSON.stringify(deployment, undefined, 2)}\n`)
  const rewardsSource = distributionFile(folder, '{root}')
  await mkdir(dirname(rewardsSource), { recursive: true })
  await Promise.all(
    operators.map((operator, i) =>
      writeNodeConfig(operator, {
        chainId: deployed.deployment.chainId,
        rpcUrl,
        deploymentFile,
        priceFeeds: deployed.priceFeeds,
        venues: venueConfig(venuesUrl, STAKED_SYMBOLS),
        rewardsSource,
        signer: signers.find((signer) => signer.operator === operator)?.node,
        servedElsewhere: i === 0 && slasher !== undefined ? [slasher.avs] : [],
        randomness,
        bridge: bridge && bridgeSections(bridge),
      }),
    ),
  )
  return deploymentFile
}

/** Builds the first epoch of a service; later ones are the nodes' own work. @param account sends it */
export async function buildEpoch(options: {
  readonly rpcUrl: string
  readonly account: LocalAccount
  readonly service: Address
  readonly operators: number
  readonly signal: AbortSignal
}): Promise<void> {
  const { rpcUrl, account, service: address, operators, signal } = options
  const batch = await Batch.open(localClient(rpcUrl), account)
  const call = (functionName: string, args: readonly unknown[], gas: bigint) =>
    batch.call({ what: `${functionName} of the first epoch`, address, abi: serviceManagerAbi, functionName, args, gas })
  call('beginEpoch', [], 500_000n)
  call('addToEpoch', [BigInt(operators)], EPOCH_GAS)
  call('finishEpoch', [], EPOCH_GAS)
  await batch.land(signal)
}
