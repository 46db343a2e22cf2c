import type { Command } from 'commander'
import { runPlan, type SendingOptions, sendingCommand } from '../operator/common.ts'
import { keysIo } from './common.ts'

export function rotateCommand(): Command {
  return sendingCommand(
    'rotate',
    'make the BLS key that follows, and register it in place of the old one, which signs until the next epoch activates',
    { examples: ['lariat keys rotate --config node.yaml', 'lariat keys rotate prices --config node.yaml'] },
  )
    .argument('[services...]', 'names of services, or addresses; all of the configuration unless given')
    .action(async (services: readonly string[], options: SendingOptions) => {
      const { rotatePlanner } = await import('../../node/keys/rotate.ts')
      await runPlan(options, rotatePlanner(services, await keysIo()))
    })
}
