import type { Command } from 'commander'
import type { BackupCheckOptions } from '../../node/keys/backupCheck.ts'
import { finish } from '../finish.ts'
import { keysIo, keysSubcommand, print, printJson, withMnemonic, withPassword } from './common.ts'

export function backupCheckCommand(): Command {
  const command = keysSubcommand(
    'backup-check',
    'see that the mnemonic, or a folder with copies, gives every key back; exit code 1 when one is missing',
  )
    .requiredOption('--dir <folder>', 'the keys that are in use')
    .option('--backup <folder>', 'copies of them, which are opened; the mnemonic is checked unless given')
    .option('--json', 'print JSON instead of text')
  return withPassword(withMnemonic(command)).action(
    async ({ json, ...options }: BackupCheckOptions & { readonly json?: boolean }) => {
      const { checkBackup, renderBackup } = await import('../../node/keys/backupCheck.ts')
      const { Exit } = await import('../../node/exit.ts')
      const checked = await checkBackup(options, await keysIo())
      if (json) printJson(checked)
      else print(renderBackup(checked))
      await finish(checked.every(({ ok }) => ok) ? Exit.ok : Exit.failure)
    },
  )
}
