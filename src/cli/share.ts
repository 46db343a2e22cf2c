import { Command } from 'commander'
import { Exit } from '../node/exit.ts'
import { toJson } from '../util/json.ts'
import { finish } from './finish.ts'
import { descriptor, keysIo } from './keys/common.ts'

interface Flags {
  readonly config: string
  readonly passwordFile?: string
  readonly passwordFd?: number
}

/** `lariat <service> share export|import`: backups of key shares, for services that use them. */
export function shareCommand(service: string): Command {
  const share = new Command('share').description('key shares of this operator (docs/shares.md)')
  const sub = (name: string, description: string) =>
    share
      .command(name)
      .description(`${description}; the node must be stopped`)
      .requiredOption('--config <file>', 'configuration (docs/configuration.md)')
      .option('--password-file <file>', 'password of the backup; asked for at the terminal unless given')
      .option('--password-fd <number>', 'the same, from an open file descriptor', descriptor)
      .exitOverride()

  sub('export', 'write all of them as one encrypted file')
    .requiredOption('--out <file>', 'where to; nothing is replaced')
    .action(async (flags: Flags & { out: string }) => {
      const { exportNodeShares } = await import('../node/shareBackup.ts')
      print(await exportNodeShares({ ...flags, service }, await keysIo()))
      await finish(Exit.ok)
    })
  sub('import', 'add what a file has; nothing is replaced')
    .argument('<file>', 'the exported file')
    .action(async (file: string, flags: Flags) => {
      const { importNodeShares } = await import('../node/shareBackup.ts')
      print(await importNodeShares({ ...flags, file, service }, await keysIo()))
      await finish(Exit.ok)
    })
  return share.exitOverride()
}

function print(result: unknown): void {
  process.stdout.write(`${toJson(result, 2)}\n`)
}
