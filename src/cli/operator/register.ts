import { type Command, InvalidArgumentError } from 'commander'
import type { StakeTarget } from '../../node/operator/plans/register.ts'
import { runPlan, type SendingOptions, sendingCommand, whole } from './common.ts'
import { metadataUri } from './metadata.ts'

interface Options extends SendingOptions {
  readonly stake: readonly StakeTarget[]
  readonly metadata: string
  readonly allocationDelay: number
}

export function registerCommand(): Command {
  return sendingCommand('register', 'register the operator with the restaking core, and deposit own tokens', {
    examples: [
      'lariat operator register --config node.yaml',
      'lariat operator register --config node.yaml --stake stETH=32 --metadata https://operator.example/about.json',
    ],
  })
    .option(
      '--stake <tokens>',
      'deposit until so many own tokens are staked: 32 in every strategy, stETH=32 in one; may be repeated',
      stake,
      [] as readonly StakeTarget[],
    )
    .option('--metadata <uri>', "where the operator's name and logo are, as JSON", metadataUri, '')
    .option('--allocation-delay <blocks>', 'blocks from an allocation until it counts', whole(2 ** 32 - 1), 0)
    .action(async (options: Options) => {
      const { registerPlanner } = await import('../../node/operator/plans/register.ts')
      const { metadata, allocationDelay, stake: stakes } = options
      await runPlan(options, registerPlanner({ metadataUri: metadata, allocationDelay, stakes }))
    })
}

/** `32` or `stETH=32`. */
function stake(text: string, before: readonly StakeTarget[]): readonly StakeTarget[] {
  const match = /^(?:([A-Za-z0-9._-]{1,64})=)?(\d{1,18}(?:\.\d{1,18})?)$/.exec(text)
  if (match === null) throw new InvalidArgumentError('expected an amount of tokens, such as 32 or stETH=32')
  const [, strategy, tokens = ''] = match
  return [...before, { strategy, tokens }]
}
