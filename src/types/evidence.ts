import type { Certificate, PartialSignature } from './certificate.ts'
import type { Statement } from './statement.ts'

/** One operator's own signature of a statement of any kind. */
export interface OwnTestimony extends PartialSignature {
  readonly form: 'signature'
}

/** The sum of the signatures of all operators of the statement's epoch but the absent. It need not hold a quorum. */
export interface JointTestimony extends Certificate {
  readonly form: 'certificate'
}

/** A statement that was validly signed: one side of an equivocation. */
export type Testimony = OwnTestimony | JointTestimony

/**
 * Two payloads signed for one (service, kind, slot, attempt): proof against every operator that is on both sides. The
 * epochs may differ. The lower payload comes first, so that the same two statements make the same evidence everywhere.
 */
export interface Equivocation {
  readonly first: Testimony
  readonly second: Testimony
}

/** True for two payloads of one (service, kind, slot, attempt): what the one law forbids to sign both of. */
export function areInConflict(a: Statement, b: Statement): boolean {
  return (
    a.service.toLowerCase() === b.service.toLowerCase() &&
    a.kind === b.kind &&
    a.slot === b.slot &&
    a.attempt === b.attempt &&
    a.payload.toLowerCase() !== b.payload.toLowerCase()
  )
}

/** The two sides in their order. */
export function equivocationOf(a: Testimony, b: Testimony): Equivocation {
  return a.statement.payload.toLowerCase() < b.statement.payload.toLowerCase()
    ? { first: a, second: b }
    : { first: b, second: a }
}
