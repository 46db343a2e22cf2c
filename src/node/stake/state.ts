import { erc20Abi } from 'viem'
import { delegationManagerAbi } from '../../chain/abi/delegationManager.ts'
import { lrtVaultAbi } from '../../chain/abi/lrtVault.ts'
import { stETHAbi } from '../../chain/abi/stETH.ts'
import type { LstEntry } from '../../chain/deployment.ts'
import type { ChainReader } from '../../chain/types.ts'
import type { Address } from '../../util/hex.ts'
import type { StakeSession } from './session.ts'

/** Requests of the queue that are looked through for the account's own; its place in a longer queue is not told. */
const MAX_REQUESTS = 200n
const ONE = 10n ** 18n

type Reads = Pick<ChainReader, 'read'>

/** The LRT as a holder sees it. Rates and values are wei of ETH. */
export interface LrtState {
  readonly symbol: string
  readonly rate: bigint
  readonly isOpen: boolean
  readonly paused: boolean
  /** What the account has. */
  readonly shares: bigint
  readonly value: bigint
  readonly lsts: readonly {
    readonly token: Address
    readonly entry: Address
    readonly market: { readonly feed: Address; readonly heartbeat: number; readonly bps: number }
  }[]
  readonly operators: readonly { readonly operator: Address; readonly targetBps: number }[]
  /** Blocks that an exit takes at least. */
  readonly exitBlocks: number
}

export async function readLrt({ lrt, account }: StakeSession, { read }: Reads): Promise<LrtState> {
  const vault = { address: lrt.vault, abi: lrtVaultAbi, args: [] } as const
  const token = { address: lrt.token, abi: erc20Abi } as const
  const [symbol, rate, isOpen, paused, shares, lsts, operators, delegation] = await Promise.all([
    read({ ...token, functionName: 'symbol', args: [] }),
    read({ ...vault, functionName: 'getRate' }),
    read({ ...vault, functionName: 'isOpen' }),
    read({ ...vault, functionName: 'paused' }),
    read({ ...token, functionName: 'balanceOf', args: [account] }),
    read({ ...vault, functionName: 'lsts' }),
    read({ ...vault, functionName: 'operators' }),
    read({ ...vault, functionName: 'delegation' }),
  ])
  const delay = await read({
    address: delegation,
    abi: delegationManagerAbi,
    functionName: 'minWithdrawalDelayBlocks',
    args: [],
  })
  return { symbol, rate, isOpen, paused, shares, value: (shares * rate) / ONE, lsts, operators, exitBlocks: delay + 1 }
}

/** The account's exits. */
export interface Exits {
  /** Shares that wait. */
  readonly pending: bigint
  /** Block from which the first of them can be paid out; undefined when none is found near the head of the queue. */
  readonly readyBlock: number | undefined
  /** Amounts that can be claimed, of LSTs that have any. */
  readonly claimable: readonly { readonly symbol: string; readonly amount: bigint }[]
}

export async function readExits(session: StakeSession, { read }: Reads): Promise<Exits> {
  const { lrt, lsts, account } = session
  const vault = { address: lrt.vault, abi: lrtVaultAbi } as const
  const state = await readLrt(session, { read })
  const pending = await Promise.all(
    state.lsts.map(({ entry }) => read({ ...vault, functionName: 'pendingOf', args: [entry, account] })),
  )
  const amounts = await Promise.all(
    lsts.map(async (lst) => {
      const { units } = await read({ ...vault, functionName: 'claimableOf', args: [lst.token, account] })
      return { symbol: lst.symbol, amount: await amountOf({ read }, lst, units) }
    }),
  )
  const waiting = pending.reduce((a, b) => a + b, 0n)
  return {
    pending: waiting,
    readyBlock: waiting === 0n ? undefined : await firstReady(session, { read }, state.exitBlocks),
    claimable: amounts.filter(({ amount }) => amount > 0n),
  }
}

async function firstReady({ lrt, account }: StakeSession, { read }: Reads, exitBlocks: number) {
  const vault = { address: lrt.vault, abi: lrtVaultAbi } as const
  const [head, tail] = await Promise.all([
    read({ ...vault, functionName: 'queueHead', args: [] }),
    read({ ...vault, functionName: 'queueTail', args: [] }),
  ])
  for (let i = head; i < tail && i < head + MAX_REQUESTS; i++) {
    const { controller, requestBlock } = await read({ ...vault, functionName: 'exitRequest', args: [i] })
    if (controller === account) return Number(requestBlock) + exitBlocks
  }
  return undefined
}

/** As `balanceOf` counts it. */
export function readLstBalance({ read }: Reads, { token }: Pick<LstEntry, 'token'>, account: Address): Promise<bigint> {
  return read({ address: token, abi: erc20Abi, functionName: 'balanceOf', args: [account] })
}

/** Amount of units: of stETH, whose units are shares, what they are worth now. */
async function amountOf({ read }: Reads, { kind, token }: LstEntry, units: bigint): Promise<bigint> {
  if (kind !== 'steth' || units === 0n) return units
  return read({ address: token, abi: stETHAbi, functionName: 'getPooledEthByShares', args: [units] })
}
