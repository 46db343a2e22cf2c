import type { LocalAccount, PublicClient } from 'viem'
import { erc20Abi, parseAbi } from 'viem'
import { cbEthPoolAbi } from '../chain/abi/cbEthPool.ts'
import { stakingPoolAbi } from '../chain/abi/stakingPool.ts'
import type { LstEntry } from '../chain/deployment.ts'
import type { Clock } from '../util/clock.ts'
import { Batch } from './batch.ts'
import { createTask, type Task } from './task.ts'

/** ms between reports: on a real network it is a day. */
const EVERY_MS = 20_000
/** What a report brings, as a part of the pool's ETH: one basis point. A day brings about as much. */
const GAIN_PART = 10_000n
const ONE = 10n ** 18n
const validatorsAbi = parseAbi(['function validators() view returns (address)'])

/**
 * Stands for the beacon chain and the pools' oracles: gives the validators rewards, and reports them. The rate that an
 * oracle pushes (cbETH) is pushed after its report.
 */
export function createRewards(options: {
  readonly client: PublicClient
  readonly oracle: LocalAccount
  readonly lsts: readonly LstEntry[]
  readonly clock: Clock
  readonly onError: (what: string) => void
}): Task {
  const { client, oracle, lsts, clock, onError } = options

  async function report(batch: Batch, { pool, kind, token, symbol }: LstEntry): Promise<void> {
    const contract = { address: pool, abi: stakingPoolAbi } as const
    const [pooled, count, validators] = await Promise.all([
      client.readContract({ ...contract, functionName: 'pooledEth' }),
      client.readContract({ ...contract, functionName: 'reportCount' }),
      client.readContract({ address: pool, abi: validatorsAbi, functionName: 'validators' }),
    ])
    const gain = pooled / GAIN_PART
    batch.pay(`rewards of ${symbol}`, validators, gain)
    batch.call({
      what: `report of ${symbol}`,
      ...contract,
      functionName: 'report',
      args: [BigInt(count) + 1n, gain],
      gas: 300_000n,
    })
    if (kind !== 'cbeth') return
    const supply = await client.readContract({ address: token, abi: erc20Abi, functionName: 'totalSupply' })
    batch.call({
      what: `rate of ${symbol}`,
      address: pool,
      abi: cbEthPoolAbi,
      functionName: 'updateExchangeRate',
      // rounded down: the pool must have what it says that all tokens are worth
      args: [((pooled + gain) * ONE) / supply],
      gas: 300_000n,
    })
  }

  return createTask({
    everyMs: EVERY_MS,
    clock,
    onError: (what) => onError(`rewards of staking: ${what}`),
    async work(signal) {
      const batch = await Batch.open(client, oracle)
      for (const lst of lsts) await report(batch, lst)
      await batch.land(signal)
    },
  })
}
