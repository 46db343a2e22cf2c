import type { Clock } from '../util/clock.ts'
import type { Limits } from './limits.ts'
import type { Penalty } from './transport.ts'

/** What costs a peer points: what the layers above report, and what the transport sees itself. */
export type Offence = Penalty | 'rejected'

/**
 * Points for one offence, of `Limits.banScore` (100). A wrong signature costs us a pairing check, a malformed message
 * almost nothing, but neither comes from a sound node. Equivocation is proof of fault, so one is enough.
 */
const POINTS: Readonly<Record<Offence, number>> = {
  malformed: 10,
  'invalid-signature': 20,
  spam: 2,
  equivocation: 100,
  rejected: 5,
}

/** Peers whose points are remembered: several times the largest allow-list. The oldest go first. */
const MAX_PEERS = 4_096

export interface Scores {
  /** Adds the points of `offence`; true when that bans the peer now. */
  penalize(peer: string, offence: Offence): boolean
  /** ms until the peer's ban ends; 0 when it is not banned. */
  bannedMs(peer: string): number
  /** Points of `peer` now, after forgiveness. */
  pointsOf(peer: string): number
}

/** Penalty points of peers: they add up, are forgiven with time, and ban for `banMs` when they reach `banScore`. */
export function createScores(clock: Clock, limits: Pick<Limits, 'banScore' | 'banMs' | 'forgivenPerSecond'>): Scores {
  const records = new Map<string, { points: number; at: number; bannedUntil: number }>()

  function pointsOf(peer: string): number {
    const record = records.get(peer)
    if (record === undefined) return 0
    return Math.max(0, record.points - ((clock.now() - record.at) / 1000) * limits.forgivenPerSecond)
  }
  const bannedMs = (peer: string): number => Math.max(0, (records.get(peer)?.bannedUntil ?? 0) - clock.now())

  return {
    pointsOf,
    bannedMs,
    penalize(peer, offence) {
      const points = pointsOf(peer) + POINTS[offence]
      const bans = bannedMs(peer) === 0 && points >= limits.banScore
      const before = records.get(peer)?.bannedUntil ?? 0
      records.delete(peer)
      // a ban wipes the slate: afterwards the peer starts anew
      if (bans) records.set(peer, { points: 0, at: clock.now(), bannedUntil: clock.now() + limits.banMs })
      else records.set(peer, { points, at: clock.now(), bannedUntil: before })
      for (const oldest of records.keys()) {
        if (records.size <= MAX_PEERS) break
        records.delete(oldest)
      }
      return bans
    },
  }
}
