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
  acknowledge
    .command('reorg')
    .description(
      'show the final block that was undone, and with --yes take the chain that the providers have now as the right one; the node must be stopped',
    )
    .requiredOption('--config <file>', "the node's configuration")
    .option('--yes', 'acknowledge what is shown')
    .option('--chain <name>', 'a further chain of the configuration, instead of the chain of the stake')
    .exitOverride()
    .action(async ({ config, yes, chain }: { config: string; yes?: boolean; chain?: string }) => {
      const { acknowledgeReorg, describeReorg } = await import('../node/acknowledgeReorg.ts')
      const shown = await acknowledgeReorg(config, yes === true, chain)
      const lines = shown === undefined ? ['no reorg of a final block waits to be acknowledged'] : describeReorg(shown)
      process.stdout.write(`${lines.join('\n')}\n`)
      await finish(shown === undefined || shown.kept !== undefined ? Exit.ok : Exit.failure)
    })
  return acknowledge
}
