import { type Command, Option } from 'commander'
import type { Magnitude } from '../../node/operator/plans/allocate.ts'
import { collect, magnitude, operatorSetIds, runPlan, type SendingOptions, sendingCommand } from './common.ts'

interface Options extends SendingOptions {
  readonly set: readonly number[]
  readonly strategy: readonly string[]
  readonly magnitude: Magnitude
}

export function allocateCommand(): Command {
  return withTarget('allocate', "let an AVS's operator sets slash a part of the operator's stake", [
    'lariat operator allocate prices --config node.yaml --magnitude 30%',
    'lariat operator allocate prices --config node.yaml --strategy stETH --magnitude max',
  ])
    .requiredOption(
      '--magnitude <part>',
      "what each set shall have of the operator's stake afterwards, such as 30%; max is all that is free",
      (text): Magnitude => (text === 'max' ? 'max' : magnitude(text)),
    )
    .action((avs: string, options: Options) => run('allocate', avs, options))
}

export function deallocateCommand(): Command {
  return withTarget(
    'deallocate',
    "take back what an AVS's operator sets may slash; they still may for the core's delay",
    [
      'lariat operator deallocate prices --config node.yaml',
      'lariat operator deallocate prices --config node.yaml --magnitude 10%',
    ],
  )
    .addOption(
      new Option('--magnitude <part>', "what each set shall have of the operator's stake afterwards, such as 10%")
        .argParser(magnitude)
        .default(0n, 'nothing'),
    )
    .action((avs: string, options: Options) => run('deallocate', avs, options))
}

function withTarget(name: string, description: string, examples: readonly string[]): Command {
  return sendingCommand(name, description, { examples })
    .argument('<avs>', 'name of a service, or address of an AVS')
    .option('--set <id>', 'operator set, for an AVS that is no service of Lariat; may be repeated', operatorSetIds, [])
    .option(
      '--strategy <symbol>',
      'symbol of the token, or address of the strategy; may be repeated; all with stake unless given',
      collect,
      [],
    )
}

async function run(direction: 'allocate' | 'deallocate', avs: string, options: Options): Promise<void> {
  const { allocatePlanner } = await import('../../node/operator/plans/allocate.ts')
  const { set: sets, strategy: strategies, magnitude: target } = options
  await runPlan(options, allocatePlanner({ direction, avs, sets, strategies, magnitude: target }))
}
