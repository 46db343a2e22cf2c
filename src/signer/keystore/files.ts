import { open } from 'node:fs/promises'
import { type KeystoreErrorCode, keystoreError } from './errors.ts'

/** Where a password comes from: a file, an open file descriptor, or, when neither is given, a prompt. Never a command line. */
export interface PasswordSource {
  readonly passwordFile?: string | undefined
  /** Number of a file descriptor that the process was started with, such as 3. It is read to its end, once. */
  readonly passwordFd?: number | undefined
}

/** Where a key lies, and where its password comes from. */
export interface KeystoreLocation extends PasswordSource {
  readonly keystore: string
}

/**
 * How costly it is to guess a keystore's password. `strong`: the parameters that wallets use, up to a second a guess.
 * `devnet`: a thousand rounds, milliseconds a guess, so that many nodes start at once on one machine; for keys without
 * value only.
 */
export type KdfStrength = 'strong' | 'devnet'

/** Bytes of a keystore or password file; real ones have under 1 kB. */
export const MAX_FILE_BYTES = 64 * 1024

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

/** @throws LariatError `keystore.invalid` */
export function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw keystoreError('keystore.invalid', file, 'it is not JSON, so not a keystore; name another file as keystore')
  }
}
