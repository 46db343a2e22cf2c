import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createEcdsaKeystore, generateEcdsaSecret } from '../signer/ecdsa.ts'
import { createBlsKeystore } from '../signer/keystore/bls.ts'
import { createPasswordFile } from '../signer/keystore/files.ts'
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
  // all or none: a new password beside an old keystore would be a trap
  for (const name of Object.values(keys).flatMap((files) => Object.values(files))) {
    if (existsSync(name))
      throw new LariatError('file.exists', `${name} exists and is not replaced: name another folder`)
  }
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
