import { Command } from 'commander'
import type { StakeCommandOptions } from '../node/stake/perform.ts'
import { parseDuration } from '../util/duration.ts'
import { about } from './about.ts'
import { finish } from './finish.ts'
import { SENDING_LINES, withSending } from './operator/common.ts'

export function stakeCommand(): Command {
  const stake = new Command('stake').description(
    "a staker's way: ether to an LST, to the LRT, and back (docs/staking.md)",
  )
  for (const command of [deposit(), restake(), requestWithdrawal(), claim(), show()]) {
    stake.addCommand(command)
  }
  return stake
}

function deposit(): Command {
  return sending(withLst(new Command('deposit').description('stake ether for an LST').argument('<amount>', AMOUNT)), [
    'lariat stake deposit 10 --lst stETH --config staker.yaml',
  ]).action(async (amount: string, options: StakeCommandOptions & { lst?: string }) => {
    const [{ performStake }, { parseAmount }, { depositErrand }] = await Promise.all([
      import('../node/stake/perform.ts'),
      import('../node/stake/amounts.ts'),
      import('../node/stake/plans/deposit.ts'),
    ])
    await finish(await performStake(options, depositErrand(parseAmount(amount), options.lst)))
  })
}

function restake(): Command {
  return sending(withLst(new Command('restake').description('give an LST to the LRT').argument('<amount>', AMOUNT)), [
    'lariat stake restake all --lst stETH --config staker.yaml',
  ]).action(async (amount: string, options: StakeCommandOptions & { lst?: string }) => {
    const [{ performStake }, { parseAmount }, { restakeErrand }] = await Promise.all([
      import('../node/stake/perform.ts'),
      import('../node/stake/amounts.ts'),
      import('../node/stake/plans/restake.ts'),
    ])
    await finish(await performStake(options, restakeErrand(parseAmount(amount), options.lst)))
  })
}

function requestWithdrawal(): Command {
  return sending(
    new Command('request-withdrawal').description('give the LRT up for LSTs').argument('<amount>', AMOUNT),
    ['lariat stake request-withdrawal 2.5 --config staker.yaml'],
  ).action(async (amount: string, options: StakeCommandOptions) => {
    const [{ performStake }, { parseAmount }, { requestWithdrawalErrand }] = await Promise.all([
      import('../node/stake/perform.ts'),
      import('../node/stake/amounts.ts'),
      import('../node/stake/plans/requestWithdrawal.ts'),
    ])
    await finish(await performStake(options, requestWithdrawalErrand(parseAmount(amount))))
  })
}

function claim(): Command {
  return sending(new Command('claim').description('take what a withdrawal is paid'), [
    'lariat stake claim --config staker.yaml --wait 5m',
  ])
    .option('--wait <time>', 'wait so long for something to claim, such as 5m')
    .action(async (options: StakeCommandOptions & { wait?: string }) => {
      const [{ performStake }, { claimErrand }] = await Promise.all([
        import('../node/stake/perform.ts'),
        import('../node/stake/plans/claim.ts'),
      ])
      const wait = options.wait === undefined ? 0 : parseDuration(options.wait)
      await finish(await performStake(options, claimErrand(wait)))
    })
}

function show(): Command {
  const show = new Command('show').description('print what an account has: ether, LSTs, the LRT, withdrawals')
  return about(common(show), {
    examples: [
      'lariat stake show --config staker.yaml',
      'lariat stake show --deployment deployment.json --rpc http://127.0.0.1:8545 --account 0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
    ],
    json: '{ account, chainId: number, block, eth, lsts: [{ symbol, balance, rate, value }], lrt: { symbol, rate, shares, value }, exits: { pending, readyBlock, claimable: [{ symbol, amount }] } }: amounts in wei',
    progress: 'reading the chain',
  }).action(async (options: StakeCommandOptions) => {
    const { showStake } = await import('../node/stake/show.ts')
    await finish(await showStake(options))
  })
}

const AMOUNT = 'such as 10 or 0.5, or all'

function withLst(command: Command): Command {
  return command.option('--lst <symbol>', 'which LST, where the deployment has several')
}

/** Options of every command: a file, or what would be in it. */
function common(command: Command): Command {
  return command
    .option(
      '--config <file>',
      'file with the options below as keys: deployment, rpc, keystore, passwordFile, account, dataDir',
    )
    .option('--deployment <file>', 'deployment file of the chain')
    .option('--rpc <url>', 'where the chain can be reached; may be given again', (url: string, earlier?: string[]) => [
      ...(earlier ?? []),
      url,
    ])
    .option('--keystore <file>', 'v3 keystore of the account')
    .option('--password-file <file>', "the keystore's password")
    .option('--account <address>', 'whose stake it is, where no key is given')
    .option('--data-dir <folder>', 'where transactions under way are written down; beside the keystore unless given')
}

function sending(command: Command, examples: readonly string[]): Command {
  return about(withSending(common(command)), { examples, jsonLines: SENDING_LINES, progress: 'reading the chain' })
}
