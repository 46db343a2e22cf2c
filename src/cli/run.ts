import { Command } from 'commander'
import { finish } from './finish.ts'

export function runCommand(): Command {
  return new Command('run')
    .description('run a node until SIGTERM or SIGINT')
    .requiredOption('--config <file>', 'configuration (docs/configuration.md)')
    .action(async ({ config }: { config: string }) => {
      const { runNode } = await import('../node/run.ts')
      await finish(await runNode(config))
    })
}
