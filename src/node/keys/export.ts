import { inspectKeyFile, openKeyFile } from '../../signer/keyFiles.ts'
import type { PasswordSource } from '../../signer/keystore/files.ts'
import { type KeysIo, type MadeKey, makeKeys, type NewPassword } from './make.ts'
import { passwordOf } from './source.ts'

export interface ExportOptions extends NewPassword, PasswordSource {
  readonly keystore: string
  /** The new keystore. */
  readonly out: string
}

/**
 * Encrypts a key anew, into a keystore of the same format with a password of its own, for a backup or another tool. The key
 * never leaves its encryption.
 * @throws LariatError `file.exists`, `usage.keys`, `keystore.…`
 */
export async function exportKey(options: ExportOptions, io: KeysIo): Promise<MadeKey> {
  const { keystore, out } = options
  const { kind, path, passwordFile } = await inspectKeyFile(keystore)
  const secret = await openKeyFile(kind, { keystore, ...passwordOf(options, passwordFile) }, io.log)
  const [made] = await makeKeys([{ kind, secret, path, keystore: out }], options, io)
  if (made === undefined) throw new RangeError('one key was asked for')
  return made
}
