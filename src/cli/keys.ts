import { Command } from 'commander'
import { Exit } from '../node/exit.ts'
import { finish } from './finish.ts'

export function keysCommand(): Command {
  const keys = new Command('keys').description('key files')
  keys
    .command('create')
    .description(
      'make a BLS key and an operator account in new keystores, each with a random password in a file of its own',
    )
    .requiredOption('--dir <folder>', 'where to put them; nothing there is replaced')
    .exitOverride()
    .action(async ({ dir }: { dir: string }) => {
      const { createKeys } = await import('../node/keysCommand.ts')
      process.stdout.write(`${JSON.stringify(await createKeys(dir), undefined, 2)}\n`)
      await finish(Exit.ok)
    })
  return keys
}
