import { getContractAddress, parseEther } from 'viem'
import type { LstEntry, LstKind } from '../chain/deployment.ts'
import type { Address } from '../util/hex.ts'
import type { Artifacts } from './artifacts.ts'
import type { Batch } from './batch.ts'

/** A staking pool of the testnet. */
interface Pool {
  readonly symbol: string
  readonly name: string
  readonly kind: LstKind
  readonly contract: string
  /** Part of all restaked ETH that goes through it, basis points. */
  readonly partBps: bigint
  /** The pool is not itself the token: it creates that second, after the stand-in of its validators. */
  readonly ownToken: boolean
}

const POOLS: readonly Pool[] = [
  { symbol: 'stETH', name: 'Test stETH', kind: 'steth', contract: 'StETH', partBps: 5_000n, ownToken: false },
  { symbol: 'rETH', name: 'Test rETH', kind: 'reth', contract: 'REthPool', partBps: 3_000n, ownToken: true },
  { symbol: 'cbETH', name: 'Test cbETH', kind: 'cbeth', contract: 'CbEthPool', partBps: 2_000n, ownToken: true },
]
const WHOLE = 10_000n

/** What the pools let their oracle report: time runs fast here, a year's rewards come in minutes. */
const BOUNDS = { annualGainBps: 50_000_000, lossBps: 1_000, minInterval: 1 }
/** ETH that each pool is opened with, and that stays in it: no rate can round to nothing. */
const OPENING = parseEther('1')

/** Gas limits, about twice what is used. */
const GAS = { deposit: 300_000n, stake: 200_000n } as const

/** An LST of the testnet, and what the first depositor has of it to restake. */
export interface TestnetLst extends LstEntry {
  /** Amount of the token. */
  readonly amount: bigint
}

/** Symbols of the testnet's LSTs. */
export const LST_SYMBOLS: readonly string[] = POOLS.map(({ symbol }) => symbol)

/**
 * Queues the creation of the pools with their strategies, and the first depositor's stake in each.
 * @param total wei that the first depositor stakes in all
 */
export function deployLsts(
  batch: Batch,
  artifacts: Artifacts,
  of: { readonly owner: Address; readonly oracle: Address; readonly strategyManager: Address; readonly total: bigint },
): TestnetLst[] {
  return POOLS.map(({ symbol, name, kind, contract, partBps, ownToken }) => {
    const pool = batch.deploy(artifacts, contract, [name, symbol, of.owner, of.oracle, BOUNDS])
    const token = ownToken ? getContractAddress({ from: pool, nonce: 2n }) : pool
    const strategy = batch.deploy(artifacts, 'StrategyBase', [of.strategyManager, token])
    const amount = (of.total * partBps) / WHOLE
    const call = { address: pool, abi: artifacts.get(contract).abi, args: [] }
    batch.call({
      ...call,
      what: `staking for ${symbol}`,
      functionName: 'deposit',
      value: amount + OPENING,
      gas: GAS.deposit,
    })
    batch.call({ ...call, what: `validators of ${symbol}`, functionName: 'stakeBuffered', gas: GAS.stake })
    return { symbol, kind, token, pool, strategy, amount }
  })
}
