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
    json: REPORT,
    progress: 'reading the chain',
  }).action(async (options: ConfigFlags) => {
    const { showOperator } = await import('../../node/operator/status/show.ts')
    await finish(await showOperator(options))
  })
}

const REPORT = `{ operator, network, chainId: number, block, time, isOperator: boolean,
      delays: { allocation, deallocation, configuration, withdrawal },
      strategies: [{ strategy, token, symbol, decimals: number, shares, tokens, worth, own: { deposited, withdrawable, tokens }, maxMagnitude, free }],
      withdrawals: [{ strategies: [text], shares: [decimal], startBlock, fromBlock }],
      sets: [{ avs, operatorSetId: number, name, member: boolean, slashable: boolean, slashableUntil, redistributesTo,
        allocations: [{ strategy, magnitude, shares, pending: any }], blsKey: any, registrarKey: any, peer: any }],
      risk: { stake, loss, byAvs: [{ avs, loss }], redistributing: [{ avs, operatorSetId: number, recipient }], unvalued: [text], complete: boolean },
      rewards: [{ token, symbol, earned, claimed, claimable }] | { problem } | null }: amounts in the smallest unit`
