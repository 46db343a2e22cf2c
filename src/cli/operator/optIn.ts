import { type Command, InvalidArgumentError } from 'commander'
import type { Hex } from '../../util/hex.ts'
import { operatorSetIds, runPlan, type SendingOptions, sendingCommand } from './common.ts'

interface Options extends SendingOptions {
  readonly set: readonly number[]
  readonly data?: Hex
}

export function optInCommand(): Command {
  return sendingCommand(
    'opt-in',
    "join an AVS's operator sets with the keys it wants; later, publish a changed p2p.announce",
    {
      examples: [
        'lariat operator opt-in prices --config node.yaml',
        'lariat operator opt-in 0x5FbDB2315678afecb367f032d93F642f64180aa3 --config node.yaml --set 8',
      ],
    },
  )
    .argument('<avs>', 'name of a service, or address of an AVS')
    .option('--set <id>', 'operator set, for an AVS that is no service of Lariat; may be repeated', operatorSetIds, [])
    .option('--data <hex>', "what such an AVS's registrar wants", hex)
    .action(async (avs: string, options: Options) => {
      const { optInPlanner } = await import('../../node/operator/plans/optIn.ts')
      await runPlan(options, optInPlanner({ avs, sets: options.set, data: options.data }))
    })
}

function hex(text: string): Hex {
  if (!/^0x([0-9a-fA-F]{2})*$/.test(text)) throw new InvalidArgumentError('expected 0x and pairs of hexadecimal digits')
  return text as Hex
}
