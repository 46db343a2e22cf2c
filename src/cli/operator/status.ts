import { Command } from 'commander'
import { finish } from '../finish.ts'

export function operatorStatusCommand(): Command {
  return new Command('status')
    .description('stake, allocations, operator sets, slashable until when, keys, risk and rewards of the operator')
    .requiredOption('--config <file>', "the node's configuration (docs/configuration.md)")
    .option('--json', 'print one JSON object instead of text')
    .exitOverride()
    .action(async (options: { readonly config: string; readonly json?: boolean }) => {
      const { showOperator } = await import('../../node/operator/status/show.ts')
      await finish(await showOperator(options))
    })
}
