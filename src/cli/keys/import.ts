import { Command, Option } from 'commander'
import type { ImportOptions } from '../../node/keys/import.ts'
import { about } from '../about.ts'
import { finish } from '../finish.ts'
import { printResult } from '../options.ts'
import { descriptor, index, keysIo, MADE_KEY, withMnemonic, withNewPassword, withPassword } from './common.ts'

export function importCommand(): Command {
  const command = new Command('import')
    .description(
      "put existing keys into new encrypted keystores: a mnemonic's, another tool's keystore, or a bare secret key",
    )
    .option('--dir <folder>', 'where to put them; nothing there is replaced')
    .option('--after <keystore>', 'instead: as the BLS key that follows the one there, for lariat keys rotate')
    .option('--index <number>', 'which key and account of the mnemonic', index, 0)
    .addOption(
      new Option('--kind <kind>', 'only this key of the mnemonic, or what the secret key is of').choices([
        'bls',
        'ecdsa',
        'bn254',
      ]),
    )
    .option('--keystore <file>', 'a keystore (EIP-2335, or Web3 Secret Storage v3) to take the key from')
    .option('--secret-file <file>', 'a file with a secret key, 32 bytes in hexadecimal')
    .option('--secret-fd <number>', 'the same, from an open file descriptor', descriptor)
  return about(withNewPassword(withPassword(withMnemonic(command))), {
    examples: [
      'lariat keys import --dir keys',
      'lariat keys import --dir keys --keystore other/keystore.json --password-file other/password.txt',
    ],
    json: `[${MADE_KEY}]`,
    progress: 'reading the keys',
  }).action(async ({ json, ...options }: ImportOptions & { readonly json?: boolean }) => {
    const { importKeys } = await import('../../node/keys/import.ts')
    const { Exit } = await import('../../node/exit.ts')
    printResult(json, await importKeys(options, await keysIo()))
    await finish(Exit.ok)
  })
}
