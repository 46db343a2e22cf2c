import type { SignRequest, StatementSigner } from '../../signer/signer.ts'
import { LariatError } from '../../util/errors.ts'
import type { SelfChecks } from './monitor.ts'

/** Says, before the guard and the key are asked, why a request is not to be signed. */
export type Gate = (request: SignRequest) => LariatError | undefined

/** Closed while a self-check that bears on correctness fails, for the node or for `service`. */
export function gateOf(checks: Pick<SelfChecks, 'refusal'>, service: string): Gate {
  return ({ statement }) => {
    const why = checks.refusal(service)
    if (why === undefined) return undefined
    return new LariatError('sign.halted', `nothing is signed for ${service}: ${why}`, {
      service,
      slot: statement.slot,
      reason: why,
    })
  }
}

/** `signer` behind `gate`. */
export function gatedSigner(signer: StatementSigner, gate: Gate): StatementSigner {
  return {
    operator: signer.operator,
    publicKey: signer.publicKey,
    publicKeys: () => signer.publicKeys(),
    floor: signer.floor,
    async sign(request) {
      const refused = gate(request)
      if (refused !== undefined) throw refused
      return signer.sign(request)
    },
  }
}
