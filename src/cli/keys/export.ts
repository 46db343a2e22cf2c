import { Command } from 'commander'
import type { ExportOptions } from '../../node/keys/export.ts'
import { about } from '../about.ts'
import { finish } from '../finish.ts'
import { printResult } from '../options.ts'
import { keysIo, MADE_KEY, withNewPassword, withPassword } from './common.ts'

export function exportCommand(): Command {
  const command = new Command('export')
    .description('encrypt a key anew, with another password, for a backup or another tool')
    .requiredOption('--keystore <file>', 'the keystore')
    .requiredOption('--out <file>', 'the new one, of the same format; nothing is replaced')
  return about(withNewPassword(withPassword(command)), {
    examples: ['lariat keys export --keystore keys/bls.json --out backup/bls.json'],
    json: MADE_KEY,
    progress: 'opening the keystore',
  }).action(async ({ json, ...options }: ExportOptions & { readonly json?: boolean }) => {
    const { exportKey } = await import('../../node/keys/export.ts')
    const { Exit } = await import('../../node/exit.ts')
    printResult(json, await exportKey(options, await keysIo()))
    await finish(Exit.ok)
  })
}
