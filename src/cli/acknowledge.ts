import { Command } from 'commander'
import { Exit } from '../node/exit.ts'
import { finish } from './finish.ts'

export function acknowledgeCommand(): Command {
  const acknowledge = new Command('acknowledge').description('let a node go on after what its operator must have seen')
  acknowledge
    .command('slashed')
    .description('show the slashes of the operator, and with --yes acknowledge them, so that its service signs again')
    .requiredOption('--config <file>', "the node's configuration")
    .option('--yes', 'acknowledge what is shown')
    .exitOverride()
    .action(async ({ config, yes }: { config: string; yes?: boolean }) => {
      const { acknowledgeSlashes } = await import('../node/acknowledge.ts')
      const { slashes, done } = await acknowledgeSlashes(config, yes === true)
      const lines =
        slashes.length === 0
          ? ['no slash of the operator waits to be acknowledged']
          : [
              ...slashes.map((slash) => `slashed: ${slash}`),
              done
                ? 'acknowledged: a running node signs again within seconds'
                : 'find out why; then run this again with --yes',
            ]
      process.stdout.write(`${lines.join('\n')}\n`)
      await finish(slashes.length === 0 || done ? Exit.ok : Exit.failure)
    })
  return acknowledge
}
