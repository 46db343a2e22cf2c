import { Command } from 'commander'
import { about } from './about.ts'
import { finish } from './finish.ts'
import { withConfig } from './options.ts'

export function runCommand(): Command {
  return about(withConfig(new Command('run').description('run a node until SIGTERM, SIGINT or SIGHUP')), {
    examples: ['lariat run --config node.yaml'],
    noResult: 'what it prints is its log (log.format)',
    noProgress: 'what it does is in its log',
  }).action(async ({ config }: { config: string }) => {
    const { runNode } = await import('../node/run.ts')
    await finish(await runNode(config))
  })
}
