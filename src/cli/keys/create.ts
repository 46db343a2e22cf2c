import { Command, Option } from 'commander'
import type { CreateOptions } from '../../node/keys/create.ts'
import { LariatError } from '../../util/errors.ts'
import { about } from '../about.ts'
import { finish } from '../finish.ts'
import { printResult } from '../options.ts'
import { keysIo, MADE_KEY, withNewPassword } from './common.ts'

interface Options extends Omit<CreateOptions, 'dir'> {
  readonly dir?: string
  readonly kind?: 'bn254' | 'ecdsa' | 'checkpoints'
  readonly after?: string
  readonly json?: boolean
}

export function createCommand(): Command {
  const create = new Command('create')
    .description(
      'make a mnemonic, show it once, and put its first BLS key and account into new encrypted keystores (docs/keys.md)',
    )
    .option('--dir <folder>', 'where to put them; nothing there is replaced')
    .option('--mnemonic-out <file>', 'write the mnemonic to a new file (mode 0600) instead of showing it')
    .option('--random', 'make keys that come from no mnemonic: a copy of their files is the only backup')
    .addOption(
      new Option(
        '--kind <kind>',
        'instead, a key for an AVS that demands one, bn254 or ecdsa, or for checkpoints that relayers of Hyperlane read',
      ).choices(['bn254', 'ecdsa', 'checkpoints']),
    )
    .option('--after <keystore>', 'instead, a BLS key that follows the one there, for lariat keys rotate')
  return about(withNewPassword(create), {
    examples: [
      'lariat keys create --dir keys',
      'lariat keys create --dir keys --kind bn254',
      'lariat keys create --after keys/bls.json',
    ],
    json: `{ operator, blsPublicKey, keys: { bls: { keystore, passwordFile? }, ecdsa: { keystore, passwordFile? } }, paths?: { bls, ecdsa } }
    with --kind: { kind: "bn254" | "ecdsa", keyData, keystore, passwordFile? } or { kind: "checkpoints", address, keystore, passwordFile? }
    with --after: ${MADE_KEY}`,
    progress: 'making keys',
  }).action(async ({ json, ...options }: Options) => {
    const { Exit } = await import('../../node/exit.ts')
    printResult(json, await make(options))
    await finish(Exit.ok)
  })
}

async function make({ dir, kind, after, ...options }: Options): Promise<object> {
  const { createCheckpointKey, createKeys, createRegistrarKey, createSuccessor } = await import(
    '../../node/keys/create.ts'
  )
  const io = await keysIo()
  if (after !== undefined) {
    if (dir !== undefined || kind !== undefined) {
      throw new LariatError('usage.keys', '--after says where and what: leave --dir and --kind out')
    }
    return createSuccessor(after, options, io)
  }
  if (dir === undefined) throw new LariatError('usage.keys', 'give --dir FOLDER, or --after KEYSTORE')
  if (kind === undefined) return createKeys({ ...options, dir }, io)
  return kind === 'checkpoints' ? createCheckpointKey(dir, options, io) : createRegistrarKey(kind, dir, options, io)
}
