import type { Command } from 'commander'
import type { ExportOptions } from '../../node/keys/export.ts'
import { finish } from '../finish.ts'
import { keysIo, keysSubcommand, printJson, withNewPassword, withPassword } from './common.ts'

export function exportCommand(): Command {
  const command = keysSubcommand('export', 'encrypt a key anew, with another password, for a backup or another tool')
    .requiredOption('--keystore <file>', 'the keystore')
    .requiredOption('--out <file>', 'the new one, of the same format; nothing is replaced')
  return withNewPassword(withPassword(command)).action(async (options: ExportOptions) => {
    const { exportKey } = await import('../../node/keys/export.ts')
    const { Exit } = await import('../../node/exit.ts')
    printJson(await exportKey(options, await keysIo()))
    await finish(Exit.ok)
  })
}
