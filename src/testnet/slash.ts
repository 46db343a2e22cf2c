import { decodeFunctionResult, encodeFunctionData, erc20Abi, type PublicClient, parseAbi } from 'viem'
import { allocationManagerAbi } from '../chain/abi/allocationManager.ts'
import { delegationManagerAbi } from '../chain/abi/delegationManager.ts'
import { lrtVaultAbi } from '../chain/abi/lrtVault.ts'
import { strategyAbi } from '../chain/abi/strategy.ts'
import { LariatError } from '../util/errors.ts'
import type { Address, Hex } from '../util/hex.ts'
import type { Batch } from './batch.ts'
import { type Slasher, slashCall } from './slasher.ts'

const ONE = 10n ** 18n
/** Virtual shares and virtual value of the vault. */
const VIRTUAL = 10n ** 12n

const lstAbi = parseAbi(['function getSharesByPooledEth(uint256) view returns (uint256)'])

/** What a slash did to the rate of the LRT, read from the chain. Rates are wei of ETH for 1e18 shares. */
export interface SlashFact {
  readonly operator: Address
  /** Part of the operator's stake that the core took, of 1e18, as its event tells. */
  readonly wad: bigint
  /** Block of the slash. */
  readonly block: bigint
  /** In the block before. */
  readonly rateBefore: bigint
  /** As it would have been in the block of the slash without it: gains vest from block to block. */
  readonly rateUnslashed: bigint
  /** What the formula says of the block of the slash, from the state of the block before. */
  readonly expected: bigint
  /** In the block of the slash. */
  readonly rateAfter: bigint
}

/**
 * Slashes an operator and sees what that did. Nothing else may move the vault meanwhile: gains are booked first.
 * @param batch of the slasher's account
 * @throws LariatError `testnet.transaction`, `testnet.slash`
 */
export async function slashOperator(options: {
  readonly client: PublicClient
  readonly batch: Batch
  readonly slasher: Slasher
  readonly delegationManager: Address
  readonly vault: Address
  readonly operator: Address
  readonly signal: AbortSignal
}): Promise<SlashFact> {
  const { client, batch, slasher, vault, operator, signal } = options
  batch.call({ what: 'booking gains', address: vault, abi: lrtVaultAbi, functionName: 'sync', args: [] })
  await batch.land(signal)
  batch.call(slashCall(slasher, operator))
  const [landed] = await batch.land(signal)
  const block = landed?.blockNumber ?? 0n
  const before = block - 1n
  const { timestamp } = await client.getBlock({ blockNumber: block })
  const rate = { address: vault, abi: lrtVaultAbi, functionName: 'getRate' } as const
  const [wad, rateBefore, rateAfter, rateUnslashed, expected] = await Promise.all([
    slashedWad(client, slasher, operator, block),
    client.readContract({ ...rate, blockNumber: before }),
    client.readContract({ ...rate, blockNumber: block }),
    readRate({ ...options, before, timestamp }),
    expectedRate({ ...options, before, timestamp }),
  ])
  return { operator, wad, block, rateBefore, rateUnslashed, expected, rateAfter }
}

async function slashedWad(
  client: PublicClient,
  { allocationManager, avs }: Slasher,
  operator: Address,
  block: bigint,
): Promise<bigint> {
  const events = await client.getContractEvents({
    address: allocationManager,
    abi: allocationManagerAbi,
    eventName: 'OperatorSlashed',
    fromBlock: block,
    toBlock: block,
    strict: true,
  })
  const mine = events.find(({ args }) => args.operator === operator && args.operatorSet.avs === avs)
  const wad = mine?.args.wadSlashed[0]
  if (wad === undefined) throw new LariatError('testnet.slash', `block ${block} has no slash of ${operator}`)
  return wad
}

interface Before {
  readonly client: PublicClient
  readonly slasher: Slasher
  readonly delegationManager: Address
  readonly vault: Address
  readonly operator: Address
  /** Block before the slash. */
  readonly before: bigint
  /** Unix second of the block of the slash. */
  readonly timestamp: bigint
}

/**
 * (P + V) / (S + V), with P = Σ units × own rate − gains that have not vested at `timestamp`. Units are what the core
 * would give back: deposit shares × scaling factor × magnitude, with the magnitude that the slash leaves; shares in
 * withdrawals × magnitude likewise.
 */
