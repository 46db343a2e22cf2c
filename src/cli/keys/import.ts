import type { Command } from 'commander'
import type { ImportOptions } from '../../node/keys/import.ts'
import { finish } from '../finish.ts'
import {
  choice,
  descriptor,
  index,
  keysIo,
  keysSubcommand,
  printJson,
  withMnemonic,
  withNewPassword,
  withPassword,
} from './common.ts'

export function importCommand(): Command {
  const command = keysSubcommand(
    'import',
    "put existing keys into new encrypted keystores: a mnemonic's, another tool's keystore, or a bare secret key",
  )
    .option('--dir <folder>', 'where to put them; nothing there is replaced')
    .option('--after <keystore>', 'instead: as the BLS key that follows the one there, for lariat keys rotate')
    .option('--index <number>', 'which key and account of the mnemonic', index, 0)
    .option(
      '--kind <kind>',
      'only this key of the mnemonic, or what the secret key is of',
      choice(['bls', 'ecdsa', 'bn254']),
    )
    .option('--keystore <file>', 'a keystore (EIP-2335, or Web3 Secret Storage v3) to take the key from')
    .option('--secret-file <file>', 'a file with a secret key, 32 bytes in hexadecimal')
    .option('--secret-fd <number>', 'the same, from an open file descriptor', descriptor)
  return withNewPassword(withPassword(withMnemonic(command))).action(async (options: ImportOptions) => {
    const { importKeys } = await import('../../node/keys/import.ts')
    const { Exit } = await import('../../node/exit.ts')
    printJson(await importKeys(options, await keysIo()))
    await finish(Exit.ok)
  })
}
