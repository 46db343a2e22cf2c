import { allocationManagerAbi } from '../../../chain/abi/allocationManager.ts'
import { serviceManagerAbi } from '../../../chain/abi/serviceManager.ts'
import type { OperatorPosition, SetPosition } from '../../../chain/position.ts'
import { findAvs, needOperator, positionOf, setOf, strategyOf } from '../find.ts'
import type { Planner } from '../perform.ts'
import type { Later, Step } from '../plan.ts'
import type { OperatorSession, View } from '../session.ts'
import { slashableUntil, stakeText } from '../stake.ts'
import { atBlock, forBlocks, list } from '../words.ts'

/** Leaves the operator sets of an AVS. */
export function optOutPlanner({
  avs: text,
  sets,
}: {
  readonly avs: string
  readonly sets: readonly number[]
}): Planner {
  return async (session, view) => {
    const avs = await findAvs(session, view, text, sets)
    const position = await positionOf(session, view, avs.sets)
    needOperator(position)
    const places = avs.sets.map((set) => setOf(position, set))
    const left = places.filter(({ member }) => !member)
    return {
      steps: leaving(session, view, position, avs.label, places),
      notes: left.map(({ set }) => `${session.operator} is not in operator set ${set.id} of ${avs.label}.`),
      later: left.flatMap((place) => tailOf(place, avs.label)),
    }
  }
}

/** One transaction that leaves those of `places`, which are of one AVS, in which the operator is. */
export function leaving(
  { deployment, operator }: Pick<OperatorSession, 'deployment' | 'operator'>,
  view: View,
  position: OperatorPosition,
  label: string,
  places: readonly SetPosition[],
): Step[] {
  const joined = places.filter(({ member }) => member)
  const [first] = joined
  if (first === undefined) return []
  const until = Number(view.now.number) + 1 + position.deallocationDelay
  const ids = joined.map(({ set }) => set.id)
  const stakes = joined.flatMap((place) => stakesOf(place, position))
  return [
    {
      what: `leave operator set${ids.length === 1 ? '' : 's'} ${list(ids.map(String))} of ${label}`,
      consequences: [
        stakes.length === 0
          ? 'No stake is allocated to it, so nothing can be slashed.'
          : `${list(stakes)} can be slashed for ${forBlocks(position.deallocationDelay, view)} more, through about ${atBlock(until, view)}: keep the node running until then.`,
        `It can join again only ${forBlocks(position.deallocationDelay, view)} after it has left, and a service of Lariat then wants a new BLS key.`,
      ],
      to: deployment.core.allocationManager,
      abi: [...allocationManagerAbi, ...serviceManagerAbi],
      functionName: 'deregisterFromOperatorSets',
      args: [{ operator, avs: first.set.avs, operatorSetIds: ids }],
      by: 'appointee',
    },
  ]
}

/** What an operator that left a set still has to wait for. */
export function tailOf(place: SetPosition, label: string): Later[] {
  const until = slashableUntil(place)
  if (place.member || until === undefined || !Number.isFinite(until)) return []
  return [
    {
      what: `stop serving ${label}, where the operator can be slashed until then (take it out of the node's configuration)`,
      fromBlock: until + 1,
    },
  ]
}

function stakesOf({ allocations }: SetPosition, position: OperatorPosition): string[] {
  return allocations
    .filter(({ magnitude, pending }) => magnitude > 0n || (pending?.magnitude ?? 0n) > 0n)
    .map(({ strategy, magnitude, pending }) => {
      const larger = pending !== undefined && pending.magnitude > magnitude ? pending.magnitude : magnitude
      return stakeText(strategyOf(position, strategy), larger)
    })
}
