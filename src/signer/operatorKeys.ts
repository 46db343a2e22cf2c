import type { Domain } from '../types/statement.ts'
import { LariatError } from '../util/errors.ts'
import { type Address, equalBytes } from '../util/hex.ts'
import { Secret } from '../util/secret.ts'
import type { GuardOptions } from './guard.ts'
import { type KeyRing, ringOf } from './keyRing.ts'
import { createLocalSigner } from './local.ts'
import { proveRegistration, type RegistrationProof } from './proof.ts'
import type { StatementSigner } from './signer.ts'

/**
 * The BLS keys of an operator, wherever they are: in this process, or behind a remote signer. What they sign has passed the
 * guard of this process first, in both cases.
 */
export interface OperatorKeys {
  /** BLS12-381 G1, uncompressed, 96 bytes each, the configured one first; more than one while a key is rotated. */
  publicKeys(): readonly Uint8Array[]
  /** The guarded signer for one ServiceManager. */
  signer(options: GuardOptions): StatementSigner
  /**
   * Proves possession of a key for a registration with the ServiceManager of `domain`.
   * @param publicKey which one; the first when left out
   * @throws LariatError `signer.unavailable`, `signer.refused`, `signer.unknown-key`
   */
  prove(
    domain: Pick<Domain, 'chainId' | 'serviceManager'>,
    operator: Address,
    publicKey?: Uint8Array,
  ): Promise<RegistrationProof>
  /**
   * Looks for keys that were added since.
   * @returns how many
   * @throws LariatError `keystore.…`, `signer.…`; those that are there stay
   */
  reload(): Promise<number>
  /** What keeps the keys from being used now and how to mend it; undefined when nothing does. */
  check(): Promise<string | undefined>
  close(): void
}

/** Keys in this process. @param keys one secret of 32 bytes, or a ring. @throws LariatError `bls.invalid-secret` */
export function localKeys(keys: Secret<Uint8Array> | KeyRing): OperatorKeys {
  const ring = keys instanceof Secret ? ringOf(keys) : keys
  return {
    publicKeys: () => ring.keys().map(({ publicKey }) => publicKey),
    signer: (options) => createLocalSigner({ ...options, secret: ring }),
    async prove(domain, operator, publicKey) {
      const found = ring.keys().find((key) => publicKey === undefined || equalBytes(key.publicKey, publicKey))
      if (found === undefined) throw unknownKey()
      return proveRegistration(found.secret, domain, operator)
    },
    reload: () => ring.reload(),
    check: async () => undefined,
    close() {},
  }
}

/** The error for a key that is asked for and not there. */
export function unknownKey(): LariatError<'signer.unknown-key'> {
  return new LariatError(
    'signer.unknown-key',
    'asked for a key that is not there: put its keystore where keys.bls is looked for',
  )
}
