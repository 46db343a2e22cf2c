import { erc20Abi, zeroAddress } from 'viem'
import { delegationManagerAbi } from '../../../chain/abi/delegationManager.ts'
import { strategyManagerAbi } from '../../../chain/abi/strategyManager.ts'
import type { StrategyPosition } from '../../../chain/position.ts'
import { LariatError } from '../../../util/errors.ts'
import { chooseStrategies, positionOf, same } from '../find.ts'
import type { Planner } from '../perform.ts'
import type { Step } from '../plan.ts'
import type { OperatorSession, View } from '../session.ts'
import { tokensOf, tokenText } from '../stake.ts'
import { atBlock, forBlocks } from '../words.ts'

/** Own stake that the operator shall have. */
export interface StakeTarget {
  /** Symbol or address of a strategy; undefined for every strategy of the deployment. */
  readonly strategy: string | undefined
  /** A decimal number of tokens. */
  readonly tokens: string
}

export interface RegisterOptions {
  readonly metadataUri: string
  /** Blocks from an allocation until it counts. */
  readonly allocationDelay: number
  readonly stakes: readonly StakeTarget[]
}

/** Own stake may miss its target by this part of it: shares and rebasing tokens round, and a second deposit of a few wei would be in vain. */
const TOLERANCE = 1_000_000_000n

/** Registers the operator with the core, and deposits own tokens until as much is staked as wanted. */
export function registerPlanner({ metadataUri, allocationDelay, stakes }: RegisterOptions): Planner {
  return async (session, view) => {
    const { deployment, operator } = session
    const position = await positionOf(session, view)
    const notes: string[] = []
    const steps: Step[] = []
    if (position.isOperator) notes.push(`${operator} is registered as an operator.`)
    else {
      if (position.delegatedTo !== zeroAddress && !same(position.delegatedTo, operator)) {
        throw new LariatError(
          'operator.delegated',
          `${operator} is delegated to ${position.delegatedTo} as a staker, and an operator is delegated to itself: undelegate it first, or use another account`,
          { operator, delegatedTo: position.delegatedTo },
        )
      }
      steps.push({
        what: 'register as an operator with the core',
        consequences: [
          `${operator} is then an operator for good: it is delegated to itself and can never delegate to another one.`,
          `Anybody may delegate stake to it. What it allocates counts ${allocationDelay === 0 ? 'at once' : `after ${forBlocks(allocationDelay, view)}`} (allocation delay); a later change of that takes ${forBlocks(position.configurationDelay, view)}.`,
          'Nothing can be slashed yet: that begins with opt-in and allocate.',
        ],
        to: deployment.core.delegationManager,
        abi: delegationManagerAbi,
        functionName: 'registerAsOperator',
        args: [zeroAddress, allocationDelay, metadataUri],
        by: 'operator',
      })
    }
    for (const { strategy, tokens } of targets(stakes, position.strategies)) {
      steps.push(...(await deposit(session, view, strategy, tokens, position.withdrawalDelay, notes)))
    }
    return { steps, notes, later: [] }
  }
}

function targets(stakes: readonly StakeTarget[], strategies: readonly StrategyPosition[]) {
  return stakes.flatMap(({ strategy, tokens }) =>
    chooseStrategies(strategy === undefined ? [] : [strategy], strategies, 'the deployment').map((position) => ({
      strategy: position,
      tokens: toUnits(tokens, position),
    })),
  )
}

function toUnits(tokens: string, { decimals, symbol }: StrategyPosition): bigint {
  const [whole = '', fraction = ''] = tokens.split('.')
  if (fraction.length > decimals) {
    throw new LariatError('usage.stake', `${tokens} has more digits than ${symbol}, which has ${decimals}: round it`)
  }
  return BigInt(whole + fraction.padEnd(decimals, '0'))
}

async function deposit(
  { deployment, operator }: OperatorSession,
  view: View,
  position: StrategyPosition,
  wanted: bigint,
  withdrawalDelay: number,
  notes: string[],
): Promise<Step[]> {
  const { strategy, token, symbol } = position
  const staked = tokensOf(position, position.withdrawable)
  const lacking = wanted - staked
  if (lacking * TOLERANCE <= wanted) {
    notes.push(`${tokenText(position, staked)} of its own are staked.`)
    return []
  }
  const { strategyManager } = deployment.core
  const erc20 = { address: token, abi: erc20Abi } as const
  const [balance, allowance] = await Promise.all([
    view.read({ ...erc20, functionName: 'balanceOf', args: [operator] }),
    view.read({ ...erc20, functionName: 'allowance', args: [operator, strategyManager] }),
  ])
  if (balance < lacking) {
    throw new LariatError(
      'operator.tokens',
      `${operator} has ${tokenText(position, balance)} and ${tokenText(position, lacking)} are to be deposited: send it more, or stake less`,
      { token, balance, lacking },
    )
  }
  const approve: Step = {
    what: `approve ${tokenText(position, lacking)} for deposit`,
    consequences: [
      `The core's StrategyManager ${strategyManager} may take that much ${symbol}, which the deposit uses up.`,
    ],
    to: token,
    abi: erc20Abi,
    functionName: 'approve',
    args: [strategyManager, lacking],
    by: 'operator',
  }
  return [
    ...(allowance < lacking ? [approve] : []),
    {
      what: `deposit ${tokenText(position, lacking)}`,
      consequences: [
        `It is then own stake in strategy ${strategy}, besides ${tokenText(position, staked)} there.`,
        `Taking it back takes ${forBlocks(withdrawalDelay, view)} in the core's queue, where it can still be slashed: not before ${atBlock(Number(view.now.number) + withdrawalDelay + 1, view)}.`,
      ],
      to: strategyManager,
      abi: strategyManagerAbi,
      functionName: 'depositIntoStrategy',
      args: [strategy, token, lacking],
      by: 'operator',
    },
  ]
}
