import { hashRound } from '../threshold/hash.ts'
import { compressG1 } from '../threshold/points.ts'
import { timesG1 } from './scalars.ts'

/**
 * The part of a share in the signature of `round`: G1 compressed, 48 bytes. Unique, so no record is needed before it is made; what
 * is needed is that the round's time has come, which the caller has seen to.
 */
export function signWithShare(share: bigint, round: bigint): Uint8Array {
  return compressG1(timesG1(hashRound(round), share), 'partial')
}
