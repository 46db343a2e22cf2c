import { Command } from 'commander'
import { finish } from './finish.ts'

export function resumeCommand(): Command {
  return new Command('resume')
    .description('let a stopped node sign again that has seen another instance of its operator (docs/second-self.md)')
    .requiredOption('--config <file>', "the node's configuration")
    .option('--yes', 'do not ask whether the other instance is stopped')
    .action(async (options: { config: string; yes?: boolean }) => {
      const { resume } = await import('../node/secondSelf/resume.ts')
      await finish(await resume(options))
    })
}
