import { randomBytes } from 'node:crypto'
import { createReadStream, fstatSync } from 'node:fs'
import { createFile } from '../../util/create.ts'
import type { Log } from '../../util/log.ts'
import { type Prompt, processPrompt } from '../../util/prompt.ts'
import { Secret } from '../../util/secret.ts'
import { keystoreError } from './errors.ts'
import { MAX_FILE_BYTES, type PasswordSource, readKeyFile } from './files.ts'

/** Least characters of a password that somebody thinks up for a new keystore; those that lariat makes have 43. */
export const MIN_PASSWORD_CHARACTERS = 8

/**
 * The password from `source`, one newline at its end removed. Warns when others than the owner may read its file.
 * @param what it opens, for the prompt and for errors: the keystore's path
 * @throws LariatError `keystore.missing-password`, `keystore.unreadable`, `keystore.invalid`, `usage.no-terminal`, `usage.cancelled`
 */
export async function readPassword(
  source: PasswordSource,
  what: string,
  log: Log,
  prompt: Prompt = processPrompt(),
): Promise<Secret<string>> {
  const { passwordFile, passwordFd } = source
  if (passwordFile !== undefined) return readPasswordFile(passwordFile, log)
  if (passwordFd !== undefined)
    return lineOf(await readDescriptor(passwordFd), `file descriptor ${passwordFd}`, 'password')
  if (!prompt.interactive) {
    throw keystoreError(
      'keystore.missing-password',
      what,
      'its password is wanted, and nobody is at a terminal: name a password file, or a file descriptor',
    )
  }
  const password = await prompt.askHidden(`Password of ${what}: `)
  if (password.reveal() === '') throw keystoreError('keystore.invalid', what, 'the password is empty')
  return password
}

/** How an error names the place of a password. */
export function placeOf({ passwordFile, passwordFd }: PasswordSource): string {
  if (passwordFile !== undefined) return `the password in ${passwordFile}`
  return passwordFd === undefined ? 'this password' : `the password of file descriptor ${passwordFd}`
}

/**
 * A password for a new keystore, from `source`; from a prompt it is asked for twice.
 * @throws LariatError as `readPassword`; `keystore.weak-password`; `keystore.wrong-password` when the two differ
 */
export async function choosePassword(
  source: PasswordSource,
  what: string,
  log: Log,
  prompt: Prompt = processPrompt(),
): Promise<Secret<string>> {
  const password = await readPassword(source, what, log, prompt)
  if ([...password.reveal()].length < MIN_PASSWORD_CHARACTERS) {
    throw keystoreError(
      'keystore.weak-password',
      what,
      `the new password has fewer than ${MIN_PASSWORD_CHARACTERS} characters; choose a longer one`,
    )
  }
  if (source.passwordFile === undefined && source.passwordFd === undefined) {
    const again = await prompt.askHidden('The same again: ')
    if (again.reveal() !== password.reveal()) {
      throw keystoreError('keystore.wrong-password', what, 'the two passwords differ; nothing was written')
    }
  }
  return password
}

/** Makes a file (mode 0600) with a random password of 256 bits. @throws LariatError `file.exists` */
export async function createPasswordFile(file: string): Promise<Secret<string>> {
  const password = randomBytes(32).toString('base64url')
  await createFile(file, `${password}\n`)
  return new Secret(password)
}

/**
 * A secret text (a mnemonic, a key in hexadecimal) from a file, which should be closed to others, or from a descriptor.
 * @throws LariatError `keystore.missing-file`, `keystore.unreadable`, `keystore.invalid`
 */
export async function readSecretText(
  source: { readonly file: string } | { readonly fd: number },
  what: string,
  log: Log,
): Promise<Secret<string>> {
  if ('fd' in source) return lineOf(await readDescriptor(source.fd), `file descriptor ${source.fd}`, what)
  const { text, mode } = await readKeyFile(source.file, 'keystore.missing-file', `name the file with the ${what}`)
  warnOfMode(source.file, mode, what, log)
  return lineOf(text, source.file, what)
}

async function readPasswordFile(file: string, log: Log): Promise<Secret<string>> {
  const mend = 'name the file with the keystore’s password as passwordFile'
  const { text, mode } = await readKeyFile(file, 'keystore.missing-password', mend)
  warnOfMode(file, mode, 'password', log)
  return lineOf(text, file, 'password')
}

/** Tells when others than its owner may read or write `file`. */
export function warnOfMode(file: string, mode: number, what: string, log: Log): void {
  if ((mode & 0o077) !== 0) {
    log.warn(`${what} file is open to other users: chmod 600 it`, { file, mode: mode.toString(8) })
  }
}

function lineOf(text: string, place: string, what: string): Secret<string> {
  const line = text.replace(/\r?\n$/, '')
  if (line === '')
    throw keystoreError('keystore.invalid', place, `the ${what} file is empty; write the ${what} into it`)
  return new Secret(line)
}

async function readDescriptor(fd: number): Promise<string> {
  const place = `file descriptor ${fd}`
  const chunks: Buffer[] = []
  let size = 0
  try {
    fstatSync(fd) // a stream of a closed one would fail later, and less clearly
    for await (const chunk of createReadStream('', { fd })) {
      chunks.push(chunk)
      size += chunk.length
      if (size > MAX_FILE_BYTES) throw keystoreError('keystore.invalid', place, 'it gives too much for a password')
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    if (code.startsWith('keystore.')) throw error
    throw keystoreError(
      'keystore.unreadable',
      place,
      `cannot be read (${code}); start the process with it open, as in 3</run/secrets/password`,
    )
  }
  return Buffer.concat(chunks).toString('utf8')
}
