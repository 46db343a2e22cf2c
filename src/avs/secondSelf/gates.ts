import type { Gate } from '../../signer/gate.ts'
import type { Clock } from '../../util/clock.ts'
import { LariatError } from '../../util/errors.ts'
import type { FollowedChain } from '../ports.ts'
import type { Sightings } from './sighting.ts'

/** Default of `secondSelf.silentSlots`: long enough for what another instance signs to reach us, by gossip after one slot at the latest. */
export const DEFAULT_SILENT_SLOTS = 3

/** ms for each silent slot of a service whose plug-in names the slots: they may be days apart, and peers greet with the newest certificate at once. */
const SILENT_SLOT_MS = 2_000

/**
 * Refuses the first `slots` different slots after a start, so that another instance is seen before this one signs.
 * @param slots 0 signs at once
 * @param clock given where slots come by themselves: then silence ends after a time
 */
export function silenceAtStart(slots: number, clock?: Pick<Clock, 'now'>): Gate {
  const silent = new Set<bigint>()
  const until = clock === undefined ? Number.POSITIVE_INFINITY : clock.now() + slots * SILENT_SLOT_MS
  return ({ statement }) => {
    if (clock !== undefined && clock.now() >= until) return undefined
    if (silent.size < slots) silent.add(statement.slot)
    if (!silent.has(statement.slot)) return undefined
    return new LariatError(
      'signer.silent',
      `slot ${statement.slot} is one of the first ${slots} after the start, in which this node only listens`,
      { slot: statement.slot },
    )
  }
}

/** Refuses everything once another instance has been sighted, until an operator's command. */
export function stopAfterSighting(sightings: Sightings): Gate {
  return () => {
    const sighting = sightings.current()
    return sighting === undefined
      ? undefined
      : new LariatError('signer.second-self', `${sighting.reason}: find and stop it, then run lariat resume`)
  }
}

/** Refuses while one of the named chains is distrusted, or is not followed at all. */
export function unlessDistrusted(names: readonly string[], chains: ReadonlyMap<string, FollowedChain>): Gate {
  return ({ statement }) => {
    for (const name of names) {
      const chain = chains.get(name)
      const why = chain === undefined ? `chain ${name} is not followed` : chain.distrust()?.reason
      if (why !== undefined) {
        return new LariatError('sign.halted', `nothing is signed over chain ${name}: ${why}`, {
          slot: statement.slot,
          chain: name,
        })
      }
    }
    return undefined
  }
}
