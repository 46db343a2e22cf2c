import { Command, InvalidArgumentError } from 'commander'
import { Exit } from '../node/exit.ts'
import { finish } from './finish.ts'

export function operatorCommand(): Command {
  const operator = new Command('operator').description("the operator's account with the restaking core")
  operator
    .command('register')
    .description(
      'register the operator with the core and join the services of a configuration; goes on where it stopped',
    )
    .requiredOption('--config <file>', 'configuration (docs/configuration.md)')
    .option('--stake <tokens>', 'deposit own tokens until this much is staked in each strategy', tokens)
    .exitOverride()
    .action(async ({ config, stake }: { config: string; stake?: bigint }) => {
      const { registerFromConfig } = await import('../node/registerCommand.ts')
      await registerFromConfig(config, stake)
      await finish(Exit.ok)
    })
  return operator
}

/** Tokens of 18 decimals, in their smallest unit. */
function tokens(text: string): bigint {
  if (!/^\d{1,18}(\.\d{1,18})?$/.test(text)) throw new InvalidArgumentError('expected an amount of tokens, such as 32')
  const [whole = '', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(18, '0'))
}
