import { Command, Option } from 'commander'
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
    .addOption(
      new Option('--kind <kind>', 'instead, a key for an AVS that demands one (keys.registrar)').choices([
        'bn254',
        'ecdsa',
      ]),
    )
    .exitOverride()
    .action(async ({ dir, kind }: { dir: string; kind?: 'bn254' | 'ecdsa' }) => {
      const { createKeys, createRegistrarKey } = await import('../node/keysCommand.ts')
      const made = kind === undefined ? await createKeys(dir) : await createRegistrarKey(kind, dir)
      process.stdout.write(`${JSON.stringify(made, undefined, 2)}\n`)
      await finish(Exit.ok)
    })
  return keys
}
