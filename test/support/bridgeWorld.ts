import { resolve } from 'node:path'
import { createWalletClient, erc20Abi, http, type LocalAccount, numberToHex, parseEther, zeroAddress } from 'viem'
import { serviceManagerAbi } from '../../src/chain/abi/serviceManager.ts'
import { FULL_MAGNITUDE } from '../../src/chain/core.ts'
import { generateIdentity, type Identity } from '../../src/p2p/identity.ts'
import { blsSecretFromSeed } from '../../src/signer/secrets.ts'
import { type Artifacts, loadArtifacts } from '../../src/testnet/artifacts.ts'
import { Batch, type Call, localClient } from '../../src/testnet/batch.ts'
import {
  type BridgeChain,
  deployBridge,
  type LevelName,
  openBridge,
  readTable,
  type TableData,
  type TestnetBridge,
} from '../../src/testnet/bridge.ts'
import { countedStake, type Deployed, deploy } from '../../src/testnet/deploy.ts'
import { allocationCall, joiningCall } from '../../src/testnet/joining.ts'
import type { QueueMailbox } from '../../src/testnet/mailbox.ts'
import { buildEpoch } from '../../src/testnet/network.ts'
import type { Domain, Statement } from '../../src/types/statement.ts'
import type { Address, Hex } from '../../src/util/hex.ts'
import type { Secret } from '../../src/util/secret.ts'
import { type AnvilTest, anvilAccount, anvilTest } from './anvil.ts'
import { countingInbox, keepCall, keeper } from './assembly.ts'
import { certifyWith, type OnChainCertificate } from './bridgeCertificates.ts'
import { type WorldChain, worldChain } from './bridgeChain.ts'
import { eventually } from './eventually.ts'

const ARTIFACTS = resolve(import.meta.dirname, '../../build/artifacts')
/** Chain ids, which are Hyperlane's domains here. */
const CHAIN_IDS = { stake: 31_337, away: 31_338 } as const
/** Name of the other chain in configurations. */
const AWAY = 'b'
/** What every operator stakes; each has as much again to stake later. */
const STAKE = parseEther('32')
/** What every operator has on each chain for gas. */
const GAS_MONEY = numberToHex(parseEther('1000'))
/** LRT of the traveller. */
const LRT = parseEther('1000')
const RATE = parseEther('1.05')
const LIMIT = { capacity: parseEther('100'), refill: parseEther('1') } as const
/** Contracts come in blocks of single transactions, a second apart by rule: chains begin so long ago, and end up at our time. */
const SETUP_SECONDS = 240
/** Gas of a block: a thousand messages at once. */
const BLOCK_GAS = 500_000_000
/** Seconds between epochs at the least. */
const MIN_EPOCH_AGE = 5
/** ms until a new epoch is due and active: its least age, and the delay of its activation. */
const EPOCH_MS = 60_000

/** An operator of the bridge, with all that its node would have. */
export interface WorldOperator {
  readonly account: LocalAccount
  readonly bls: Secret<Uint8Array>
  readonly identity: Identity
  readonly multiaddr: string
}

export interface BridgeWorldOptions {
  readonly operators?: number
  /** How blocks come on both chains once all is set up; a second apart unless given. */
  readonly blocks?: number | 'automine'
  readonly seed?: number
  /** By which checkpoints messages are believed that come to a chain; final ones unless given. */
  readonly levels?: { readonly stake: LevelName; readonly away: LevelName }
  /** Instead of operators whose keys are well known and that run nowhere. */
  readonly makeOperator?: (index: number) => Promise<WorldOperator>
  /** Other mailboxes than our own. */
  readonly queueMailbox?: QueueMailbox
}

/** A bridge between two real chains, with operators who are in its active epoch. Nobody serves it. */
export interface BridgeWorld {
  readonly stake: WorldChain
  readonly away: WorldChain
  readonly bridge: TestnetBridge
  readonly deployed: Deployed
  readonly artifacts: Artifacts
  /** Of statements. */
  readonly domain: Domain
  readonly operators: readonly WorldOperator[]
  /** Owns all contracts, on both chains. */
  readonly owner: LocalAccount
  /** Has LRTs on the chain of the stake, and ether on both. */
  readonly traveller: LocalAccount
  readonly lrt: Address
  /** Wei of ETH for 1e18 LRTs, as the chain of the stake has it. */
  setRate(rate: bigint): Promise<void>
  /** An epoch of the service, as it is handed over; the newest unless told. */
  table(number?: bigint): Promise<TableData>
  /** Secrets in the order of an epoch's rows. */
  rows(number?: bigint): Promise<readonly Secret<Uint8Array>[]>
  /** A certificate made with the operators' keys in hand. @param absent rows that do not sign */
  certify(statement: Statement, absent?: readonly number[]): Promise<OnChainCertificate>
  /** Moves stake, builds the next epoch, and resolves when it is active. */
  nextEpoch(): Promise<TableData>
  close(): Promise<void>
}

