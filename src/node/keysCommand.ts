import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { RegistrarKeyKind } from '../chain/keyRegistration.ts'
import { createEcdsaKeystore, generateEcdsaSecret } from '../signer/ecdsa.ts'
import { createBlsKeystore } from '../signer/keystore/bls.ts'
import { createBn254Keystore } from '../signer/keystore/bn254.ts'
import { createPasswordFile } from '../signer/keystore/password.ts'
import { bn254KeyData, generateBn254Secret } from '../signer/registrarKey.ts'
import { blsPublicKey, generateBlsSecret } from '../signer/secrets.ts'
import { LariatError } from '../util/errors.ts'
import { type Address, bytesToHex, type Hex } from '../util/hex.ts'

/** What was made: public facts and where the files are. */
export interface CreatedKeys {
  readonly operator: Address
  /** BLS12-381 G1, uncompressed, 96 bytes. */
  readonly blsPublicKey: Hex
  readonly keys: {
    readonly bls: { readonly keystore: string; readonly passwordFile: string }
    readonly ecdsa: { readonly keystore: string; readonly passwordFile: string }
  }
}

/**
 * Makes a BLS key and an account in new encrypted keystores under `folder`, each with a random password in a file of its own.
 * @throws LariatError `file.exists`; nothing is ever replaced
 */
export async function createKeys(folder: string): Promise<CreatedKeys> {
  const file = (name: string) => resolve(join(folder, name))
  const keys = {
    bls: { keystore: file('bls.json'), passwordFile: file('bls.password') },
    ecdsa: { keystore: file('ecdsa.json'), passwordFile: file('ecdsa.password') },
  }
  refuseExisting(Object.values(keys).flatMap((files) => Object.values(files)))
  const bls = generateBlsSecret()
  const strength = 'strong'
  await createBlsKeystore({
    file: keys.bls.keystore,
    password: await createPasswordFile(keys.bls.passwordFile),
    secret: bls,
    strength,
  })
  const operator = await createEcdsaKeystore({
    file: keys.ecdsa.keystore,
    password: await createPasswordFile(keys.ecdsa.passwordFile),
    secret: generateEcdsaSecret(),
    strength,
  })
  return { operator, blsPublicKey: bytesToHex(blsPublicKey(bls)), keys }
}

/** A key for an AVS that demands one in the core's KeyRegistrar. */
export interface CreatedRegistrarKey {
  readonly kind: RegistrarKeyKind
  /** As the KeyRegistrar takes it: 192 bytes of a BN254 key, or the 20 bytes of an ECDSA key's address. */
  readonly keyData: Hex
  readonly keystore: string
  readonly passwordFile: string
}

/**
 * Makes a key for `keys.registrar` in a new encrypted keystore under `folder`, with a random password in a file of its own.
 * It is a key of its own and not derived from another, so that whoever gets hold of it in the AVS's software has no other.
 * @throws LariatError `file.exists`; nothing is ever replaced
 */
export async function createRegistrarKey(kind: RegistrarKeyKind, folder: string): Promise<CreatedRegistrarKey> {
  const keystore = resolve(join(folder, `avs-${kind}.json`))
  const passwordFile = resolve(join(folder, `avs-${kind}.password`))
  refuseExisting([keystore, passwordFile])
  const common = { file: keystore, password: await createPasswordFile(passwordFile), strength: 'strong' } as const
  if (kind === 'ecdsa') {
    const address = await createEcdsaKeystore({ ...common, secret: generateEcdsaSecret() })
    return { kind, keyData: address.toLowerCase() as Hex, keystore, passwordFile }
  }
  const secret = generateBn254Secret()
  await createBn254Keystore({ ...common, secret })
  return { kind, keyData: bytesToHex(bn254KeyData(secret)), keystore, passwordFile }
}

/** All or none: a new password beside an old keystore would be a trap. @throws LariatError `file.exists` */
function refuseExisting(names: readonly string[]): void {
  for (const name of names) {
    if (existsSync(name))
      throw new LariatError('file.exists', `${name} exists and is not replaced: name another folder`)
  }
}
