import { erc20Abi } from 'viem'
import { allocationManagerAbi } from '../../../chain/abi/allocationManager.ts'
import { delegationManagerAbi } from '../../../chain/abi/delegationManager.ts'
import { type OperatorPosition, type QueuedWithdrawal, type SetPosition, setName } from '../../../chain/position.ts'
import type { Address } from '../../../util/hex.ts'
import { needOperator, positionOf, same, serviceNameOf, strategyOf } from '../find.ts'
import type { Planner } from '../perform.ts'
import type { Later, Step } from '../plan.ts'
import { planKeyRemoval } from '../registrarKey.ts'
import type { OperatorSession, View } from '../session.ts'
import { slashableUntil, stakeText, tokensOf, tokenText } from '../stake.ts'
import { atBlock, forBlocks, list, percent } from '../words.ts'
import { modifications } from './allocate.ts'
import { leaving, tailOf } from './optOut.ts'

/** Withdrawals that are completed in one transaction: each takes at most about 0.3M gas a strategy. */
const WITHDRAWALS_AT_ONCE = 8

/**
 * The operator's way out: leaves all operator sets, takes all allocations back, queues its own stake for withdrawal, and
 * completes what has been in the queue for long enough. Run again after the delays, until nothing remains.
 */
export const exitPlanner: Planner = async (session, view) => {
  const position = await positionOf(session, view)
  needOperator(position)
  const label = (avs: Address) => serviceNameOf(session, avs) ?? avs
  const later: Later[] = []
  const steps = [
    ...byAvs(position.sets).flatMap(([avs, places]) => leaving(session, view, position, label(avs), places)),
    ...deallocation(session, view, position, label, later),
    ...queueing(session, view, position),
    ...completing(session, view, position, later),
  ]
  for (const { set, member, slashable } of position.sets) {
    if (!member) steps.push(...(await planKeyRemoval(session, view, set, slashable)).steps)
  }
  for (const place of position.sets) later.push(...tailOf(place, label(place.set.avs)))
  return { steps, notes: await notesOf(session, view, position, steps, later), later }
}

function byAvs(sets: readonly SetPosition[]): [Address, SetPosition[]][] {
  const found = new Map<Address, SetPosition[]>()
  for (const place of sets) found.set(place.set.avs, [...(found.get(place.set.avs) ?? []), place])
  return [...found]
}

/** One transaction for all allocations without a pending change. */
function deallocation(
  { deployment, operator }: OperatorSession,
  view: View,
  position: OperatorPosition,
  label: (avs: Address) => string,
  later: Later[],
): Step[] {
  const changes = position.sets.flatMap(({ set, allocations }) =>
    allocations.flatMap(({ strategy, magnitude, pending }) => {
      if (pending !== undefined && pending.magnitude > 0n) {
        later.push({
          what: `take back what ${label(set.avs)} has of ${strategyOf(position, strategy).symbol}, of which a change is pending: run lariat operator exit again`,
          fromBlock: pending.effectBlock,
        })
      }
      if (pending !== undefined || magnitude === 0n) return []
      return [{ set, strategy: strategyOf(position, strategy), after: 0n, magnitude }]
    }),
  )
  if (changes.length === 0) return []
  const until = Number(view.now.number) + 2 + position.deallocationDelay
  return [
    {
      what: `take back all allocations: ${list(changes.map(({ set, strategy, magnitude }) => `${percent(magnitude, strategy.maxMagnitude)} of ${strategy.symbol} (${stakeText(strategy, magnitude)}) from ${label(set.avs)}`))}`,
      consequences: [
        `What a set can slash now, it can slash for ${forBlocks(position.deallocationDelay, view)} more, through about ${atBlock(until, view)}.`,
        'The stake counts less or nothing in these services from their next epoch on.',
      ],
      to: deployment.core.allocationManager,
      abi: allocationManagerAbi,
      functionName: 'modifyAllocations',
      args: [operator, modifications(changes)],
      by: 'appointee',
    },
  ]
}

