import { erc20Abi } from 'viem'
import { LariatError } from '../util/errors.ts'
import type { Address } from '../util/hex.ts'
import { allocationManagerAbi } from './abi/allocationManager.ts'
import { delegationManagerAbi } from './abi/delegationManager.ts'
import { strategyAbi } from './abi/strategy.ts'
import type { OperatorSet } from './core.ts'
import type { Deployment } from './deployment.ts'
import type { Departure } from './events.ts'
import type { Snapshot } from './snapshot.ts'

/** One of the strategies that an operator has to do with. */
export interface StrategyPosition {
  readonly strategy: Address
  readonly token: Address
  readonly symbol: string
  /** Of the token. */
  readonly decimals: number
  /** Shares that all stakers have delegated to the operator. */
  readonly shares: bigint
  /** The operator's own deposit shares, and what of them it could take out now, after slashes. */
  readonly deposited: bigint
  readonly withdrawable: bigint
  /** 1e18 less what was slashed, and how much of it is promised to operator sets. */
  readonly maxMagnitude: bigint
  readonly encumbered: bigint
  /** Units of the token that 1e18 shares stand for. */
  readonly rate: bigint
}

/** A change of an allocation that is on its way. */
export interface PendingMagnitude {
  readonly magnitude: bigint
  /** First block in which it counts. */
  readonly effectBlock: number
}

/** What a set may slash of the operator's stake in one strategy. */
export interface SetAllocation {
  readonly strategy: Address
  /** Part of 1e18 that counts now. */
  readonly magnitude: bigint
  readonly pending: PendingMagnitude | undefined
}

/** The operator's place in one operator set. */
export interface SetPosition {
  readonly set: OperatorSet
  readonly member: boolean
  /** Whether the set can slash now; for one that left, until the delay is over. */
  readonly slashable: boolean
  /** Last block in which one that left can be slashed; undefined for a member. */
  readonly leavesAfter: number | undefined
  /** Who gets what is slashed, in a set that does not burn it. */
  readonly redistributesTo: Address | undefined
  /** Strategies of which the set can slash. */
  readonly strategies: readonly Address[]
  readonly allocations: readonly SetAllocation[]
}

/** A withdrawal of the operator's own stake that is in the core's queue. */
export interface QueuedWithdrawal {
  readonly withdrawal: {
    readonly staker: Address
    readonly delegatedTo: Address
    readonly withdrawer: Address
    readonly nonce: bigint
    readonly startBlock: number
    readonly strategies: readonly Address[]
    readonly scaledShares: readonly bigint[]
  }
  /** Shares that it would pay now, by strategy; a slash in the queue lowers them. */
  readonly shares: readonly bigint[]
  /** First block in which it can be completed. */
  readonly fromBlock: number
}

/** Where an operator stands with the core, as of one block. */
export interface OperatorPosition {
  readonly operator: Address
  readonly isOperator: boolean
  /** Whom the account is delegated to; itself for an operator, the zero address for nobody. */
  readonly delegatedTo: Address
  /** Blocks from an allocation until it counts; undefined while none was ever set. */
  readonly allocationDelay: number | undefined
  /** Blocks that stake stays slashable after it was deallocated or its set was left. */
  readonly deallocationDelay: number
  /** Blocks until a changed allocation delay counts. */
  readonly configurationDelay: number
  /** Blocks that a withdrawal stays in the queue. */
  readonly withdrawalDelay: number
  readonly strategies: readonly StrategyPosition[]
  readonly sets: readonly SetPosition[]
  readonly withdrawals: readonly QueuedWithdrawal[]
}

/** Withdrawals that an account may have in the queue before we refuse to read on: far more than a life has. */
const MAX_WITHDRAWALS = 256

export interface PositionOptions {
  readonly snapshot: Snapshot
  readonly deployment: Pick<Deployment, 'core' | 'strategies'>
  readonly operator: Address
  /** Sets to look at besides those that the core lists for the operator: ones that it may be about to join. */
  readonly also?: readonly OperatorSet[]
  /** Sets that it left lately (`findDepartures` over the core's DEALLOCATION_DELAY). */
  readonly left?: readonly Departure[]
}

