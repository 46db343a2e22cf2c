import { allocationManagerAbi } from '../../../chain/abi/allocationManager.ts'
import type { OperatorSet } from '../../../chain/core.ts'
import type { OperatorPosition, SetPosition, StrategyPosition } from '../../../chain/position.ts'
import { LariatError } from '../../../util/errors.ts'
import { type Avs, chooseStrategies, findAvs, needOperator, positionOf, same, setOf, strategyOf } from '../find.ts'
import type { Planner } from '../perform.ts'
import type { Step } from '../plan.ts'
import type { OperatorSession, View } from '../session.ts'
import { freeMagnitude, stakeText } from '../stake.ts'
import { atBlock, forBlocks, list, percent } from '../words.ts'

/** Parts of the whole (1e18) that a set shall have; `max` is all that is free besides what it has. */
export type Magnitude = bigint | 'max'

export interface AllocateOptions {
  readonly direction: 'allocate' | 'deallocate'
  readonly avs: string
  readonly sets: readonly number[]
  /** Symbols or addresses; all that the sets count and the operator has stake in when empty. */
  readonly strategies: readonly string[]
  /** What each set shall have of the operator's stake in each strategy afterwards, 1e18 for all of it. */
  readonly magnitude: Magnitude
}

const WAD = 10n ** 18n

/** A change of one allocation. */
interface Change {
  readonly place: SetPosition
  readonly strategy: StrategyPosition
  readonly before: bigint
  readonly after: bigint
}

/** Gives stake to the operator sets of an AVS, or takes it back. What they shall have is named, so doing it twice does nothing. */
export function allocatePlanner(options: AllocateOptions): Planner {
  return async (session, view) => {
    const avs = await findAvs(session, view, options.avs, options.sets)
    const position = await positionOf(session, view, avs.sets)
    needOperator(position)
    if (position.allocationDelay === undefined) {
      throw new LariatError(
        'operator.allocation-delay',
        'the operator has never set its allocation delay: run lariat operator allocation-delay BLOCKS, and allocate when it counts',
      )
    }
    const notes: string[] = []
    const changes = avs.sets.flatMap((set) => changesOf(options, position, avs, setOf(position, set), view, notes))
    if (changes.length === 0) return { steps: [], notes, later: [] }
    const step = modification(session, options, view, position, avs, changes)
    return { steps: [step], notes, later: [] }
  }
}

function changesOf(
  { direction, strategies: named, magnitude }: AllocateOptions,
  position: OperatorPosition,
  { label }: Avs,
  place: SetPosition,
  view: View,
  notes: string[],
): Change[] {
  const all = (direction === 'allocate' ? place.strategies : place.allocations.map(({ strategy }) => strategy)).map(
    (address) => strategyOf(position, address),
  )
  const has = ({ strategy }: StrategyPosition) =>
    place.allocations.some((one) => same(one.strategy, strategy) && (one.magnitude > 0n || one.pending !== undefined))
  const unnamed = direction === 'allocate' ? all.filter(({ shares }) => shares > 0n) : all.filter(has)
  if (direction === 'deallocate' && unnamed.length === 0) {
    notes.push(`operator set ${place.set.id} of ${label} has none of the stake.`)
    return []
  }
  const chosen = chooseStrategies(named, named.length === 0 ? unnamed : all, label)
  if (direction === 'allocate' && (chosen.length === 0 || chosen.some(({ shares }) => shares === 0n))) {
    const symbols =
      chosen.length === 0 ? list(all.map(({ symbol }) => symbol)) || label : list(chosen.map(({ symbol }) => symbol))
    throw new LariatError(
      'operator.no-stake',
      `${position.operator} has no stake in ${symbols} to allocate: have some delegated to it, or deposit own tokens with lariat operator register --stake`,
      { operator: position.operator },
    )
  }
  return chosen.flatMap((strategy): Change[] => {
    const current = place.allocations.find((allocation) => same(allocation.strategy, strategy.strategy))
    const before = current?.magnitude ?? 0n
    const pending = current?.pending
    const free = freeMagnitude(strategy)
    const after =
      magnitude === 'max' ? (pending?.magnitude ?? before) + free : (strategy.maxMagnitude * magnitude) / WAD
    const where = `operator set ${place.set.id} of ${label}`
    const hasNow = `${percent(before, strategy.maxMagnitude)} of the stake in ${strategy.symbol}`
    if (pending !== undefined) {
      const coming = `${percent(pending.magnitude, strategy.maxMagnitude)}, from ${atBlock(pending.effectBlock, view)} on`
      if (pending.magnitude === after) {
        notes.push(`${where} has ${hasNow}, and will have ${coming}.`)
        return []
      }
      throw new LariatError(
        'operator.pending',
        `${where} has ${hasNow}, and a change to ${coming} is pending; the core takes one at a time: run the command again from block ${pending.effectBlock} on`,
        { effectBlock: pending.effectBlock },
      )
    }
    if (before === after) {
      notes.push(`${where} has ${hasNow}.`)
      return []
    }
    if (after < before && direction === 'allocate') {
      throw new LariatError(
        'usage.magnitude',
        `${where} has ${hasNow} already, which is more than that: use lariat operator deallocate to take some back`,
      )
    }
    if (after > before && direction === 'deallocate') {
      if (magnitude === 0n) return []
      throw new LariatError(
        'usage.magnitude',
        `${where} has only ${hasNow}: use lariat operator allocate to give it more`,
      )
    }
    if (after - before > free) {
      throw new LariatError(
        'operator.magnitude',
        `${percent(after - before, strategy.maxMagnitude)} more of the stake in ${strategy.symbol} is wanted and ${percent(free, strategy.maxMagnitude)} is free: deallocate from another set first, or allocate less (--magnitude max takes what is free)`,
        { free, wanted: after - before },
      )
    }
    return [{ place, strategy, before, after }]
  })
}

