import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { createKeyFile, type KeyKind, publicHalf } from '../../signer/keyFiles.ts'
import type { KdfStrength } from '../../signer/keystore/files.ts'
import { choosePassword, createPasswordFile } from '../../signer/keystore/password.ts'
import { LariatError } from '../../util/errors.ts'
import type { Hex } from '../../util/hex.ts'
import type { Log } from '../../util/log.ts'
import { withProgress } from '../../util/progress.ts'
import type { Prompt } from '../../util/prompt.ts'
import type { Secret } from '../../util/secret.ts'

/** What the commands for keys need of their surroundings. */
export interface KeysIo {
  readonly log: Log
  readonly prompt: Prompt
  /** `strong` unless given: for tests. */
  readonly strength?: KdfStrength
}

/** Where the password of new keystores comes from; a random one for each, in a file beside it, unless one of these is given. */
export interface NewPassword {
  readonly newPasswordFile?: string | undefined
  readonly newPasswordFd?: number | undefined
  readonly newPasswordPrompt?: boolean | undefined
}

/** A key to be written. */
export interface KeySpec {
  readonly kind: KeyKind
  /** 32 bytes. */
  readonly secret: Secret<Uint8Array>
  readonly keystore: string
  /** EIP-2334 path of a BLS key. */
  readonly path?: string | undefined
}

/** A key that was written: public facts and where its files are. */
export interface MadeKey {
  readonly kind: KeyKind
  /** A BLS key's G1 point (uncompressed, 96 bytes), a BN254 key's data (192 bytes), an account's address. */
  readonly public: Hex
  readonly keystore: string
  /** Left out when the password came from a descriptor or from a prompt. */
  readonly passwordFile?: string
}

/**
 * Writes keys into new keystores: all or, when a file is in the way, none.
 * @throws LariatError `file.exists`; nothing is ever replaced; `usage.keys`; `keystore.…` for passwords and keys that are none
 */
export async function makeKeys(specs: readonly KeySpec[], given: NewPassword, io: KeysIo): Promise<MadeKey[]> {
  const own = given.newPasswordFile ?? given.newPasswordFd ?? given.newPasswordPrompt
  const planned = specs.map((spec) => ({
    ...spec,
    keystore: resolve(spec.keystore),
    public: publicHalf(spec.kind, spec.secret),
    passwordFile: own === undefined ? passwordFileOf(resolve(spec.keystore)) : given.newPasswordFile,
  }))
  refuseExisting(planned.flatMap((key) => [key.keystore, ...(own === undefined ? [key.passwordFile ?? ''] : [])]))
  const first = planned[0]?.keystore ?? 'the keystore'
  const chosen = own === undefined ? undefined : await choose(given, first, io)
  const { strength = 'strong' } = io
  const made: MadeKey[] = []
  for (const { kind, secret, keystore, path, passwordFile, public: publicKey } of planned) {
    const password = chosen ?? (await createPasswordFile(passwordFile ?? passwordFileOf(keystore)))
    await withProgress(`encrypting ${keystore}`, () =>
      createKeyFile({ kind, secret, file: keystore, password, strength, path }),
    )
    made.push({ kind, public: publicKey, keystore, ...(passwordFile === undefined ? {} : { passwordFile }) })
  }
  return made
}

/** `bls.password` for `bls.json`. */
export function passwordFileOf(keystore: string): string {
  return keystore.replace(/(\.json)?$/, '.password')
}

/** @throws LariatError `file.exists` */
export function refuseExisting(names: readonly string[]): void {
  for (const name of names) {
    if (existsSync(name)) {
      throw new LariatError('file.exists', `${name} exists and is not replaced: name another folder or file`)
    }
  }
}

function choose(given: NewPassword, what: string, { log, prompt }: KeysIo): Promise<Secret<string>> {
  const { newPasswordFile: passwordFile, newPasswordFd: passwordFd, newPasswordPrompt } = given
  const count = [passwordFile, passwordFd, newPasswordPrompt || undefined].filter((one) => one !== undefined).length
  if (count !== 1) {
    throw new LariatError(
      'usage.keys',
      'give one of --new-password-file, --new-password-fd and --new-password-prompt, or none for a random password in a file beside the key',
    )
  }
  return choosePassword({ passwordFile, passwordFd }, `the new ${what}`, log, prompt)
}
