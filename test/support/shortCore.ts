import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PublicClient, parseEther } from 'viem'
import { stringify } from 'yaml'
import { DEPLOYMENT_VERSION, type Deployment } from '../../src/chain/deployment.ts'
import { type Anvil, startAnvil } from '../../src/testnet/anvil.ts'
import { type Artifacts, loadArtifacts } from '../../src/testnet/artifacts.ts'
import { Batch, localClient } from '../../src/testnet/batch.ts'
import { createOperator, type TestnetOperator } from '../../src/testnet/operators.ts'
import { loopbackPlace } from '../../src/testnet/places.ts'
import type { Address, Hex } from '../../src/util/hex.ts'
import { anvilAccount } from './anvil.ts'

/** Delays in blocks, short enough to be passed by mining. */
export const DELAYS = { deallocation: 60, withdrawal: 50, configuration: 20 } as const
/** Of each token, 10^-18. */
export const TOKENS = parseEther('100')
export const ETHER = parseEther('10')

/** A token counts for one ether. */
const WEIGHT = { source: 0, multiplierBps: 10_000, rate: 10n ** 18n } as const

/** ServiceManager's parameters that fit `DELAYS`: a table's whole life is 60 s, and so at most 60 blocks. */
const PARAMETERS = {
  operatorSetId: 0,
  quorumBps: 6_667,
  maxShareBps: 0,
  changeBps: 100,
  minWeight: 1n,
  activationDelay: 1,
  minEpochAge: 2,
  buildWindow: 5,
  validity: 40,
  renewBefore: 12,
  grace: 2,
  evidenceWindow: 18,
  secondsPerBlock: 1,
  equivocationWad: 10n ** 17n,
} as const

/** A chain with the core, two tokens, and two services that both strategies count for; one operator with tokens and ether. */
export interface ShortCore {
  readonly folder: string
  readonly anvil: Anvil
  readonly client: PublicClient
  readonly artifacts: Artifacts
  readonly deployment: Deployment
  /** Second AVS, a service of Lariat that the configuration does not name. */
  readonly other: Address
  readonly operator: TestnetOperator
  /** Account 0 of anvil, who deployed everything. */
  readonly deployer: Address
  rpc(method: string, ...params: readonly unknown[]): Promise<unknown>
  mine(blocks: number): Promise<void>
  /** Writes a configuration beside the operator's, with `edit` applied to its sections. */
  configure(name: string, edit?: (config: NodeYaml) => NodeYaml): Promise<string>
  /** Transactions of anvil's account `index` (0 is the deployer), all at once. */
  batch(index?: number): Promise<Batch>
  close(): Promise<void>
}

/** A node's configuration as it is written. */
export type NodeYaml = Readonly<Record<string, unknown>>

