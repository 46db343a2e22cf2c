import { Command } from 'commander'
import { about } from '../about.ts'
import { finish } from '../finish.ts'
import { printResult } from '../options.ts'
import { plain } from './common.ts'

export function listCommand(): Command {
  const list = new Command('list')
    .description('show what keys are in a folder; opens none')
    .requiredOption('--dir <folder>', 'the folder')
  return about(list, {
    examples: ['lariat keys list --dir keys'],
    json: '[{ file, kind, publicKey?, address?, path?, passwordFile?, mode, warnings: [text] }]',
    progress: 'reading the folder',
  }).action(async ({ dir, json }: { readonly dir: string; readonly json?: boolean }) => {
    const { listKeys, renderKeys } = await import('../../node/keys/list.ts')
    const { Exit } = await import('../../node/exit.ts')
    const keys = await listKeys(dir)
    printResult(json, keys.map(plain), () => renderKeys(keys))
    await finish(Exit.ok)
  })
}