/** One transaction for all own stake. */
function queueing({ deployment }: OperatorSession, view: View, position: OperatorPosition): Step[] {
  const own = position.strategies.filter(({ withdrawable }) => withdrawable > 0n)
  if (own.length === 0) return []
  const from = Number(view.now.number) + 2 + position.withdrawalDelay
  return [
    {
      what: `queue own stake for withdrawal: ${list(own.map((one) => tokenText(one, tokensOf(one, one.withdrawable))))}`,
      consequences: [
        `It can be taken out from about ${atBlock(from, view)} on, by running lariat operator exit again.`,
        `For the ${forBlocks(position.withdrawalDelay, view)} in the queue it earns nothing, and a slash of the operator still takes its part of it.`,
        'What others have delegated is not touched: it is theirs to withdraw.',
      ],
      to: deployment.core.delegationManager,
      abi: delegationManagerAbi,
      functionName: 'queueWithdrawals',
      args: [
        [
          {
            strategies: own.map(({ strategy }) => strategy),
            depositShares: own.map(({ deposited }) => deposited),
            // the core ignores it
            __deprecated_withdrawer: position.operator,
          },
        ],
      ],
      by: 'operator',
    },
  ]
}

function completing({ deployment }: OperatorSession, view: View, position: OperatorPosition, later: Later[]): Step[] {
  const own = position.withdrawals.filter(({ withdrawal }) => same(withdrawal.withdrawer, position.operator))
  const ripe = own.filter(({ fromBlock }) => Number(view.now.number) >= fromBlock)
  for (const withdrawal of own) {
    if (ripe.includes(withdrawal)) continue
    later.push({
      what: `take out ${worth(withdrawal, position)}: run lariat operator exit again`,
      fromBlock: withdrawal.fromBlock,
    })
  }
  const steps: Step[] = []
  for (let at = 0; at < ripe.length; at += WITHDRAWALS_AT_ONCE) {
    const some = ripe.slice(at, at + WITHDRAWALS_AT_ONCE)
    steps.push({
      what: `take out ${list(some.map((withdrawal) => worth(withdrawal, position)))}`,
      consequences: [`The tokens go to ${position.operator}.`],
      to: deployment.core.delegationManager,
      abi: delegationManagerAbi,
      functionName: 'completeQueuedWithdrawals',
      args: [
        some.map(({ withdrawal }) => withdrawal),
        some.map(({ withdrawal }) => withdrawal.strategies.map((strategy) => strategyOf(position, strategy).token)),
        some.map(() => true),
      ],
      by: 'operator',
    })
  }
  return steps
}

function worth({ withdrawal, shares }: QueuedWithdrawal, position: OperatorPosition): string {
  return list(
    withdrawal.strategies.map((address, i) => {
      const strategy = strategyOf(position, address)
      return tokenText(strategy, tokensOf(strategy, shares[i] ?? 0n))
    }),
  )
}

async function notesOf(
  { operator }: OperatorSession,
  view: View,
  position: OperatorPosition,
  steps: readonly Step[],
  later: readonly Later[],
): Promise<string[]> {
  const notes = position.sets.flatMap((place) => {
    const until = slashableUntil(place)
    return until === undefined || !Number.isFinite(until)
      ? []
      : [`Slashable in ${setName(place.set)} through ${atBlock(until, view)}: keep the node running until then.`]
  })
  if (steps.length > 0 || later.length > 0) return notes
  // native ETH has no token
  const withToken = position.strategies.filter(({ token, strategy }) => !same(token, strategy))
  const balances = await Promise.all(
    withToken.map(async (strategy) => {
      const erc20 = { address: strategy.token, abi: erc20Abi } as const
      return tokenText(strategy, await view.read({ ...erc20, functionName: 'balanceOf', args: [operator] }))
    }),
  )
  return [
    ...notes,
    `The exit is complete: ${operator} has no stake of its own in the core, and no set can slash it. Its wallet holds ${list(balances)}.`,
    'It stays registered as an operator, which costs and risks nothing.',
  ]
}
