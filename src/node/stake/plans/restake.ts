import { erc20Abi } from 'viem'
import { lrtEntryAbi } from '../../../chain/abi/lrtEntry.ts'
import { lrtVaultAbi } from '../../../chain/abi/lrtVault.ts'
import { readLstValue } from '../../../chain/lst.ts'
import { LariatError } from '../../../util/errors.ts'
import type { Step } from '../../operator/plan.ts'
import { forBlocks, percent } from '../../operator/words.ts'
import { type Amount, of, resolveAmount } from '../amounts.ts'
import { lstNamed, type StakeErrand } from '../perform.ts'
import { readLrt, readLstBalance } from '../state.ts'

/** An LST to the LRT, at its entry of the vault. */
export function restakeErrand(wanted: Amount, symbol: string | undefined): StakeErrand {
  return {
    command: `restake ${wanted} ${symbol ?? ''}`.trim(),
    async plan(session, view) {
      const lst = lstNamed(session, symbol)
      const { account, lrt } = session
      const vault = { address: lrt.vault, abi: lrtVaultAbi } as const
      const state = await readLrt(session, view)
      const taken = state.lsts.find(({ token }) => token === lst.token)
      if (taken === undefined) throw new LariatError('stake.lst', `the LRT does not take ${lst.symbol}`)
      if (!state.isOpen) throw new LariatError('stake.closed', 'the LRT takes no deposits yet: its owner opens it')
      if (state.paused) throw new LariatError('stake.paused', 'deposits of the LRT are paused; exits and claims go on')
      if (await view.read({ ...vault, functionName: 'depegged', args: [lst.token] })) {
        throw new LariatError(
          'stake.depegged',
          `deposits of ${lst.symbol} are stopped: its market feed ${taken.market.feed} is more than ${percent(BigInt(taken.market.bps), 10_000n)} below its own rate, or has been silent for over ${taken.market.heartbeat} seconds; deposit another LST, or wait`,
        )
      }
      const amount = resolveAmount(wanted, await readLstBalance(view, lst, account), lst.symbol, account)
      const [value, room, shares, allowance] = await Promise.all([
        readLstValue(view, lst, amount),
        view.read({ ...vault, functionName: 'depositRoom', args: [lst.token] }),
        view.read({ address: taken.entry, abi: lrtEntryAbi, functionName: 'previewDeposit', args: [amount] }),
        view.read({ address: lst.token, abi: erc20Abi, functionName: 'allowance', args: [account, taken.entry] }),
      ])
      if (value > room) {
        throw new LariatError(
          'stake.cap',
          `the LRT takes only ${of(room, 'ETH')} more of ${lst.symbol}, and this is worth ${of(value, 'ETH')}: restake less, or another LST`,
        )
      }
      const approve: Step = {
        what: `allow the LRT to take ${of(amount, lst.symbol)}`,
        consequences: ['The allowance is for its entry contract, for this amount.'],
        to: lst.token,
        abi: erc20Abi,
        functionName: 'approve',
        args: [taken.entry, amount],
        by: 'anyone',
      }
      return {
        steps: [
          ...(allowance < amount ? [approve] : []),
          {
            what: `restake ${of(amount, lst.symbol)}`,
            consequences: [
              `You get about ${of(shares, state.symbol)}: one stands for ${of(state.rate, 'ETH')} now. The contract enforces no minimum; gains that vest until then make it a little less.`,
              `It is delegated to ${state.operators.length} operators and can be slashed with them: every loss is in the rate in its own block.`,
              `The way out takes at least ${forBlocks(state.exitBlocks, view)} and pays in all LSTs, at most what the shares are worth when you ask.`,
            ],
            to: taken.entry,
            abi: lrtEntryAbi,
            functionName: 'deposit',
            args: [amount, account],
            by: 'anyone',
          },
        ],
        notes: [],
        later: [],
      }
    },
    async after(session, view) {
      const { symbol: name, shares, value } = await readLrt(session, view)
      return [`You have ${of(shares, name)}, worth ${of(value, 'ETH')}. To leave: lariat stake request-withdrawal all.`]
    },
  }
}
