import { Command } from 'commander'
import { about } from '../about.ts'
import { finish } from '../finish.ts'
import { type ConfigFlags, withConfig } from '../options.ts'

export function operatorStatusCommand(): Command {
  const status = new Command('status').description(
    'stake, allocations, operator sets, slashable until when, keys, risk and rewards of the operator',
  )
  return about(withConfig(status), {
    examples: ['lariat operator status --config node.yaml', 'lariat operator status --config node.yaml --json'],
    json: '{ operator, network, chainId, block, time, isOperator, delays, strategies, withdrawals, sets, risk, rewards }: amounts in the smallest unit',
  }).action(async (options: ConfigFlags) => {
    const { showOperator } = await import('../../node/operator/status/show.ts')
    await finish(await showOperator(options))
  })
}
