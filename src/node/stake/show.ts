import { readLstRate, readLstValue } from '../../chain/lst.ts'
import { toJson } from '../../util/json.ts'
import { Exit, type ExitCode } from '../exit.ts'
import { processTerminal, type Terminal } from '../operator/terminal.ts'
import { groups } from '../operator/words.ts'
import { of } from './amounts.ts'
import { exitNotes } from './plans/claim.ts'
import { openStakeSession, type StakeSession } from './session.ts'
import { loadStakeSetup, type StakeOptions } from './setup.ts'
import { readExits, readLrt, readLstBalance } from './state.ts'

/**
 * Prints what an account has: ether, LSTs, the LRT, exits. Needs no key.
 * @throws LariatError what opening and reading throw
 */
export async function showStake(
  options: StakeOptions & { readonly json?: boolean | undefined },
  terminal: Terminal = processTerminal(),
): Promise<ExitCode> {
  const session = await openStakeSession(await loadStakeSetup(options), false)
  try {
    const { account, deployment } = session
    const { view, eth, state, exits, lsts } = await readAll(session)
    if (options.json === true) {
      const { symbol, rate, shares, value } = state
      terminal.out(
        toJson({
          ...{ account, chainId: deployment.chainId, block: view.block.number, eth, lsts },
          lrt: { symbol, rate, shares, value },
          exits: { ...exits, readyBlock: exits.readyBlock ?? null },
        }),
      )
      return Exit.ok
    }
    terminal.out(
      `Account ${account} on ${deployment.name} (chain ${deployment.chainId}), block ${groups(view.block.number)}`,
    )
    terminal.out(`  ${of(eth, 'ETH')}`)
    for (const { symbol, balance, rate, value } of lsts) {
      terminal.out(`  ${of(balance, symbol)}, worth ${of(value, 'ETH')} (one is worth ${of(rate, 'ETH')})`)
    }
    terminal.out(
      `  ${of(state.shares, state.symbol)}, worth ${of(state.value, 'ETH')} (one stands for ${of(state.rate, 'ETH')})`,
    )
    for (const note of exitNotes(exits, state, view)) terminal.out(`  ${note}`)
    return Exit.ok
  } finally {
    await session.close()
  }
}

async function readAll(session: StakeSession) {
  const view = await session.look()
  const [eth, state, exits, lsts] = await Promise.all([
    session.chain.providers.ask('the balance', (client) =>
      client.getBalance({ address: session.account, blockNumber: view.block.number }),
    ),
    readLrt(session, view),
    readExits(session, view),
    Promise.all(
      session.lsts.map(async (lst) => {
        const balance = await readLstBalance(view, lst, session.account)
        const [rate, value] = await Promise.all([readLstRate(view, lst), readLstValue(view, lst, balance)])
        return { symbol: lst.symbol, balance, rate, value }
      }),
    ),
  ])
  return { view, eth, state, exits, lsts }
}
