import type { Secret } from '../util/secret.ts'
import { Guard, type GuardOptions } from './guard.ts'
import { guardedKey } from './key.ts'
import { kindName, signerMetrics } from './metrics.ts'
import type { StatementSigner } from './signer.ts'

export interface LocalSignerOptions extends GuardOptions {
  /** BLS secret key, 32 bytes. A key serves one operator set. */
  readonly secret: Secret<Uint8Array>
}

/** A signer whose key is in this process, behind its guard. @throws LariatError `bls.invalid-secret` */
export function createLocalSigner(options: LocalSignerOptions): StatementSigner {
  const guard = new Guard(options)
  const key = guardedKey(options.secret, guard)
  const { signatures } = signerMetrics(options.metrics)
  return {
    operator: options.operator,
    publicKey: key.publicKey,
    floor: guard.floor,
    async sign(request) {
      const receipt = await guard.authorize(request)
      const signature = key.sign(receipt)
      const kind = kindName(receipt.statement.kind)
      if (kind !== undefined) signatures.inc({ kind })
      return signature
    },
  }
}
