import { Command } from 'commander'
import { backupCheckCommand } from './keys/backupCheck.ts'
import { createCommand } from './keys/create.ts'
import { exportCommand } from './keys/export.ts'
import { importCommand } from './keys/import.ts'
import { listCommand } from './keys/list.ts'
import { rotateCommand } from './keys/rotate.ts'

export function keysCommand(): Command {
  const keys = new Command('keys').description('key files: make, bring in, back up, replace (docs/keys.md)')
  for (const command of [
    createCommand(),
    importCommand(),
    exportCommand(),
    listCommand(),
    rotateCommand(),
    backupCheckCommand(),
  ]) {
    keys.addCommand(command)
  }
  return keys
}
