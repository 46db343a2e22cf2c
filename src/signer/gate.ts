import type { LariatError } from '../util/errors.ts'
import type { SignRequest, StatementSigner } from './signer.ts'

/** Says why a request must not be signed now; undefined when it may, as far as this gate goes. */
export type Gate = (request: SignRequest) => LariatError | undefined

/** A signer that asks every gate before its guard: what a gate refuses leaves no trace in the record. */
export function gated(signer: StatementSigner, gates: readonly Gate[]): StatementSigner {
  return {
    ...signer,
    async sign(request) {
      for (const gate of gates) {
        const refusal = gate(request)
        if (refusal !== undefined) throw refusal
      }
      return signer.sign(request)
    },
  }
}
