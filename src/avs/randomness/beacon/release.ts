import type { Clock, PeerTime } from 'lariat/avs'

/** How soon to look again when no peer's clock is known, ms. */
const UNKNOWN_RETRY_MS = 100

/** Whether partials of a round may be made, and when to look again if not. */
export type Release =
  | { readonly free: true }
  | { readonly free: false; readonly waitMs: number; readonly reason: 'early' | 'peers-behind' | 'peers-unknown' }

/**
 * A round's partials may leave when its time has come by our own clock and by the median of the other operators': whoever's clock
 * is set ahead then leaks nothing, and neither does a coalition that lies about the time unless it holds half of the weight.
 * @param time of the round, ms since the epoch
 */
export function releaseAt(time: number, clock: Clock, peerTime: PeerTime): Release {
  const early = time - clock.now()
  if (early > 0) return { free: false, waitMs: early, reason: 'early' }
  const theirs = peerTime.now()
  if (theirs === undefined) return { free: false, waitMs: UNKNOWN_RETRY_MS, reason: 'peers-unknown' }
  return theirs >= time ? { free: true } : { free: false, waitMs: time - theirs, reason: 'peers-behind' }
}
