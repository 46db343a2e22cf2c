import { LariatError } from '../../util/errors.ts'
import type { ExitCode } from '../exit.ts'
import { carryOut, type Manners } from '../operator/carryOut.ts'
import type { View } from '../operator/connection.ts'
import type { Plan } from '../operator/plan.ts'
import { processTerminal, type Terminal } from '../operator/terminal.ts'
import { groups } from '../operator/words.ts'
import { openStakeSession, type StakeSession } from './session.ts'
import { loadStakeSetup, type StakeOptions } from './setup.ts'

/** Options that all commands of a staker have. */
export interface StakeCommandOptions extends StakeOptions, Manners {}

/** What one command does. */
export interface StakeErrand {
  /** The command as it was given, such as `restake 10 stETH`. */
  readonly command: string
  plan(session: StakeSession, view: View): Promise<Plan>
  /** What to say when all is done. */
  after(session: StakeSession, view: View): Promise<Plan['notes']>
  /** Called before anything is planned. */
  prepare?(session: StakeSession): Promise<void>
}

/**
 * One command of a staker, with the manners of the operator's (`carryOut`). Killed at any moment and run again with the
 * same arguments, it goes on; when the killed run had done everything, it says so and sends nothing.
 * @throws LariatError what opening, planning and sending throw
 */
export async function performStake(
  options: StakeCommandOptions,
  errand: StakeErrand,
  terminal: Terminal = processTerminal(),
): Promise<ExitCode> {
  const session = await openStakeSession(await loadStakeSetup(options), options.calldata !== true)
  try {
    await errand.prepare?.(session)
    const { chain, sending, look, deployment, account, intents } = session
    let done = false
    return await carryOut(options, terminal, {
      ...{ chain, sending, look, deployment, account },
      title: 'Account',
      async plan(view) {
        if (done) return { steps: [], notes: await errand.after(session, view), later: [] }
        const earlier = await pickUp(session, errand.command)
        if (earlier.done)
          return { steps: [], notes: [...earlier.notes, ...(await errand.after(session, view))], later: [] }
        const plan = await errand.plan(session, view)
        return { ...plan, notes: [...earlier.notes, ...plan.notes] }
      },
      async begin({ steps }) {
        const last = steps.at(-1)
        if (last === undefined) return
        const count = await chain.providers.ask('the account’s nonce', (client) =>
          client.getTransactionCount({ address: account, blockTag: 'latest' }),
        )
        await intents?.begin({ command: errand.command, last: last.what, firstNonce: BigInt(count) })
      },
      async finish() {
        done = true
        await intents?.end()
      },
    })
  } finally {
    await session.close()
  }
}

/** What became of a command that was cut short. */
async function pickUp(
  { intents, sending }: StakeSession,
  command: string,
): Promise<{ readonly done: boolean; readonly notes: readonly string[] }> {
  const intent = await intents?.read()
  if (intent === undefined || sending === undefined) return { done: false, notes: [] }
  const landed = sending.transactions
    .done()
    .find(({ what, nonce, status }) => what === intent.last && nonce >= intent.firstNonce && status === 'success')
  if (intent.command !== command) {
    await intents?.end()
    const outcome =
      landed === undefined
        ? 'It did not get to its last transaction; run it again if it is still wanted.'
        : 'It did all it should.'
    return { done: false, notes: [`An earlier command, ${intent.command}, was cut short. ${outcome}`] }
  }
  if (landed === undefined)
    return { done: false, notes: ['An earlier run of this command was cut short; this one goes on with it.'] }
  await intents?.end()
  const block = landed.blockNumber === undefined ? '' : ` in block ${groups(landed.blockNumber)}`
  return {
    done: true,
    notes: [
      `An earlier run of this command was cut short after it had done everything${block}: run it once more to do it again.`,
    ],
  }
}

/** The LST that is meant. @throws LariatError `usage.lst` */
export function lstNamed({ lsts }: Pick<StakeSession, 'lsts'>, symbol: string | undefined) {
  const found =
    symbol === undefined
      ? lsts.length === 1
        ? lsts[0]
        : undefined
      : lsts.find((lst) => lst.symbol.toLowerCase() === symbol.toLowerCase())
  if (found !== undefined) return found
  const there = lsts.map((lst) => lst.symbol).join(', ')
  throw new LariatError(
    'usage.lst',
    symbol === undefined ? `say which LST with --lst: ${there}` : `there is no LST ${symbol} here: choose of ${there}`,
  )
}