/** @throws LariatError `chain.unavailable`, `chain.reverted`, `chain.no-contract`, `operator.withdrawals` */
export async function readPosition(options: PositionOptions): Promise<OperatorPosition> {
  const { snapshot, deployment, operator, also = [], left = [] } = options
  const { read } = snapshot
  const delegation = { address: deployment.core.delegationManager, abi: delegationManagerAbi } as const
  const allocation = { address: deployment.core.allocationManager, abi: allocationManagerAbi } as const
  const [isOperator, delegatedTo, [delaySet, delay], deallocationDelay, configurationDelay, withdrawalDelay] =
    await Promise.all([
      read({ ...delegation, functionName: 'isOperator', args: [operator] }),
      read({ ...delegation, functionName: 'delegatedTo', args: [operator] }),
      read({ ...allocation, functionName: 'getAllocationDelay', args: [operator] }),
      read({ ...allocation, functionName: 'DEALLOCATION_DELAY', args: [] }),
      read({ ...allocation, functionName: 'ALLOCATION_CONFIGURATION_DELAY', args: [] }),
      read({ ...delegation, functionName: 'minWithdrawalDelayBlocks', args: [] }),
    ])
  const [registered, allocated, [own], withdrawals] = await Promise.all([
    read({ ...allocation, functionName: 'getRegisteredSets', args: [operator] }),
    read({ ...allocation, functionName: 'getAllocatedSets', args: [operator] }),
    read({ ...delegation, functionName: 'getDepositedShares', args: [operator] }),
    readWithdrawals(options, withdrawalDelay),
  ])
  const sets = await Promise.all(
    unique([...registered, ...allocated, ...left.map(({ set }) => set), ...also], setName).map((set) =>
      readSet(options, set, deallocationDelay),
    ),
  )
  const strategies = unique(
    [
      ...deployment.strategies.map(({ strategy }) => strategy),
      ...own,
      ...sets.flatMap(({ allocations }) => allocations.map(({ strategy }) => strategy)),
      ...withdrawals.flatMap(({ withdrawal }) => withdrawal.strategies),
    ],
    (address) => address.toLowerCase(),
  )
  return {
    operator,
    isOperator,
    delegatedTo,
    allocationDelay: delaySet ? delay : undefined,
    deallocationDelay,
    configurationDelay,
    withdrawalDelay,
    strategies: await Promise.all(strategies.map((strategy) => readStrategy(options, strategy))),
    sets,
    withdrawals,
  }
}

async function readSet(
  { snapshot: { read, block }, deployment, operator, left = [] }: PositionOptions,
  set: OperatorSet,
  deallocationDelay: number,
): Promise<SetPosition> {
  const allocation = { address: deployment.core.allocationManager, abi: allocationManagerAbi } as const
  const [member, slashable, redistributes, strategies, allocated] = await Promise.all([
    read({ ...allocation, functionName: 'isMemberOfOperatorSet', args: [operator, set] }),
    read({ ...allocation, functionName: 'isOperatorSlashable', args: [operator, set] }),
    read({ ...allocation, functionName: 'isRedistributingOperatorSet', args: [set] }),
    read({ ...allocation, functionName: 'getStrategiesInOperatorSet', args: [set] }),
    read({ ...allocation, functionName: 'getAllocatedStrategies', args: [operator, set] }),
  ])
  const recipient = redistributes
    ? await read({ ...allocation, functionName: 'getRedistributionRecipient', args: [set] })
    : undefined
  const both = unique([...strategies, ...allocated], (address) => address.toLowerCase())
  const allocations = await Promise.all(
    both.map(async (strategy): Promise<SetAllocation> => {
      const { currentMagnitude, pendingDiff, effectBlock } = await read({
        ...allocation,
        functionName: 'getAllocation',
        args: [operator, set, strategy],
      })
      const pending = pendingDiff === 0n ? undefined : { magnitude: currentMagnitude + pendingDiff, effectBlock }
      return { strategy, magnitude: currentMagnitude, pending }
    }),
  )
  // The departure's block is only in an event; without it, the latest that it can have been is now.
  const departed = left.findLast((departure) => setName(departure.set) === setName(set))?.block ?? block.number
  return {
    set,
    member,
    slashable,
    leavesAfter: member || !slashable ? undefined : Number(departed) + deallocationDelay,
    redistributesTo: recipient,
    strategies,
    allocations,
  }
}

