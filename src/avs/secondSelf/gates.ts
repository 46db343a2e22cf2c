import type { Gate } from '../../signer/gate.ts'
import { LariatError } from '../../util/errors.ts'
import type { Sightings } from './sighting.ts'

/** Default of `secondSelf.silentSlots`: long enough for what another instance signs to reach us, by gossip after one slot at the latest. */
export const DEFAULT_SILENT_SLOTS = 3

/**
 * Refuses the first `slots` different slots after a start, so that another instance is seen before this one signs.
 * @param slots 0 signs at once
 */
export function silenceAtStart(slots: number): Gate {
  const silent = new Set<bigint>()
  return ({ statement }) => {
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
