import type { Sightings } from '../../avs/secondSelf/sighting.ts'
import { fail, type SelfCheck } from './types.ts'

/** ms between two looks at a fact of this process. */
const EVERY_MS = 1_000

/** No other instance of this operator was seen, since its operator last settled that. */
export function secondSelfCheck(sightings: Pick<Sightings, 'current'>): SelfCheck {
  const found = () => {
    const sighting = sightings.current()
    return sighting === undefined ? undefined : `${sighting.reason}: find and stop it, then run lariat resume`
  }
  return {
    name: 'second self',
    everyMs: EVERY_MS,
    trustMs: EVERY_MS,
    run() {
      const reason = found()
      return reason === undefined ? undefined : fail(reason)
    },
    now: found,
  }
}
