import type { Verdict } from '../../p2p/transport.ts'

/** Why a message got its verdict; a bounded metric label. */
export const ADMISSION_REASONS = [
  'ok',
  'malformed',
  'other-service',
  'unknown-epoch',
  'wrong-epoch',
  'too-old',
  'too-new',
  'not-a-member',
  'wrong-attempt',
  'wrong-leader',
  'wrong-kind',
  'false-signature',
  'false-proposal',
  'false-value',
  'false-evidence',
  'seen',
  'settled',
  'equivocation',
  'unwanted',
  'internal',
] as const
export type AdmissionReason = (typeof ADMISSION_REASONS)[number]

/** A verdict with its reason. Validators throw it; one function turns it into verdict, metric, log and penalty. */
export class Refusal extends Error {
  readonly verdict: Exclude<Verdict, 'accept'>
  readonly reason: AdmissionReason

  constructor(verdict: Exclude<Verdict, 'accept'>, reason: AdmissionReason) {
    super(reason)
    this.verdict = verdict
    this.reason = reason
  }
}

/** Not useful, and nobody's fault: not forwarded, not penalised. */
export const ignore = (reason: AdmissionReason): never => {
  throw new Refusal('ignore', reason)
}

/** No honest peer would have handed us this: not forwarded, and the peer pays. */
export const reject = (reason: AdmissionReason): never => {
  throw new Refusal('reject', reason)
}