function modification(
  { deployment, operator }: OperatorSession,
  { direction }: AllocateOptions,
  view: View,
  position: OperatorPosition,
  { label }: Avs,
  changes: readonly Change[],
): Step {
  return {
    what: direction === 'allocate' ? giving(changes, label) : takingBack(changes, label),
    consequences: changes.flatMap((change) =>
      direction === 'allocate' ? gains(change, label, view, position) : frees(change, label, view, position),
    ),
    to: deployment.core.allocationManager,
    abi: allocationManagerAbi,
    functionName: 'modifyAllocations',
    args: [operator, modifications(changes.map(({ place, strategy, after }) => ({ set: place.set, strategy, after })))],
    by: 'appointee',
  }
}

function giving(changes: readonly Change[], label: string): string {
  const parts = changes.map(
    ({ strategy, after }) =>
      `${percent(after, strategy.maxMagnitude)} of the stake in ${strategy.symbol} (${stakeText(strategy, after)} now)`,
  )
  return `let ${label} have ${list(parts)}`
}

function takingBack(changes: readonly Change[], label: string): string {
  const parts = changes.map(
    ({ strategy, before, after }) =>
      `${stakeText(strategy, before - after)} from ${label}, which keeps ${after === 0n ? 'none' : `${percent(after, strategy.maxMagnitude)} of the stake in ${strategy.symbol} (${stakeText(strategy, after)} now)`}`,
  )
  return `take back ${list(parts)}`
}

/** `AllocateParams[]`, one for each set. */
export function modifications(
  changes: readonly {
    readonly set: OperatorSet
    readonly strategy: Pick<StrategyPosition, 'strategy'>
    readonly after: bigint
  }[],
) {
  const sets = [...new Map(changes.map(({ set }) => [`${set.avs}/${set.id}`, set])).values()]
  return sets.map((operatorSet) => {
    const own = changes.filter(({ set }) => set.avs === operatorSet.avs && set.id === operatorSet.id)
    return {
      operatorSet,
      strategies: own.map(({ strategy }) => strategy.strategy),
      newMagnitudes: own.map(({ after }) => after),
    }
  })
}

function gains(
  { place, strategy, before, after }: Change,
  label: string,
  view: View,
  position: OperatorPosition,
): string[] {
  const delay = position.allocationDelay ?? 0
  const from = Number(view.now.number) + 1 + delay
  const added = stakeText(strategy, after - before)
  return [
    place.slashable
      ? `From ${delay === 0 ? 'its block' : `about ${atBlock(from, view)}`} on, ${label} can slash ${added} more, of own stake and of what others delegated alike.`
      : `${added} more can be slashed from the block on in which the operator joins operator set ${place.set.id}${delay === 0 ? '' : `, and not before ${atBlock(from, view)}`}.`,
    `Taking it back takes ${forBlocks(position.deallocationDelay + 1, view)}, in which it can still be slashed. No other set can have it meanwhile.`,
    ...(place.redistributesTo === undefined
      ? []
      : [
          `This set does not burn what it slashes but sends it to ${place.redistributesTo}: whoever holds that gains by slashing.`,
        ]),
  ]
}

function frees(
  { place, strategy, before, after }: Change,
  label: string,
  view: View,
  position: OperatorPosition,
): string[] {
  const freed = stakeText(strategy, before - after)
  const counted = place.strategies.some((address) => same(address, strategy.strategy))
  if (!place.slashable || !counted) return [`${freed} is free at once: this set cannot slash it.`]
  const until = Number(view.now.number) + 1 + position.deallocationDelay
  return [
    `${freed} can be slashed for ${forBlocks(position.deallocationDelay, view)} more, through about ${atBlock(until, view)}, and is free after that.`,
    `Until then this allocation cannot be changed again. The operator's weight in ${label} falls at its next epoch.`,
  ]
}
