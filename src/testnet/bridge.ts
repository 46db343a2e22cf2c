import { type PublicClient, padHex, parseAbi } from 'viem'
import { serviceManagerAbi } from '../chain/abi/serviceManager.ts'
import type { Address, Hex } from '../util/hex.ts'
import type { Artifacts } from './artifacts.ts'
import { Batch, type LandedTransaction } from './batch.ts'
import { PARAMETERS, type WEIGHT } from './deploy.ts'
import { type QueueMailbox, queueMailbox } from './mailbox.ts'

/** How sure the checkpoints are by which messages are believed, as contracts/bridge/lib/BridgeStatements.sol has it. */
export const LEVELS = { finalized: 1, fast: 2 } as const
export type LevelName = keyof typeof LEVELS

/** One end of the bridge. */
export interface BridgeEnd {
  readonly chainId: number
  /** Hyperlane's number of the chain: here its chain id. */
  readonly domain: number
  readonly mailbox: Address
  /** Its tree of messages. */
  readonly hook: Address
  /** Judges messages that arrive here: a BridgeIsm. */
  readonly ism: Address
  /** This end of the LRT's way: LrtCollateral on the chain of the stake, LrtSynthetic elsewhere. */
  readonly route: Address
  /** First block that can have messages. */
  readonly from: bigint
}

/** The contracts of a bridge between the chain of the stake and another one. */
export interface TestnetBridge {
  readonly service: Address
  /** Judges what is signed of the tree on the chain of the stake. */
  readonly fraud: Address
  readonly stake: BridgeEnd
  readonly away: BridgeEnd
}

/** What may pass each way over the LRT's route: units at once, and those that come back each second. */
export interface RouteLimit {
  readonly capacity: bigint
  readonly refill: bigint
}

export interface DeployBridgeOptions {
  readonly artifacts: Artifacts
  /** Chain of the stake, and the other one. */
  readonly stake: BridgeChain
  readonly away: BridgeChain
  readonly allocationManager: Address
  /** Strategies, and what their stake counts for. */
  readonly counted: readonly { readonly strategy: Address; readonly weight: typeof WEIGHT }[]
  /** What travels, and who tells its rate (`getRate`); both may come to be later. */
  readonly token: Address
  readonly rateSource: Address
  readonly symbol: string
  readonly limit: RouteLimit
  /** By which checkpoints messages are believed that come to a chain; final ones unless given. */
  readonly levels?: { readonly stake: LevelName; readonly away: LevelName }
  /** Seconds between epochs at the least; that of all services when left out. */
  readonly minEpochAge?: number
  /** Where relayers that know EIP-3668 ask for metadata: URLs with `{sender}` and `{data}`; nowhere unless given. */
  readonly gateways?: readonly string[]
  /** Other mailboxes than our own. */
  readonly queueMailbox?: QueueMailbox | undefined
  readonly signal: AbortSignal
}

/** A chain that a bridge ends on, and the account that creates and owns its contracts there. */
export interface BridgeChain {
  readonly client: PublicClient
  readonly owner: Parameters<typeof Batch.open>[1]
}

/** Seconds from the proposal of a recovery to its execution: the least that a BridgeIsm takes. */
const RECOVERY_DELAY = 3_600
/** Gas limit of taking a table: 260,000 with four operators, 5.2 million with 200 (bench gas bridge), in proportion. */
const TABLE_GAS = 600_000n
const ROW_GAS = 35_000n
/** And of setting gateways, each of which takes three words. */
const GATEWAYS_GAS = 200_000n
const GATEWAY_GAS = 120_000n
/** Rows that are read at once. */
const ROWS_PER_PAGE = 100n

const initializeAbi = parseAbi([
  'struct EpochTableData { uint64 number; uint64 activatesAt; uint64 validUntil; bytes rows; }',
  'function initialize(EpochTableData table)',
])

/** An address as Hyperlane has it: 32 bytes. */
export const wordOf = (address: Address): Hex => padHex(address, { size: 32 }).toLowerCase() as Hex

