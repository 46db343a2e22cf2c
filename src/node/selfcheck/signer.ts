import type { OperatorKeys } from '../../signer/operatorKeys.ts'
import { fail, type SelfCheck } from './types.ts'

/** ms between two looks: a remote signer is asked for its keys. */
const EVERY_MS = 5_000
/** ms; a signer that does not answer is found out by the look itself, which then ends with a finding. */
const TRUST_MS = 15_000

/** The keys can be used: those of this process always, a remote signer's when it answers and still has them. */
export function signerCheck(keys: Pick<OperatorKeys, 'check'>): SelfCheck {
  return {
    name: 'signer',
    everyMs: EVERY_MS,
    trustMs: TRUST_MS,
    async run() {
      const problem = await keys.check()
      return problem === undefined ? undefined : fail(problem)
    },
  }
}
