import { Command } from 'commander'
import { about } from './about.ts'
import { finish } from './finish.ts'
import { SENDING_LINES, type SendingOptions, withSending } from './operator/common.ts'
import { type ConfigFlags, withConfig } from './options.ts'

/**
 * `rewards show|claim`: mounted at the top and under `operator`. A new command each time, as a command has one parent.
 * @param place the words before it
 */
export function rewardsCommand(place = 'lariat'): Command {
  return new Command('rewards')
    .description('what the operator has earned, and claims of it (docs/rewards.md)')
    .addCommand(showCommand(place))
    .addCommand(claimCommand(place))
}

const ROOT = '{ index: number, root, endTimestamp: number, activatedAt: number, disabled: boolean }'

function showCommand(place: string): Command {
  const show = new Command('show').description(
    'earned, claimed and claimable amounts of each token, and the root that proves them',
  )
  return about(withConfig(show), {
    examples: [`${place} rewards show --config node.yaml`],
    json: `{ operator, coordinator, block, now: number, claimer, newest?: ${ROOT}, claimable?: ${ROOT}, root?: ${ROOT}, active: boolean, tokens: [{ token, earned, claimed, claimable }] }: amounts in the smallest unit`,
    progress: 'reading the chain',
  }).action(async (flags: ConfigFlags) => {
    const { showRewards } = await import('../node/rewards/show.ts')
    await finish(await showRewards(flags))
  })
}

function claimCommand(place: string): Command {
  const claim = new Command('claim')
    .description('claim what is new; run again after an interruption, it claims nothing twice')
    .option('--recipient <address>', 'who gets the tokens; rewards.recipient of the configuration, else the operator')
    .option('--token <address...>', 'only these tokens')
  return about(withSending(withConfig(claim)), {
    examples: [
      `${place} rewards claim --config node.yaml`,
      `${place} rewards claim --config node.yaml --token 0x5FbDB2315678afecb367f032d93F642f64180aa3 --yes`,
    ],
    jsonLines: SENDING_LINES,
    progress: 'reading the chain',
  }).action(async ({ recipient, token, ...flags }: SendingOptions & { recipient?: string; token?: string[] }) => {
    const { claimRewards, parseAddress } = await import('../node/rewards/claim.ts')
    const code = await claimRewards({
      ...flags,
      recipient: recipient === undefined ? undefined : parseAddress(recipient, '--recipient'),
      tokens: token?.map((text) => parseAddress(text, '--token')),
    })
    await finish(code)
  })
}
