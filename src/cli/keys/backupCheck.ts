import { Command } from 'commander'
import type { BackupCheckOptions } from '../../node/keys/backupCheck.ts'
import { about } from '../about.ts'
import { finish } from '../finish.ts'
import { printResult } from '../options.ts'
import { keysIo, withMnemonic, withPassword } from './common.ts'

export function backupCheckCommand(): Command {
  const check = new Command('backup-check')
    .description(
      'see that the mnemonic, or a folder with copies, gives every key back; exit code 1 when one is missing',
    )
    .requiredOption('--dir <folder>', 'the keys that are in use')
    .option('--backup <folder>', 'copies of them, which are opened; the mnemonic is checked unless given')
  return about(withPassword(withMnemonic(check)), {
    examples: [
      'lariat keys backup-check --dir keys',
      'lariat keys backup-check --dir keys --backup /media/backup/keys',
    ],
    json: '[{ file, kind, identity?, ok: boolean, how }]',
    progress: 'opening the backup',
  }).action(async ({ json, ...options }: BackupCheckOptions & { readonly json?: boolean }) => {
    const { checkBackup, renderBackup } = await import('../../node/keys/backupCheck.ts')
    const { Exit } = await import('../../node/exit.ts')
    const checked = await checkBackup(options, await keysIo())
    printResult(json, checked, () => renderBackup(checked))
    await finish(checked.every(({ ok }) => ok) ? Exit.ok : Exit.failure)
  })
}
