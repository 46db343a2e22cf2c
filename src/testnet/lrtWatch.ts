import type { PublicClient } from 'viem'
import { erc20Abi } from 'viem'
import { lrtLensAbi } from '../chain/abi/lrtLens.ts'
import { lrtVaultAbi } from '../chain/abi/lrtVault.ts'
import type { LstEntry } from '../chain/deployment.ts'
import { readLstRate } from '../chain/lst.ts'
import type { ChainReader } from '../chain/types.ts'
import type { Clock } from '../util/clock.ts'
import type { Address } from '../util/hex.ts'
import { LRT_SYMBOL, type TestnetLrt } from './lrt.ts'
import { createTask, type Task } from './task.ts'
import type { EthMarkets } from './venues/ethMarkets.ts'

/** ms between looks: the venues' markets follow the rates so closely. */
const EVERY_MS = 1_000

/** What the chain says of the LRT at one block. Values are wei of ETH, rates wei of ETH for 1e18 of a token. */
export interface LrtFact {
  readonly rate: bigint
  /** Of all shares, without gains that have not vested. */
  readonly value: bigint
  readonly supply: bigint
  /** Value over what all shares stand for, of 1e18. */
  readonly backing: bigint
  readonly operators: readonly {
    readonly operator: Address
    readonly targetBps: number
    readonly delegated: boolean
    /** Value that it holds for the vault. */
    readonly value: bigint
  }[]
  readonly lsts: readonly {
    readonly symbol: string
    readonly rate: bigint
    /** Its market feed stops deposits. */
    readonly depegged: boolean
  }[]
}

/** Rate of a vault that nobody has come to yet, wei of ETH for 10^18 shares. */
const FIRST_RATE = 10n ** 18n

/** Follows the LRT, and lets the venues' markets follow the rates. */
export interface LrtWatch extends Task {
  /** Undefined before the vault is open and was read. */
  fact(): LrtFact | undefined
  /** Reads now. */
  look(): Promise<void>
}

export function createLrtWatch(options: {
  readonly client: PublicClient
  readonly lrt: TestnetLrt
  readonly lsts: readonly LstEntry[]
  readonly markets: EthMarkets
  readonly clock: Clock
  readonly onError: (what: string) => void
}): LrtWatch {
  const { client, lrt, lsts, markets, clock, onError } = options
  const vault = { address: lrt.vault, abi: lrtVaultAbi } as const
  const lens = { address: lrt.lens, abi: lrtLensAbi } as const
  const read = ((call: Parameters<typeof client.readContract>[0]) =>
    client.readContract(call)) as unknown as ChainReader['read']
  let newest: LrtFact | undefined
  let exists = false

  async function look(): Promise<void> {
    exists ||= (await client.getCode(vault)) !== undefined
    const [rates, rate, isOpen] = await Promise.all([
      Promise.all(lsts.map((lst) => readLstRate({ read }, lst))),
      exists ? client.readContract({ ...vault, functionName: 'getRate' }) : FIRST_RATE,
      exists && client.readContract({ ...vault, functionName: 'isOpen' }),
    ])
    lsts.forEach(({ symbol }, i) => {
      markets.setRate(symbol, Number(rates[i]) / 1e18)
    })
    markets.setRate(LRT_SYMBOL, Number(rate) / 1e18)
    if (!isOpen) return
    const [value, supply, backing, operators, [holders, values], depegged] = await Promise.all([
      client.readContract({ ...vault, functionName: 'totalValue' }),
      client.readContract({ address: lrt.token, abi: erc20Abi, functionName: 'totalSupply' }),
      client.readContract({ ...lens, functionName: 'backingRatio', args: [lrt.vault] }),
      client.readContract({ ...vault, functionName: 'operators' }),
      client.readContract({ ...lens, functionName: 'stakeByOperator', args: [lrt.vault] }),
      Promise.all(lsts.map(({ token }) => client.readContract({ ...vault, functionName: 'depegged', args: [token] }))),
    ])
    const held = new Map(holders.map((operator, i) => [operator, values[i] ?? 0n]))
    newest = {
      ...{ rate, value, supply, backing },
      operators: operators.map(({ operator, targetBps, delegated }) => ({
        ...{ operator, targetBps, delegated },
        value: held.get(operator) ?? 0n,
      })),
      lsts: lsts.map(({ symbol }, i) => ({ symbol, rate: rates[i] ?? 0n, depegged: depegged[i] === true })),
    }
  }

  const task = createTask({
    everyMs: EVERY_MS,
    clock,
    work: look,
    onError: (what) => onError(`reading the LRT: ${what}`),
  })
  return { ...task, fact: () => newest, look }
}