/**
 * Puts a bridge between two chains: those who attest on the one with the stake, and on both a mailbox with its tree, a module
 * that believes the operators, and the LRT's route. No message is believed before the modules have an epoch (`openBridge`).
 * @throws LariatError `testnet.transaction`
 */
export async function deployBridge(options: DeployBridgeOptions): Promise<TestnetBridge> {
  const { artifacts, signal, levels = { stake: 'finalized', away: 'finalized' } } = options
  const [here, there] = await Promise.all([
    Batch.open(options.stake.client, options.stake.owner),
    Batch.open(options.away.client, options.away.owner),
  ])
  const [stakeChainId, awayChainId] = await Promise.all([
    options.stake.client.getChainId(),
    options.away.client.getChainId(),
  ])
  const service = queueService(here, options)
  const common = { artifacts, service, stakeChainId, queueMailbox: options.queueMailbox ?? queueMailbox }
  const stake = queueEnd(here, { ...common, chainId: stakeChainId, owner: options.stake.owner.address })
  const away = queueEnd(there, { ...common, chainId: awayChainId, owner: options.away.owner.address })
  const fraud = here.deploy(artifacts, 'CheckpointFraud', [stake.hook, service])
  const stakeRoute = here.deploy(artifacts, 'LrtCollateral', [
    ...[options.token, options.rateSource, stake.mailbox, stake.ism],
    options.stake.owner.address,
  ])
  const awayRoute = there.deploy(artifacts, 'LrtSynthetic', [
    ...[options.symbol, options.symbol, away.mailbox, away.ism],
    options.away.owner.address,
  ])

  const serviceCall = (functionName: string, args: readonly unknown[]) =>
    here.call({
      ...{ what: `${functionName} of the bridge's service`, address: service, functionName, args },
      abi: artifacts.get('BridgeService').abi,
    })
  for (const end of [stake, away]) {
    serviceCall('addStream', [end.domain, wordOf(end.hook)])
    serviceCall('addModule', [BigInt(end.chainId), end.ism])
  }
  serviceCall('setJudge', [stake.domain, wordOf(stake.hook), fraud])
  const ends = [
    { batch: here, end: stake, route: stakeRoute, contract: 'LrtCollateral', level: levels.stake },
    { batch: there, end: away, route: awayRoute, contract: 'LrtSynthetic', level: levels.away },
  ] as const
  for (const [i, { batch, end, route, contract, level }] of ends.entries()) {
    const other = ends[1 - i]
    if (other === undefined) throw new RangeError('a bridge has two ends')
    batch.call({
      what: 'adding the messages of the other chain',
      ...{ address: end.ism, abi: artifacts.get('BridgeIsm').abi, functionName: 'addRoute' },
      args: [other.end.domain, wordOf(other.end.hook), LEVELS[level]],
    })
    const { gateways = [] } = options
    batch.call({
      what: 'naming the gateways',
      ...{ address: end.ism, abi: artifacts.get('BridgeIsm').abi, functionName: 'setGateways', args: [gateways] },
      gas: GATEWAYS_GAS + GATEWAY_GAS * BigInt(gateways.length),
    })
    batch.call({
      what: 'naming the other end of the LRT’s way',
      ...{ address: route, abi: artifacts.get(contract).abi, functionName: 'enrollRouter' },
      args: [other.end.domain, wordOf(other.route), options.limit.capacity, options.limit.refill],
    })
  }
  const [landedHere, landedThere] = await Promise.all([here.land(signal), there.land(signal)])
  return {
    service,
    fraud,
    stake: { ...stake, route: stakeRoute, from: mailboxBlock(landedHere) },
    away: { ...away, route: awayRoute, from: mailboxBlock(landedThere) },
  }
}

