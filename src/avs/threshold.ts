/** Public threshold operations, for plug-ins; `startThreshold` must have been awaited before the others are used. */
export { type ChainFacts, type ChainInfo, chainHash, chainInfo, SCHEME } from '../bls/threshold/chain.ts'
export { dealingPayload, restHash } from '../bls/threshold/dealing.ts'
export {
  affineSignature,
  combine,
  type GroupKey,
  groupKeyBytes,
  openGroupKey,
  verifyRound,
} from '../bls/threshold/group.ts'
export { prepareRound } from '../bls/threshold/hash.ts'
export { findBadPartials, lieTogether, verifyPartial } from '../bls/threshold/partials.ts'
export { openPolynomial, type PublicPolynomial } from '../bls/threshold/polynomial.ts'
export { randomness, roundAt, roundMessage, roundTime } from '../bls/threshold/rounds.ts'
export { dealerIndices, decodeMembers, describeSession } from '../bls/threshold/session.ts'
export { startThreshold } from '../bls/threshold/start.ts'
export type {
  Dealing as ShareDealing,
  DealingFault,
  Dealt,
  Member,
  Schedule,
  Session,
  Sharing,
} from '../bls/threshold/types.ts'
export { onChainSignature } from './dealing.ts'
