import { Command } from 'commander'
import { about } from './about.ts'
import { finish } from './finish.ts'
import { type ConfigFlags, withConfig } from './options.ts'

export function resumeCommand(): Command {
  const resume = new Command('resume')
    .description('let a stopped node sign again that has seen another instance of its operator (docs/second-self.md)')
    .option('--yes', 'do not ask whether the other instance is stopped')
  return about(withConfig(resume), {
    examples: ['lariat resume --config node.yaml', 'lariat resume --config node.yaml --yes'],
    json: '{ held: boolean, reason, resumed: boolean, kept }: held is whether anything held the node back, kept the file of what was seen',
    progress: 'reading what was seen',
  }).action(async (options: ConfigFlags & { yes?: boolean }) => {
    const { resume } = await import('../node/secondSelf/resume.ts')
    await finish(await resume(options))
  })
}
