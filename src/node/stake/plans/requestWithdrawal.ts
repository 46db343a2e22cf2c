import { lrtEntryAbi } from '../../../chain/abi/lrtEntry.ts'
import { lrtVaultAbi } from '../../../chain/abi/lrtVault.ts'
import { LariatError } from '../../../util/errors.ts'
import { forBlocks, list } from '../../operator/words.ts'
import { type Amount, of, resolveAmount } from '../amounts.ts'
import type { StakeErrand } from '../perform.ts'
import { readExits, readLrt } from '../state.ts'
import { exitNotes } from './claim.ts'

/** Shares of the LRT into the vault's exit queue. */
export function requestWithdrawalErrand(wanted: Amount): StakeErrand {
  return {
    command: `request-withdrawal ${wanted}`,
    async plan(session, view) {
      const { account, lrt, lsts } = session
      const state = await readLrt(session, view)
      const [entry] = state.lsts
      if (entry === undefined) throw new LariatError('stake.lst', 'the LRT has no LSTs yet')
      const shares = resolveAmount(wanted, state.shares, state.symbol, account)
      const vault = { address: lrt.vault, abi: lrtVaultAbi } as const
      const [value, ahead] = await Promise.all([
        view.read({ ...vault, functionName: 'valueOfShares', args: [shares] }),
        view.read({ ...vault, functionName: 'pendingShares', args: [] }),
      ])
      return {
        steps: [
          {
            what: `give up ${of(shares, state.symbol)} for what ${shares === 1n ? 'it is' : 'they are'} worth`,
            consequences: [
              `They are worth ${of(value, 'ETH')} now: at most that is paid, and less if the rate is lower when it is your turn. There is no minimum: slashes and penalties until then count.`,
              `It is paid in ${list(lsts.map((lst) => lst.symbol))}, in the parts that the LRT has of them.`,
              `It takes at least ${forBlocks(state.exitBlocks, view)}, the restaking core’s withdrawal delay, and somebody to take the steps in between; anybody may.`,
              'A request cannot be taken back. While it waits the shares earn nothing.',
            ],
            to: entry.entry,
            abi: lrtEntryAbi,
            functionName: 'requestRedeem',
            args: [shares, account, account],
            by: 'anyone',
          },
        ],
        notes:
          ahead === 0n
            ? []
            : [`${of(ahead, state.symbol)} of others and yours wait already; first come, first served.`],
        later: [],
      }
    },
    async after(session, view) {
      return exitNotes(await readExits(session, view), await readLrt(session, view), view)
    },
  }
}
