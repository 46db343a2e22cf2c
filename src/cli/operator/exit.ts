import type { Command } from 'commander'
import { runPlan, type SendingOptions, sendingCommand } from './common.ts'

export function exitCommand(): Command {
  return sendingCommand(
    'exit',
    'leave all operator sets, take all allocations back and withdraw own stake; run it again after the delays that it names',
    { examples: ['lariat operator exit --config node.yaml'] },
  ).action(async (options: SendingOptions) => {
    const { exitPlanner } = await import('../../node/operator/plans/exit.ts')
    await runPlan(options, exitPlanner)
  })
}
