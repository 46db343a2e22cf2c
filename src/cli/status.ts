import { Command } from 'commander'
import { Exit } from '../node/exit.ts'
import { finish } from './finish.ts'

export function statusCommand(): Command {
  return new Command('status')
    .description("print a running node's status as JSON; exit code 1 when it is not healthy")
    .requiredOption('--config <file>', "the node's configuration")
    .action(async ({ config }: { config: string }) => {
      const { readStatus } = await import('../node/statusCommand.ts')
      const status = await readStatus(config)
      process.stdout.write(`${JSON.stringify(status, undefined, 2)}\n`)
      await finish(status.healthy ? Exit.ok : Exit.failure)
    })
}
