import { askMnemonic } from '../../signer/ceremony.ts'
import type { PasswordSource } from '../../signer/keystore/files.ts'
import { readSecretText } from '../../signer/keystore/password.ts'
import { parseMnemonic } from '../../signer/mnemonic.ts'
import { LariatError } from '../../util/errors.ts'
import type { Secret } from '../../util/secret.ts'
import type { KeysIo } from './make.ts'

/** Where an existing mnemonic is read from; a prompt unless one of these is given. */
export interface MnemonicSource {
  readonly mnemonicFile?: string | undefined
  readonly mnemonicFd?: number | undefined
}

/** @throws LariatError `keystore.mnemonic`, `keystore.missing-file`, `usage.no-terminal`, `usage.cancelled`, `usage.keys` */
export async function readMnemonic({ mnemonicFile, mnemonicFd }: MnemonicSource, io: KeysIo): Promise<Secret<string>> {
  const source = oneOf(mnemonicFile, mnemonicFd, '--mnemonic-file and --mnemonic-fd')
  return source === undefined ? askMnemonic(io.prompt) : parseMnemonic(await readSecretText(source, 'mnemonic', io.log))
}

/** A file or a descriptor, not both; undefined for neither. @throws LariatError `usage.keys` */
export function oneOf(
  file: string | undefined,
  fd: number | undefined,
  names: string,
): { readonly file: string } | { readonly fd: number } | undefined {
  if (file !== undefined && fd !== undefined) throw new LariatError('usage.keys', `give only one of ${names}`)
  if (file !== undefined) return { file }
  return fd === undefined ? undefined : { fd }
}

/** The password of an existing keystore: what was given, the file beside it, or a prompt. */
export function passwordOf(given: PasswordSource, beside: string | undefined): PasswordSource {
  if (given.passwordFile !== undefined && given.passwordFd !== undefined) {
    throw new LariatError('usage.keys', 'give only one of --password-file and --password-fd')
  }
  const none = given.passwordFile === undefined && given.passwordFd === undefined
  return none && beside !== undefined ? { passwordFile: beside } : given
}