/** @throws LariatError `testnet.artifacts` when contracts are not compiled */
export async function bridgeWorld(options: BridgeWorldOptions = {}): Promise<BridgeWorld> {
  const { operators = 4 } = options
  const genesisTime = Math.floor(Date.now() / 1_000) - SETUP_SECONDS
  const tests: AnvilTest[] = []
  const close = async () => void (await Promise.all(tests.map((test) => test.close())))
  try {
    for (const chainId of Object.values(CHAIN_IDS)) {
      // the deployer, the operators, the courier and the traveller
      tests.push(await anvilTest({ chainId, genesisTime, blockGas: BLOCK_GAS, accounts: operators + 3 }))
    }
    const [stake, away] = tests
    if (stake === undefined || away === undefined) throw new RangeError('there are two chains')
    return { ...(await furnish(stake, away, genesisTime, operators, options)), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function furnish(
  stakeTest: AnvilTest,
  awayTest: AnvilTest,
  genesis: number,
  count: number,
  { blocks = 1, seed = 1, levels, queueMailbox, makeOperator = wellKnown }: BridgeWorldOptions,
): Promise<Omit<BridgeWorld, 'close'>> {
  const { signal } = new AbortController()
  const owner = anvilAccount(0)
  const [courier, traveller] = [anvilAccount(count + 1), anvilAccount(count + 2)]
  const stake: BridgeChain = { client: localClient(stakeTest.anvil.rpcUrl), owner }
  const away: BridgeChain = { client: localClient(awayTest.anvil.rpcUrl), owner }
  const artifacts = await loadArtifacts(ARTIFACTS)
  const operators = await Promise.all(Array.from({ length: count }, (_, i) => makeOperator(i)))
  for (const { account } of operators) {
    const params = [account.address, GAS_MONEY]
    await Promise.all([stakeTest, awayTest].map((test) => test.rpc('anvil_setBalance', params)))
  }
  const deployed = await deploy({
    ...{ client: stake.client, artifacts, deployer: owner, genesis, interval: 10, feeds: [], signal },
    ...{ operators: operators.map(({ account }) => account.address), stake: 2n * STAKE },
  })
  const rateSource = await create(stake, keeper)
  await send(stake, rateSource, keepCall(RATE))
  const inboxes = { stake: await create(stake, countingInbox), away: await create(away, countingInbox) }
  const lrt = await createToken(stake, artifacts, traveller.address)
  const bridge = await deployBridge({
    ...{ artifacts, stake, away, token: lrt, rateSource, symbol: 'LRT', limit: LIMIT, signal },
    allocationManager: deployed.deployment.core.allocationManager,
    counted: countedStake(deployed.deployment),
    ...{ minEpochAge: MIN_EPOCH_AGE, queueMailbox },
    ...(levels === undefined ? {} : { levels }),
  })
  const joining = { stake, artifacts, deployed, service: bridge.service, signal }
  await Promise.all(operators.map((operator) => join({ ...joining, operator })))

  const [stakeEnd, awayEnd] = [
    { end: bridge.stake, inbox: inboxes.stake },
    { end: bridge.away, inbox: inboxes.away },
  ]
  const chains = {
    stake: worldChain({
      ...{ name: 'stake', test: stakeTest, client: stake.client, courier, seed },
      ...{ ...stakeEnd, other: awayEnd },
    }),
    away: worldChain({
      ...{ name: AWAY, test: awayTest, client: away.client, courier, seed: seed + 1 },
      ...{ ...awayEnd, other: stakeEnd },
    }),
  }
  for (const { test } of Object.values(chains)) await test.rpc('evm_increaseTime', [SETUP_SECONDS])
  const service = { address: bridge.service, abi: serviceManagerAbi } as const
  const table = async (number?: bigint) =>
    readTable(
      stake.client,
      bridge.service,
      number ?? (await stake.client.readContract({ ...service, functionName: 'latestEpoch' })),
    )
  const build = () =>
    buildEpoch({
      ...{ rpcUrl: stakeTest.anvil.rpcUrl, account: owner, service: bridge.service, operators: count, signal },
    })
  await build()
  await untilActive(Object.values(chains), await openBridge({ stake, away, bridge, signal }))
  if (blocks !== 'automine') {
    for (const { test } of Object.values(chains)) await test.rpc('evm_setIntervalMining', [blocks])
  }

  const domain: Domain = {
    chainId: CHAIN_IDS.stake,
    genesisHash: deployed.deployment.genesisHash,
    serviceManager: bridge.service,
  }
  async function rows(number?: bigint): Promise<readonly Secret<Uint8Array>[]> {
    const args = [number ?? (await table()).number, 0n, BigInt(count)] as const
    const [addresses] = await stake.client.readContract({ ...service, functionName: 'epochRows', args })
    return addresses.map((address) => {
      const found = operators.find(({ account }) => account.address.toLowerCase() === address.toLowerCase())
      if (found === undefined) throw new Error(`${address} is no operator`)
      return found.bls
    })
  }
  return {
    ...chains,
    ...{ bridge, deployed, artifacts, domain, operators, owner, traveller, lrt, table, rows },
    setRate: (rate) => send(stake, rateSource, keepCall(rate)),
    async certify(statement, absent = []) {
      const secrets = await rows(statement.epoch)
      return certifyWith(
        domain,
        statement,
        secrets.map((secret, row) => (absent.includes(row) ? undefined : secret)),
      )
    },
    async nextEpoch() {
      const [mover] = operators
      if (mover === undefined) throw new RangeError('nobody is there')
      const batch = await Batch.open(stake.client, mover.account)
      for (const call of stakeCalls(deployed, artifacts, STAKE / 8n)) batch.call(call)
      await batch.land(signal)
      const isDue = async () => {
        await keepUp(chains.stake)
        return stake.client.readContract({ ...service, functionName: 'epochDue' })
      }
      await eventually(isDue, 'no epoch is due', EPOCH_MS)
      await build()
      const next = await table()
      await untilActive([chains.stake], next)
      return next
    },
  }
}

async function wellKnown(index: number): Promise<WorldOperator> {
  const bls = blsSecretFromSeed(new Uint8Array(32).fill(index + 1))
  const multiaddr = `/ip4/127.0.0.1/tcp/${4_001 + index}`
  return { account: anvilAccount(index + 1), bls, identity: await generateIdentity(), multiaddr }
}

/** What an operator does to have stake. */
function stakeCalls({ deployment, token, strategy }: Deployed, artifacts: Artifacts, amount: bigint): Call[] {
  const { strategyManager: address } = deployment.core
  return [
    { what: 'approval', address: token, abi: erc20Abi, functionName: 'approve', args: [address, amount] },
    {
      what: 'deposit',
      ...{ address, abi: artifacts.get('StrategyManager').abi, functionName: 'depositIntoStrategy' },
      args: [strategy, token, amount],
    },
  ]
}

/** Stakes, registers, allocates all to the bridge, and joins it. */
async function join(of: {
  readonly operator: WorldOperator
  readonly stake: BridgeChain
  readonly artifacts: Artifacts
  readonly deployed: Deployed
  readonly service: Address
  readonly signal: AbortSignal
}): Promise<void> {
  const { operator, stake, artifacts, deployed, service, signal } = of
  const { deployment } = deployed
  const joined = { deployment, service, magnitude: FULL_MAGNITUDE }
  const batch = await Batch.open(stake.client, operator.account)
  for (const call of stakeCalls(deployed, artifacts, STAKE)) batch.call(call)
  batch.call({
    what: 'registration',
    ...{ address: deployment.core.delegationManager, abi: artifacts.get('DelegationManager').abi },
    ...{ functionName: 'registerAsOperator', args: [zeroAddress, 0, ''] },
  })
  batch.call(allocationCall(operator, joined))
  batch.call(joiningCall(operator, joined))
  await batch.land(signal)
}

/** A token that the traveller has. */
async function createToken({ client, owner }: BridgeChain, artifacts: Artifacts, traveller: Address): Promise<Address> {
  const batch = await Batch.open(client, owner)
  const token = batch.deploy(artifacts, 'TestToken', ['Liquid restaking token', 'LRT'])
  const { abi } = artifacts.get('TestToken')
  batch.call({ what: 'minting', address: token, abi, functionName: 'mint', args: [traveller, LRT] })
  await batch.land(new AbortController().signal)
  return token
}

/** Creates a contract of code. */
async function create(chain: BridgeChain, data: Hex): Promise<Address> {
  const { contractAddress } = await transact(chain, { data })
  if (contractAddress === null || contractAddress === undefined) throw new Error('nothing was created')
  return contractAddress
}

async function send(chain: BridgeChain, to: Address, data: Hex): Promise<void> {
  await transact(chain, { to, data })
}

async function transact({ client, owner }: BridgeChain, of: { readonly to?: Address; readonly data: Hex }) {
  const wallet = createWalletClient({ account: owner, transport: http(client.transport.url) })
  const hash = await wallet.sendTransaction({ ...of, chain: null })
  const receipt = await client.waitForTransactionReceipt({ hash })
  if (receipt.status !== 'success') throw new Error(`transaction ${hash} reverted`)
  return receipt
}

/** A block when a second has passed without one: on a chain that makes them with transactions alone, time would stand still. */
async function keepUp(chain: WorldChain): Promise<void> {
  if ((await chain.now()) < Math.floor(Date.now() / 1_000)) await chain.test.rpc('anvil_mine', ['0x1'])
}

/** Resolves when an epoch is active by the chains' clocks and by ours. */
async function untilActive(chains: readonly WorldChain[], { activatesAt }: TableData): Promise<void> {
  const isActive = async () => {
    await Promise.all(chains.map(keepUp))
    const times = await Promise.all(chains.map((chain) => chain.now()))
    return [...times, Date.now() / 1_000].every((time) => time >= Number(activatesAt))
  }
  await eventually(isActive, 'the epoch is not active', EPOCH_MS)
}
