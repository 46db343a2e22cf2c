import type { Command } from 'commander'
import type { ListedKey } from '../../node/keys/list.ts'
import type { KeysIo, NewPassword } from '../../node/keys/make.ts'
import { besideProgress } from '../../util/progress.ts'
import { whole } from '../operator/common.ts'

/** File descriptors that a process may be started with. */
const MAX_FD = 65_535

export const descriptor = whole(MAX_FD)
export const index = whole(65_535)

/** What `--json` prints of one key that was written. */
export const MADE_KEY = '{ kind, public, keystore, passwordFile? }'

/** Adds the options for the password of new keystores. */
export function withNewPassword(command: Command): Command {
  return command
    .option(
      '--new-password-file <file>',
      'password of the new keystores; a random one in a file beside each unless given',
    )
    .option('--new-password-fd <number>', 'the same, from an open file descriptor', descriptor)
    .option('--new-password-prompt', 'the same, asked for at the terminal')
}

/** Adds the options for the password of an existing keystore. */
export function withPassword(command: Command): Command {
  return command
    .option('--password-file <file>', "the keystore's password; the file beside it, or a prompt, unless given")
    .option('--password-fd <number>', 'the same, from an open file descriptor', descriptor)
}

/** Adds the options for an existing mnemonic. */
export function withMnemonic(command: Command): Command {
  return command
    .option('--mnemonic-file <file>', 'the mnemonic; asked for at the terminal unless given')
    .option('--mnemonic-fd <number>', 'the same, from an open file descriptor', descriptor)
}

export type NewPasswordOptions = NewPassword

/** Logs go to standard error, as prompts do: standard output is for results. */
export async function keysIo(): Promise<KeysIo> {
  const [{ openLog }, { processPrompt }] = await Promise.all([
    import('../../node/logging.ts'),
    import('../../util/prompt.ts'),
  ])
  return {
    log: openLog({ level: 'warn', format: 'pretty', destination: besideProgress() }),
    prompt: processPrompt(),
  }
}

/** What `--json` prints of a listed key. */
export function plain({ mode, ...key }: ListedKey): object {
  return { ...key, mode: mode.toString(8) }
}
