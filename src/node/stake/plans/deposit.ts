import { stakingPoolAbi } from '../../../chain/abi/stakingPool.ts'
import { readLstRate } from '../../../chain/lst.ts'
import { LariatError } from '../../../util/errors.ts'
import { type Amount, of, resolveAmount } from '../amounts.ts'
import { lstNamed, type StakeErrand } from '../perform.ts'
import { readLstBalance } from '../state.ts'

const ONE = 10n ** 18n
/** Left to pay gas with when all ether is staked, wei. */
const GAS_MONEY = ONE / 100n

/** Ether to an LST, at its pool. */
export function depositErrand(wanted: Amount, symbol: string | undefined): StakeErrand {
  return {
    command: `deposit ${wanted} ${symbol ?? ''}`.trim(),
    async plan(session, view) {
      const lst = lstNamed(session, symbol)
      const { account, chain } = session
      const balance = await chain.providers.ask('the balance', (client) =>
        client.getBalance({ address: account, blockNumber: view.block.number }),
      )
      const spendable = balance > GAS_MONEY ? balance - GAS_MONEY : 0n
      const eth = resolveAmount(wanted, spendable, 'ETH to spend', account)
      const rate = await readLstRate(view, lst)
      if (rate === 0n) throw new LariatError('stake.worthless', `${lst.symbol} is worth nothing by its own rate`)
      const tokens = (eth * ONE) / rate
      return {
        steps: [
          {
            what: `stake ${of(eth, 'ETH')} for ${lst.symbol}`,
            consequences: [
              `You get about ${of(tokens, lst.symbol)}: one is worth ${of(rate, 'ETH')} by its own rate, now. The pool enforces no minimum; only a report in between changes the figure.`,
              lst.kind === 'steth'
                ? 'Your balance of it follows the pool: it grows with rewards of staking and shrinks with penalties.'
                : 'Its rate follows the pool: it grows with rewards of staking and shrinks with penalties.',
            ],
            to: lst.pool,
            abi: stakingPoolAbi,
            functionName: 'deposit',
            args: [],
            value: eth,
            by: 'anyone',
          },
        ],
        notes: [],
        later: [],
      }
    },
    async after(session, view) {
      const lst = lstNamed(session, symbol)
      const balance = await readLstBalance(view, lst, session.account)
      return [`You have ${of(balance, lst.symbol)}. Next: lariat stake restake all --lst ${lst.symbol}.`]
    },
  }
}
