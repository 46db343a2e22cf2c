import { Command } from 'commander'
import { Exit } from '../node/exit.ts'
import { about } from './about.ts'
import { finish } from './finish.ts'
import { descriptor, keysIo } from './keys/common.ts'
import { type ConfigFlags, printResult, withConfig } from './options.ts'

interface Flags extends ConfigFlags {
  readonly passwordFile?: string
  readonly passwordFd?: number
}

/** `lariat <service> share export|import`: backups of key shares, for services that use them. */
export function shareCommand(service: string): Command {
  return new Command('share')
    .description('key shares of this operator (docs/shares.md)')
    .addCommand(exportCommand(service))
    .addCommand(importCommand(service))
}

function exportCommand(service: string): Command {
  const command = common('export', 'write all of them as one encrypted file').requiredOption(
    '--out <file>',
    'where to; nothing is replaced',
  )
  return about(command, {
    examples: [`lariat ${service} share export --config node.yaml --out shares.json`],
    json: '{ file, sharings: [decimal], encryptionKeys: number }',
    progress: 'encrypting the key shares',
  }).action(async ({ json, ...flags }: Flags & { out: string }) => {
    const { exportNodeShares } = await import('../node/shareBackup.ts')
    printResult(json, await exportNodeShares({ ...flags, service }, await keysIo()))
    await finish(Exit.ok)
  })
}

function importCommand(service: string): Command {
  const command = common('import', 'add what a file has; nothing is replaced').argument('<file>', 'the exported file')
  return about(command, {
    examples: [`lariat ${service} share import shares.json --config node.yaml`],
    json: '{ encryptionKeys: number, dealings: number, sharings: number }: how many were added',
    progress: 'reading the key shares',
  }).action(async (file: string, { json, ...flags }: Flags) => {
    const { importNodeShares } = await import('../node/shareBackup.ts')
    printResult(json, await importNodeShares({ ...flags, file, service }, await keysIo()))
    await finish(Exit.ok)
  })
}

function common(name: string, description: string): Command {
  return withConfig(new Command(name).description(`${description}; the node must be stopped`))
    .option('--password-file <file>', 'password of the backup; asked for at the terminal unless given')
    .option('--password-fd <number>', 'the same, from an open file descriptor', descriptor)
}
