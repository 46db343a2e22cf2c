import type { Directory, EpochSource } from '../avs/ports.ts'
import type { PeerTime } from '../avs/shares.ts'
import type { Clock } from '../util/clock.ts'
import type { Address } from '../util/hex.ts'
import type { PeerClockReadings } from './peerClocks.ts'
import { type PeerClock, weightedMedian } from './selfcheck/clock.ts'

export interface PeerTimeOptions {
  readonly readings: Pick<PeerClockReadings, 'offsetOf'>
  readonly directory: Pick<Directory, 'peerOf'>
  readonly epochs: Pick<EpochSource, 'at'>
  readonly operator: Address
  readonly clock: Clock
}

/**
 * What time it is by the other members of the active epoch: the median by weight, once those that told hold half of what the
 * others have. Less than half of that weight, lying, cannot move it out of what the honest say. An operator alone has nobody to
 * ask, and its own clock stands.
 */
export function peerTimeOf({ readings, directory, epochs, operator, clock }: PeerTimeOptions): PeerTime {
  return {
    now() {
      const now = clock.now()
      const table = epochs.at(now / 1_000)
      if (table === undefined) return undefined
      const others = table.members.filter((member) => member.operator.toLowerCase() !== operator.toLowerCase())
      if (others.length === 0) return now
      const told: PeerClock[] = others.flatMap((member) => {
        const peer = directory.peerOf(member.operator)
        const offsetMs = peer === undefined ? undefined : readings.offsetOf(peer)
        return offsetMs === undefined ? [] : [{ offsetMs, weight: Number(member.weight) }]
      })
      const weight = others.reduce((sum, member) => sum + Number(member.weight), 0)
      const heard = told.reduce((sum, clockOf) => sum + clockOf.weight, 0)
      return heard > 0 && heard * 2 >= weight ? now + weightedMedian(told) : undefined
    },
  }
}