export async function startShortCore(artifactsFolder: string): Promise<ShortCore> {
  const folder = await mkdtemp(join(tmpdir(), 'lariat-operator-'))
  const anvil = await startAnvil({ blocks: 'automine' })
  try {
    const client = localClient(anvil.rpcUrl)
    const artifacts = await loadArtifacts(artifactsFolder)
    const operator = await createOperator(folder, 'operator', loopbackPlace({ api: 1, p2p: 4_000 }))
    const rpc = (method: string, ...params: readonly unknown[]): Promise<unknown> =>
      client.request({ method, params } as never)
    await rpc('anvil_setBalance', operator.account.address, `0x${ETHER.toString(16)}`)
    const { deployment, other } = await deployCore(client, artifacts, operator.account.address)
    const deploymentFile = join(folder, 'deployment.json')
    await writeFile(deploymentFile, JSON.stringify(deployment))
    const config: NodeYaml = {
      dataDir: './data',
      chain: {
        id: deployment.chainId,
        rpc: [{ url: anvil.rpcUrl }],
        deployment: deploymentFile,
        singleProvider: true,
      },
      operator: { address: operator.account.address },
      keys: {
        bls: { keystore: './keys/bls.json', passwordFile: './keys/password.txt' },
        ecdsa: { keystore: './keys/ecdsa.json', passwordFile: './keys/password.txt' },
      },
      p2p: { listen: ['/ip4/127.0.0.1/tcp/0'], announce: ['/ip4/127.0.0.1/tcp/4000'], loopback: true },
      api: { host: '127.0.0.1', port: 0 },
      checks: { volatileStorage: true },
      services: [
        {
          use: 'prices',
          contract: deployment.services.prices,
          feeds: [
            {
              name: 'BTC/USD',
              sources: ['coinbase', 'kraken', 'bitstamp'].map((venue) => ({ venue, symbol: 'BTC/USD' })),
            },
          ],
        },
      ],
    }
    return {
      folder,
      anvil,
      client,
      artifacts,
      deployment,
      other,
      operator,
      deployer: anvilAccount(0).address,
      rpc,
      mine: async (blocks) => void (await rpc('anvil_mine', `0x${blocks.toString(16)}`)),
      async configure(name, edit = (same) => same) {
        const file = join(operator.folder, name)
        await writeFile(file, stringify(edit(config)), { mode: 0o600 })
        return file
      },
      batch: (index = 0) => Batch.open(client, anvilAccount(index)),
      async close() {
        await anvil.stop()
        await rm(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    await anvil.stop()
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

async function deployCore(
  client: PublicClient,
  artifacts: Artifacts,
  operator: Address,
): Promise<{ deployment: Deployment; other: Address }> {
  const [chainId, block0] = await Promise.all([client.getChainId(), client.getBlock({ blockNumber: 0n })])
  const deployer = anvilAccount(0)
  const batch = await Batch.open(client, deployer)
  const owner = deployer.address
  const call = (address: Address, contract: string, functionName: string, ...args: readonly unknown[]) =>
    batch.call({ what: functionName, address, abi: artifacts.get(contract).abi, functionName, args })

  const permissionController = batch.deploy(artifacts, 'PermissionController', [])
  const delegationManager = batch.deploy(artifacts, 'DelegationManager', [permissionController, DELAYS.withdrawal])
  const strategyManager = batch.deploy(artifacts, 'StrategyManager', [delegationManager, owner])
  const allocationManager = batch.deploy(artifacts, 'AllocationManager', [
    delegationManager,
    permissionController,
    DELAYS.deallocation,
    DELAYS.configuration,
  ])
  call(delegationManager, 'DelegationManager', 'connect', strategyManager, allocationManager)
  const strategies = ['oneETH', 'twoETH'].map((symbol) => {
    const token = batch.deploy(artifacts, 'TestToken', [`Test ${symbol}`, symbol])
    const strategy = batch.deploy(artifacts, 'StrategyBase', [strategyManager, token])
    call(token, 'TestToken', 'mint', operator, TOKENS)
    return { token, strategy, symbol }
  })
  const addresses = strategies.map(({ strategy }) => strategy)
  call(strategyManager, 'StrategyManager', 'addStrategiesToDepositWhitelist', addresses)
  const genesis = BigInt(Number(block0.timestamp) - 10)
  const services = ['prices', 'other'].map((name) => {
    const service = batch.deploy(artifacts, 'PriceFeeds', [PARAMETERS, allocationManager, owner, genesis, 2])
    const uri = `https://${name}.invalid`
    call(
      service,
      'PriceFeeds',
      'initialize',
      uri,
      addresses,
      addresses.map(() => WEIGHT),
    )
    return service
  })
  await batch.land(new AbortController().signal)
  const [prices, other] = services as [Address, Address]
  return {
    deployment: {
      version: DEPLOYMENT_VERSION,
      name: 'short',
      chainId,
      genesisHash: block0.hash as Hex,
      startBlock: 0,
      core: { delegationManager, strategyManager, allocationManager, permissionController },
      strategies,
      services: { prices },
    },
    other,
  }
}
