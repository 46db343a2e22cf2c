import type { Command } from 'commander'
import type { CreateOptions } from '../../node/keys/create.ts'
import { LariatError } from '../../util/errors.ts'
import { finish } from '../finish.ts'
import { choice, keysIo, keysSubcommand, printJson, withNewPassword } from './common.ts'

interface Options extends Omit<CreateOptions, 'dir'> {
  readonly dir?: string
  readonly kind?: 'bn254' | 'ecdsa' | 'checkpoints'
  readonly after?: string
}

export function createCommand(): Command {
  return withNewPassword(
    keysSubcommand(
      'create',
      'make a mnemonic, show it once, and put its first BLS key and account into new encrypted keystores (docs/keys.md)',
    )
      .option('--dir <folder>', 'where to put them; nothing there is replaced')
      .option('--mnemonic-out <file>', 'write the mnemonic to a new file (mode 0600) instead of showing it')
      .option('--random', 'make keys that come from no mnemonic: a copy of their files is the only backup')
      .option(
        '--kind <kind>',
        'instead, a key for an AVS that demands one, bn254 or ecdsa, or for checkpoints that relayers of Hyperlane read',
        choice(['bn254', 'ecdsa', 'checkpoints']),
      )
      .option('--after <keystore>', 'instead, a BLS key that follows the one there, for lariat keys rotate'),
  ).action(async ({ dir, kind, after, ...options }: Options) => {
    const { createCheckpointKey, createKeys, createRegistrarKey, createSuccessor } = await import(
      '../../node/keys/create.ts'
    )
    const { Exit } = await import('../../node/exit.ts')
    const io = await keysIo()
    if (after !== undefined) {
      if (dir !== undefined || kind !== undefined) {
        throw new LariatError('usage.keys', '--after says where and what: leave --dir and --kind out')
      }
      printJson(await createSuccessor(after, options, io))
    } else if (dir === undefined) throw new LariatError('usage.keys', 'give --dir FOLDER, or --after KEYSTORE')
    else if (kind === undefined) printJson(await createKeys({ ...options, dir }, io))
    else {
      const make = kind === 'checkpoints' ? createCheckpointKey : createRegistrarKey.bind(undefined, kind)
      printJson(await make(dir, options, io))
    }
    await finish(Exit.ok)
  })
}
