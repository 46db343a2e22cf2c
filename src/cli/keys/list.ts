import type { Command } from 'commander'
import { finish } from '../finish.ts'
import { keysSubcommand, plain, print, printJson } from './common.ts'

export function listCommand(): Command {
  return keysSubcommand('list', 'show what keys are in a folder; opens none')
    .requiredOption('--dir <folder>', 'the folder')
    .option('--json', 'print JSON instead of text')
    .action(async ({ dir, json }: { readonly dir: string; readonly json?: boolean }) => {
      const { listKeys, renderKeys } = await import('../../node/keys/list.ts')
      const { Exit } = await import('../../node/exit.ts')
      const keys = await listKeys(dir)
      if (json) printJson(keys.map(plain))
      else print(renderKeys(keys))
      await finish(Exit.ok)
    })
}