/** Queues the creation of the AVS, and its set-up in the core. */
function queueService(batch: Batch, options: DeployBridgeOptions): Address {
  const { artifacts, allocationManager, counted, stake, minEpochAge = PARAMETERS.minEpochAge } = options
  const service = batch.deploy(artifacts, 'BridgeService', [
    // an epoch's grace may not outlast the next one's age
    { ...PARAMETERS, minEpochAge, grace: Math.min(PARAMETERS.grace, minEpochAge) },
    allocationManager,
    stake.owner.address,
  ])
  batch.call({
    what: 'setting the service of the bridge up in the core',
    ...{ address: service, abi: artifacts.get('BridgeService').abi, functionName: 'initialize' },
    args: [
      'https://lariat.invalid/testnet',
      counted.map(({ strategy }) => strategy),
      counted.map(({ weight }) => weight),
    ],
  })
  return service
}

/** Queues mailbox, tree and module of one end. */
function queueEnd(
  batch: Batch,
  of: {
    readonly artifacts: Artifacts
    readonly chainId: number
    readonly stakeChainId: number
    readonly service: Address
    readonly owner: Address
    readonly queueMailbox: QueueMailbox
  },
): Omit<BridgeEnd, 'route' | 'from'> {
  const { artifacts, chainId, stakeChainId, service, owner } = of
  const domain = chainId
  const ism = batch.deploy(artifacts, 'BridgeIsm', [
    ...[BigInt(stakeChainId), service, PARAMETERS.quorumBps, PARAMETERS.grace, RECOVERY_DELAY],
    owner,
  ])
  return { chainId, domain, ism, ...of.queueMailbox(batch, { artifacts, domain, owner, ism }) }
}

function mailboxBlock(landed: readonly LandedTransaction[]): bigint {
  const created = landed.find(({ what }) => what === 'creation of Mailbox')
  if (created === undefined) throw new RangeError('no mailbox was created')
  return created.blockNumber
}

/** One frozen table as modules take it. Times are Unix seconds. */
export interface TableData {
  readonly number: bigint
  readonly activatesAt: bigint
  readonly validUntil: bigint
  /** 104 bytes each: key 96, weight 8. */
  readonly rows: Hex
}

/** An epoch of the bridge's service, as it is handed over to other chains. @throws RangeError when there is no such epoch */
export async function readTable(client: PublicClient, service: Address, number: bigint): Promise<TableData> {
  const contract = { address: service, abi: serviceManagerAbi } as const
  const info = await client.readContract({ ...contract, functionName: 'epochInfo', args: [number] })
  if (info.operators === 0) throw new RangeError(`the bridge's service has no epoch ${number}`)
  let rows = ''
  for (let from = 0n; from < BigInt(info.operators); from += ROWS_PER_PAGE) {
    const args = [number, from, ROWS_PER_PAGE] as const
    const [, keys, weights] = await client.readContract({ ...contract, functionName: 'epochRows', args })
    rows += keys.map((key, i) => key.slice(2) + (weights[i] ?? 0n).toString(16).padStart(16, '0')).join('')
  }
  return { number, activatesAt: info.activatesAt, validUntil: info.validUntil, rows: `0x${rows}` }
}

/** Gives both modules the newest epoch of the service, once: each next one is handed over by its operators. @throws LariatError `testnet.transaction` */
export async function openBridge(options: {
  readonly stake: BridgeChain
  readonly away: BridgeChain
  readonly bridge: TestnetBridge
  readonly signal: AbortSignal
}): Promise<TableData> {
  const { stake, away, bridge, signal } = options
  const number = await stake.client.readContract({
    ...{ address: bridge.service, abi: serviceManagerAbi, functionName: 'latestEpoch' },
  })
  const table = await readTable(stake.client, bridge.service, number)
  const gas = TABLE_GAS + (ROW_GAS * BigInt(table.rows.length - 2)) / 208n
  await Promise.all(
    [
      { chain: stake, end: bridge.stake },
      { chain: away, end: bridge.away },
    ].map(async ({ chain, end }) => {
      const batch = await Batch.open(chain.client, chain.owner)
      const what = 'giving a security module its first epoch'
      batch.call({ what, address: end.ism, abi: initializeAbi, functionName: 'initialize', args: [table], gas })
      await batch.land(signal)
    }),
  )
  return table
}
