import type { ExitCode } from '../exit.ts'
import { carryOut, type Manners } from './carryOut.ts'
import type { Plan } from './plan.ts'
import { checkRights } from './rights.ts'
import { type OperatorSession, openSession, type View } from './session.ts'
import { processTerminal, type Terminal } from './terminal.ts'

/** Options that all commands with transactions have. */
export interface CommandOptions extends Manners {
  /** Configuration file. */
  readonly config: string
}

/** Reads the chain's state and says what is still to be done. Called again when all of it is done. */
export type Planner = (session: OperatorSession, view: View) => Promise<Plan>

/**
 * One command about the operator: see `carryOut`.
 * @throws LariatError what opening, planning and sending throw; `usage.confirm` when nobody is there to be asked
 */
export async function perform(
  options: CommandOptions,
  planner: Planner,
  terminal: Terminal = processTerminal(),
): Promise<ExitCode> {
  const session = await openSession({ config: options.config, send: options.calldata !== true })
  try {
    const { chain, sending, look, deployment, operator } = session
    return await carryOut(options, terminal, {
      ...{ chain, sending, look, deployment },
      title: 'Operator',
      account: operator,
      plan: (view) => planner(session, view),
      check: (view, steps) => checkRights(session, view, steps),
    })
  } finally {
    await session.close()
  }
}
