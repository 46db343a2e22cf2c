import { encodeG1, encodeG2 } from '../bls/eip2537.ts'
import { derivePublicKey, provePossession } from '../bls/secret/key.ts'
import { registrationDigest } from '../types/digest.ts'
import type { Domain } from '../types/statement.ts'
import type { Address } from '../util/hex.ts'
import type { Secret } from '../util/secret.ts'

/** `publicKey` and `proofOfPossession` of `IServiceManager.Registration`, as EIP-2537 points. */
export interface RegistrationProof {
  /** G1, 128 bytes. */
  readonly publicKey: Uint8Array
  /** G2, 256 bytes: signature of `registrationDigest` under the proof-of-possession tag. */
  readonly proofOfPossession: Uint8Array
}

/**
 * Proves, for a registration with the ServiceManager of `domain`, that `operator` has the secret key. Bound to chain id,
 * ServiceManager, operator and key; no statement, so no guard.
 * @param secret 32 bytes. @throws LariatError `bls.invalid-secret`
 */
export function proveRegistration(
  secret: Secret<Uint8Array>,
  domain: Pick<Domain, 'chainId' | 'serviceManager'>,
  operator: Address,
): RegistrationProof {
  const publicKey = encodeG1(derivePublicKey(secret.reveal()))
  const proof = provePossession(secret.reveal(), registrationDigest(domain, operator, publicKey))
  return { publicKey, proofOfPossession: encodeG2(proof) }
}
