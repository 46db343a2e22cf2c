import { lrtVaultAbi } from '../../../chain/abi/lrtVault.ts'
import { sleep } from '../../../util/clock.ts'
import { LariatError } from '../../../util/errors.ts'
import type { View } from '../../operator/connection.ts'
import { atBlock, list } from '../../operator/words.ts'
import { of } from '../amounts.ts'
import type { StakeErrand } from '../perform.ts'
import { type Exits, type LrtState, readExits, readLrt, readLstBalance } from '../state.ts'

/** ms between looks while a claim waits. */
const LOOK_MS = 1_000

/** What the account's fulfilled exits are paid, of all LSTs at once. @param waitMs how long to wait for something to claim */
export function claimErrand(waitMs: number): StakeErrand {
  return {
    command: 'claim',
    async prepare(session) {
      const { chain, account } = session
      const deadline = chain.clock.now() + waitMs
      for (;;) {
        const view = await session.look()
        const { claimable, pending } = await readExits(session, view)
        if (claimable.length > 0 || waitMs === 0) return
        if (pending === 0n)
          throw new LariatError('stake.no-exit', `${account} has asked for no withdrawal: nothing will come`)
        if (chain.clock.now() >= deadline) {
          throw new LariatError(
            'stake.waiting',
            'the withdrawal is not claimable yet: wait longer, or see lariat stake show',
          )
        }
        await sleep(chain.clock, LOOK_MS, chain.closed)
      }
    },
    async plan(session, view) {
      const { account, lrt } = session
      const exits = await readExits(session, view)
      const state = await readLrt(session, view)
      if (exits.claimable.length === 0) {
        const notes = exits.pending === 0n ? ['There is nothing to claim, and no withdrawal was asked for.'] : []
        return { steps: [], notes: [...notes, ...exitNotes(exits, state, view)], later: [] }
      }
      const paid = exits.claimable.map(({ symbol, amount }) => of(amount, symbol))
      return {
        steps: [
          {
            what: `claim ${list(paid)}`,
            consequences: ['The tokens are set aside for you already; they come to your account.'],
            to: lrt.vault,
            abi: lrtVaultAbi,
            functionName: 'claimAll',
            args: [account, account],
            by: 'anyone',
          },
        ],
        notes: exitNotes({ ...exits, claimable: [] }, state, view),
        later: [],
      }
    },
    async after(session, view) {
      const { account, lsts } = session
      const balances = await Promise.all(
        lsts.map(async (lst) => of(await readLstBalance(view, lst, account), lst.symbol)),
      )
      return [`You have ${list(balances)}.`]
    },
  }
}

/** What is said of exits that wait, and of those that can be claimed. */
export function exitNotes(exits: Exits, { symbol }: LrtState, view: View): string[] {
  const notes: string[] = []
  if (exits.claimable.length > 0) {
    notes.push(
      `You can claim ${list(exits.claimable.map((each) => of(each.amount, each.symbol)))}: lariat stake claim.`,
    )
  }
  if (exits.pending > 0n) {
    const when =
      exits.readyBlock === undefined ? '' : `; claimable at the earliest at ${atBlock(exits.readyBlock, view)}`
    notes.push(`${of(exits.pending, symbol)} wait to be paid out${when}. Then: lariat stake claim.`)
  }
  return notes
}
