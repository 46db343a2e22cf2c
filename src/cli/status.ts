import { Command } from 'commander'
import { Exit } from '../node/exit.ts'
import { finish } from './finish.ts'

export function statusCommand(): Command {
  return new Command('status')
    .description('tell how the running node is; exit code 1 when it is not healthy')
    .requiredOption('--config <file>', "the node's configuration")
    .option('--json', 'everything that it tells, as JSON')
    .action(async ({ config, json }: { config: string; json?: boolean }) => {
      const { readStatus } = await import('../node/statusCommand.ts')
      const { statusText } = await import('../node/statusText.ts')
      const status = await readStatus(config)
      const text = json === true ? JSON.stringify(status, undefined, 2) : statusText(status)
      process.stdout.write(`${text}\n`)
      await finish(status.healthy ? Exit.ok : Exit.failure)
    })
}
