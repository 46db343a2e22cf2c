import { Command } from 'commander'
import { finish } from './finish.ts'

interface Flags {
  readonly config: string
  readonly json?: boolean
  readonly yes?: boolean
  readonly calldata?: boolean
  readonly recipient?: string
  readonly token?: string[]
}

/** `rewards show|claim`: mounted at the top and under `operator`. A new command each time, as a command has one parent. */
export function rewardsCommand(): Command {
  const rewards = new Command('rewards').description('what the operator has earned, and claims of it (docs/rewards.md)')
  rewards
    .command('show')
    .description('earned, claimed and claimable amounts of each token, and the root that proves them')
    .requiredOption('--config <file>', 'configuration (docs/configuration.md)')
    .option('--json', 'one JSON object instead of text')
    .exitOverride()
    .action(async (flags: Flags) => {
      const { showRewards } = await import('../node/rewards/show.ts')
      await finish(await showRewards(flags))
    })
  rewards
    .command('claim')
    .description('claim what is new; run again after an interruption, it claims nothing twice')
    .requiredOption('--config <file>', 'configuration (docs/configuration.md)')
    .option('--recipient <address>', 'who gets the tokens; rewards.recipient of the configuration, else the operator')
    .option('--token <address...>', 'only these tokens')
    .option('--yes', 'do not ask')
    .option('--calldata', 'print the transactions instead of sending them')
    .option('--json', 'one JSON object a line instead of text')
    .exitOverride()
    .action(async ({ recipient, token, ...flags }: Flags) => {
      const { claimRewards, parseAddress } = await import('../node/rewards/claim.ts')
      const code = await claimRewards({
        ...flags,
        recipient: recipient === undefined ? undefined : parseAddress(recipient, '--recipient'),
        tokens: token?.map((text) => parseAddress(text, '--token')),
      })
      await finish(code)
    })
  return rewards.exitOverride()
}