async function expectedRate(of: Before): Promise<bigint> {
  const { client, vault, before } = of
  const read = { address: vault, abi: lrtVaultAbi, blockNumber: before } as const
  const [lsts, token, totals] = await Promise.all([
    client.readContract({ ...read, functionName: 'lsts' }),
    client.readContract({ ...read, functionName: 'token' }),
    readTotals(of),
  ])
  const values = await Promise.all(lsts.map((lst) => valueAfter(of, lst)))
  const value = values.reduce((a, b) => a + b, 0n) - totals.locked
  const supply = await client.readContract({
    address: token,
    abi: erc20Abi,
    functionName: 'totalSupply',
    blockNumber: before,
  })
  return (ONE * ((value > 0n ? value : 0n) + VIRTUAL)) / (supply + VIRTUAL)
}

/** Wei of ETH that the vault's units of one LST are worth after the slash. */
async function valueAfter(
  of: Before,
  { token, kind, strategy }: { readonly token: Address; readonly kind: number; readonly strategy: Address },
): Promise<bigint> {
  const { client, vault, before } = of
  const read = { blockNumber: before } as const
  const vaultAt = { address: vault, abi: lrtVaultAbi, ...read } as const
  const [holding, operators] = await Promise.all([
    client.readContract({ ...vaultAt, functionName: 'holding', args: [token] }),
    client.readContract({ ...vaultAt, functionName: 'operators' }),
  ])
  const shares = await Promise.all(operators.map((each) => sharesAfter(of, each, strategy)))
  const toUnits = async (sum: bigint) => {
    const amount = await client.readContract({
      address: strategy,
      abi: strategyAbi,
      functionName: 'sharesToUnderlyingView',
      args: [sum],
      ...read,
    })
    if (kind !== 0) return amount
    return client.readContract({
      address: token,
      abi: lstAbi,
      functionName: 'getSharesByPooledEth',
      args: [amount],
      ...read,
    })
  }
  const sum = (what: 'staked' | 'queued') => shares.reduce((a, each) => a + each[what], 0n)
  const units = holding.idle + (await toUnits(sum('staked'))) + (await toUnits(sum('queued')))
  return (units * holding.rate) / ONE
}

/** Shares that an account of the vault has in one strategy after the slash. */
async function sharesAfter(
  { client, slasher, delegationManager, operator: slashed, before }: Before,
  { account, operator }: { readonly account: Address; readonly operator: Address },
  strategy: Address,
): Promise<{ readonly staked: bigint; readonly queued: bigint }> {
  const core = { address: delegationManager, abi: delegationManagerAbi, blockNumber: before } as const
  const [[withdrawable, deposits], factor, magnitude, [withdrawals, queued]] = await Promise.all([
    client.readContract({ ...core, functionName: 'getWithdrawableShares', args: [account, [strategy]] }),
    client.readContract({ ...core, functionName: 'depositScalingFactor', args: [account, strategy] }),
    client.readContract({
      address: slasher.allocationManager,
      abi: allocationManagerAbi,
      functionName: 'getMaxMagnitude',
      args: [operator, strategy],
      blockNumber: before,
    }),
    client.readContract({ ...core, functionName: 'getQueuedWithdrawals', args: [account] }),
  ])
  const hit = operator === slashed
  const next = BigInt(magnitude) - slasher.wad
  const inQueue = withdrawals.flatMap(({ strategies, scaledShares }, w) =>
    strategies.flatMap((each, j) => {
      if (each !== strategy) return []
      return [hit ? ((scaledShares[j] ?? 0n) * next) / ONE : (queued[w]?.[j] ?? 0n)]
    }),
  )
  return {
    staked: hit ? ((((deposits[0] ?? 0n) * factor) / ONE) * next) / ONE : (withdrawable[0] ?? 0n),
    queued: inQueue.reduce((a, b) => a + b, 0n),
  }
}

/** `totals` of the vault in the state before the slash, as if it were the time of the slash: what has vested by then. */
async function readTotals({ client, vault, before, timestamp }: Before) {
  const data = encodeFunctionData({ abi: lrtVaultAbi, functionName: 'totals' })
  const result = await callAt(client, vault, data, before, timestamp)
  return decodeFunctionResult({ abi: lrtVaultAbi, functionName: 'totals', data: result })
}

async function readRate({ client, vault, before, timestamp }: Before): Promise<bigint> {
  const data = encodeFunctionData({ abi: lrtVaultAbi, functionName: 'getRate' })
  const result = await callAt(client, vault, data, before, timestamp)
  return decodeFunctionResult({ abi: lrtVaultAbi, functionName: 'getRate', data: result })
}

async function callAt(client: PublicClient, to: Address, data: Hex, blockNumber: bigint, time: bigint): Promise<Hex> {
  const result = await client.call({ to, data, blockNumber, blockOverrides: { time } })
  return result.data ?? '0x'
}
