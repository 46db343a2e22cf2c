import { LariatError } from '../util/errors.ts'
import { bytesToHex, equalBytes } from '../util/hex.ts'
import { Secret } from '../util/secret.ts'
import { Guard, type GuardOptions } from './guard.ts'
import { type GuardedKey, guardedKey } from './key.ts'
import { type KeyRing, type RingKey, ringOf } from './keyRing.ts'
import { kindName, signerMetrics } from './metrics.ts'
import type { StatementSigner } from './signer.ts'

export interface LocalSignerOptions extends GuardOptions {
  /** BLS secret key, 32 bytes, or several while one takes the place of another. A key serves one operator set. */
  readonly secret: Secret<Uint8Array> | KeyRing
}

/** A signer whose keys are in this process, all behind one guard: the law holds whichever of them signs. @throws LariatError `bls.invalid-secret` */
export function createLocalSigner(options: LocalSignerOptions): StatementSigner {
  const guard = new Guard(options)
  const ring = options.secret instanceof Secret ? ringOf(options.secret) : options.secret
  const guarded = new Map<RingKey, GuardedKey>()
  function keyFor(publicKey: Uint8Array | undefined): GuardedKey {
    const keys = ring.keys()
    const found = publicKey === undefined ? keys[0] : keys.find((key) => equalBytes(key.publicKey, publicKey))
    if (found === undefined) {
      throw new LariatError(
        'signer.unknown-key',
        'asked to sign with a key that is not open here: put its keystore where keys.bls is looked for',
        publicKey === undefined ? {} : { publicKey: bytesToHex(publicKey) },
      )
    }
    const known = guarded.get(found)
    if (known !== undefined) return known
    const key = guardedKey(found.secret, guard)
    guarded.set(found, key)
    return key
  }
  const first = keyFor(undefined)
  const { signatures } = signerMetrics(options.metrics)
  return {
    operator: options.operator,
    publicKey: first.publicKey,
    publicKeys: () => ring.keys().map(({ publicKey }) => publicKey),
    floor: guard.floor,
    async sign(request) {
      const key = keyFor(request.publicKey) // before the guard: what cannot be signed needs no record
      const receipt = await guard.authorize(request)
      const signature = key.sign(receipt)
      const kind = kindName(receipt.statement.kind)
      if (kind !== undefined) signatures.inc({ kind })
      return signature
    },
  }
}
