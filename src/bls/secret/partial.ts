import { hashRound } from '../threshold/hash.ts'
import { compressG1 } from '../threshold/points.ts'
import { type Blind, blindOf, timesG1 } from './scalars.ts'

/**
 * The part of a share in the signature of `round`: G1 compressed, 48 bytes. Unique, so no record is needed before it is made; what
 * is needed is that the round's time has come, which the caller has seen to.
 * @param blind of this round, where one was made ahead: half of the work
 */
export function signWithShare(share: bigint, round: bigint, blind?: Blind): Uint8Array {
  return compressG1(timesG1(hashRound(round), share, blind), 'partial')
}

/** What a partial of `round` may be made with later, once: it rests on no share, and may be made before the round's time. */
export function blindOfRound(round: bigint): Blind {
  return blindOf(hashRound(round))
}
