import { randomBytes } from 'node:crypto'
import { open } from 'node:fs/promises'
import { createFile } from '../../util/create.ts'
import type { Log } from '../../util/log.ts'
import { Secret } from '../../util/secret.ts'
import { type KeystoreErrorCode, keystoreError } from './errors.ts'

/** Where a key lies. */
export interface KeystoreLocation {
  readonly keystore: string
  readonly passwordFile: string
}

/**
 * How costly it is to guess a keystore's password. `strong`: the parameters that wallets use, up to a second a guess.
 * `devnet`: a thousand rounds, milliseconds a guess, so that many nodes start at once on one machine; for keys without
 * value only.
 */
export type KdfStrength = 'strong' | 'devnet'

/** Bytes of a keystore or password file; real ones have under 1 kB. */
const MAX_FILE_BYTES = 64 * 1024

/** Text of `file`. @throws LariatError `missing`, or `keystore.unreadable` */
export async function readKeyFile(
  file: string,
  missing: KeystoreErrorCode,
  mend: string,
): Promise<{ text: string; mode: number }> {
  try {
    const handle = await open(file, 'r')
    try {
      const { mode, size } = await handle.stat()
      if (size > MAX_FILE_BYTES)
        throw keystoreError('keystore.invalid', file, `${size} bytes are too many for a key file`)
      return { text: await handle.readFile('utf8'), mode: mode & 0o777 }
    } finally {
      await handle.close()
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code.startsWith('keystore.')) throw error
    if (code === 'ENOENT' || code === 'ENOTDIR') throw keystoreError(missing, file, `there is no such file; ${mend}`)
    throw keystoreError(
      'keystore.unreadable',
      file,
      `cannot be read (${code}); check that it is a file this user may read`,
    )
  }
}

/**
 * The password in `file`, one trailing newline removed. Warns when others than the owner may read it.
 * @throws LariatError `keystore.missing-password`, `keystore.unreadable`, `keystore.invalid`
 */
export async function readPassword(file: string, log: Log): Promise<Secret<string>> {
  const mend = 'name the file with the keystore’s password as passwordFile'
  const { text, mode } = await readKeyFile(file, 'keystore.missing-password', mend)
  if ((mode & 0o077) !== 0) {
    log.warn('password file is open to other users: chmod 600 it', { file, mode: mode.toString(8) })
  }
  const password = text.replace(/\r?\n$/, '')
  if (password === '')
    throw keystoreError('keystore.invalid', file, 'the password file is empty; write the password into it')
  return new Secret(password)
}

/** Makes a file (mode 0600) with a random password of 256 bits. @throws LariatError `file.exists` */
export async function createPasswordFile(file: string): Promise<Secret<string>> {
  const password = randomBytes(32).toString('base64url')
  await createFile(file, `${password}\n`)
  return new Secret(password)
}

/** @throws LariatError `keystore.invalid` */
export function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw keystoreError('keystore.invalid', file, 'it is not JSON, so not a keystore; name another file as keystore')
  }
}
