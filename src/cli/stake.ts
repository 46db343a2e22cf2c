import { Command } from 'commander'
import type { StakeCommandOptions } from '../node/stake/perform.ts'
import { parseDuration } from '../util/duration.ts'
import { finish } from './finish.ts'

export function stakeCommand(): Command {
  const stake = new Command('stake').description(
    "a staker's way: ether to an LST, to the LRT, and back (docs/staking.md)",
  )
  for (const command of [deposit(), restake(), requestWithdrawal(), claim(), show()]) {
    stake.addCommand(command.exitOverride())
  }
  return stake
}

function deposit(): Command {
  return sending(
    withLst(new Command('deposit').description('stake ether for an LST').argument('<amount>', AMOUNT)),
  ).action(async (amount: string, options: StakeCommandOptions & { lst?: string }) => {
    const [{ performStake }, { parseAmount }, { depositErrand }] = await Promise.all([
      import('../node/stake/perform.ts'),
      import('../node/stake/amounts.ts'),
      import('../node/stake/plans/deposit.ts'),
    ])
    await finish(await performStake(options, depositErrand(parseAmount(amount), options.lst)))
  })
}

function restake(): Command {
  return sending(
    withLst(new Command('restake').description('give an LST to the LRT').argument('<amount>', AMOUNT)),
  ).action(async (amount: string, options: StakeCommandOptions & { lst?: string }) => {
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
  return sending(new Command('claim').description('take what a withdrawal is paid'))
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
  return common(new Command('show').description('print what an account has: ether, LSTs, the LRT, withdrawals'))
    .option('--json', 'one JSON object, amounts in wei')
    .action(async (options: StakeCommandOptions) => {
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

function sending(command: Command): Command {
  return common(command)
    .option('--yes', 'do not ask')
    .option('--calldata', 'print the transactions instead of sending them')
    .option('--json', 'one JSON object a line')
}
