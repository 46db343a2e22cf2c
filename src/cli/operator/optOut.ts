import type { Command } from 'commander'
import { operatorSetIds, runPlan, type SendingOptions, sendingCommand } from './common.ts'

export function optOutCommand(): Command {
  return sendingCommand('opt-out', "leave an AVS's operator sets; the operator stays slashable for the core's delay", {
    examples: ['lariat operator opt-out prices --config node.yaml'],
  })
    .argument('<avs>', 'name of a service, or address of an AVS')
    .option('--set <id>', 'operator set, for an AVS that is no service of Lariat; may be repeated', operatorSetIds, [])
    .action(async (avs: string, options: SendingOptions & { readonly set: readonly number[] }) => {
      const { optOutPlanner } = await import('../../node/operator/plans/optOut.ts')
      await runPlan(options, optOutPlanner({ avs, sets: options.set }))
    })
}
