import type { Command } from 'commander'
import { runPlan, type SendingOptions, sendingCommand, whole } from './common.ts'

export function allocationDelayCommand(): Command {
  return sendingCommand('allocation-delay', 'set after how many blocks an allocation counts', {
    examples: ['lariat operator allocation-delay 7200 --config node.yaml'],
  })
    .argument('<blocks>', 'a number of blocks', whole(2 ** 32 - 1))
    .action(async (blocks: number, options: SendingOptions) => {
      const { allocationDelayPlanner } = await import('../../node/operator/plans/details.ts')
      await runPlan(options, allocationDelayPlanner(blocks))
    })
}