/** Stands for ETH of validators in EigenLayer's core: no contract is there. */
const NATIVE_STRATEGY = '0xbeaC0eeEeeeeEEeEeEEEEeeEEeEeeeEeeEEBEaC0'

/** What a strategy holds, as its contract and its token tell. */
type Held = Pick<StrategyPosition, 'token' | 'symbol' | 'decimals' | 'rate'>

async function readStrategy(options: PositionOptions, strategy: Address): Promise<StrategyPosition> {
  const { snapshot, deployment, operator } = options
  const { read } = snapshot
  const delegation = { address: deployment.core.delegationManager, abi: delegationManagerAbi } as const
  const allocation = { address: deployment.core.allocationManager, abi: allocationManagerAbi } as const
  const [held, shares, [withdrawable, deposited], maxMagnitude, encumbered] = await Promise.all([
    readHeld(options, strategy),
    read({ ...delegation, functionName: 'operatorShares', args: [operator, strategy] }),
    read({ ...delegation, functionName: 'getWithdrawableShares', args: [operator, [strategy]] }),
    read({ ...allocation, functionName: 'getMaxMagnitude', args: [operator, strategy] }),
    read({ ...allocation, functionName: 'getEncumberedMagnitude', args: [operator, strategy] }),
  ])
  return {
    strategy,
    ...held,
    shares,
    deposited: deposited[0] ?? 0n,
    withdrawable: withdrawable[0] ?? 0n,
    maxMagnitude,
    encumbered,
  }
}

async function readHeld({ snapshot: { read }, deployment }: PositionOptions, strategy: Address): Promise<Held> {
  if (strategy.toLowerCase() === NATIVE_STRATEGY.toLowerCase()) {
    return { token: NATIVE_STRATEGY, symbol: 'ETH', decimals: 18, rate: 10n ** 18n }
  }
  const known = deployment.strategies.find((entry) => entry.strategy.toLowerCase() === strategy.toLowerCase())
  const contract = { address: strategy, abi: strategyAbi } as const
  const token = known?.token ?? (await read({ ...contract, functionName: 'underlyingToken', args: [] }))
  const erc20 = { address: token, abi: erc20Abi } as const
  const [rate, symbol, decimals] = await Promise.all([
    read({ ...contract, functionName: 'sharesToUnderlyingView', args: [10n ** 18n] }),
    // some old tokens answer with 32 bytes instead of a string
    known?.symbol ??
      read({ ...erc20, functionName: 'symbol', args: [] }).then(
        (text) => clean(text) || shortened(token),
        () => shortened(token),
      ),
    read({ ...erc20, functionName: 'decimals', args: [] }).catch(() => 18),
  ])
  return { token, symbol, decimals, rate }
}

async function readWithdrawals(
  { snapshot: { read }, deployment, operator }: PositionOptions,
  delay: number,
): Promise<readonly QueuedWithdrawal[]> {
  const [withdrawals, shares] = await read({
    address: deployment.core.delegationManager,
    abi: delegationManagerAbi,
    functionName: 'getQueuedWithdrawals',
    args: [operator],
  })
  if (withdrawals.length > MAX_WITHDRAWALS) {
    throw new LariatError(
      'operator.withdrawals',
      `${operator} has ${withdrawals.length} withdrawals in the core's queue, more than the ${MAX_WITHDRAWALS} that this command handles: complete some with another tool`,
      { operator, withdrawals: withdrawals.length },
    )
  }
  return withdrawals.map((withdrawal, i) => ({
    withdrawal,
    shares: shares[i] ?? [],
    // the core wants strictly more than the delay
    fromBlock: withdrawal.startBlock + delay + 1,
  }))
}

/** Longest symbol that is shown, characters; tokens may call themselves anything. */
const MAX_SYMBOL = 16

/** A symbol is a stranger's text: nothing but what cannot harm a terminal. */
function clean(symbol: string): string {
  return symbol.replaceAll(/[^\w.+-]/g, '').slice(0, MAX_SYMBOL)
}

function shortened(token: Address): string {
  return `${token.slice(0, 8)}…`
}

/** Names a set for maps. */
export function setName({ avs, id }: OperatorSet): string {
  return `${avs.toLowerCase()}/${id}`
}

function unique<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()]
}
