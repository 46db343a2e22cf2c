import type { Deployment } from '../../chain/deployment.ts'
import { simulate } from '../../chain/simulate.ts'
import { LariatError } from '../../util/errors.ts'
import type { Address } from '../../util/hex.ts'
import { toJson } from '../../util/json.ts'
import { withProgress } from '../../util/progress.ts'
import { Exit, type ExitCode } from '../exit.ts'
import { calldataLines, dataOf } from './calldata.ts'
import type { Connection, Sending, View } from './connection.ts'
import type { Plan, Step } from './plan.ts'
import { type Printer, printer } from './print.ts'
import type { Terminal } from './terminal.ts'

/** What a command does, for whom and over what. */
export interface Errand extends Connection {
  readonly deployment: Pick<Deployment, 'name' | 'chainId'>
  /** What the account is, with a capital. */
  readonly title: string
  /** For whom the steps are: who has to send them when they are only printed. */
  readonly account: Address
  /** Reads the chain's state and says what is still to be done. Called again when all of it is done. */
  plan(view: View): Promise<Plan>
  /** Sees that the steps may be sent. @throws LariatError */
  check?(view: View, steps: readonly Step[]): Promise<void>
  /** Called once the steps are agreed to, before the first is sent. */
  begin?(plan: Plan): Promise<void>
  /** Called when all steps are in blocks. */
  finish?(): Promise<void>
}

/** How a command shows and asks. */
export interface Manners {
  /** Do not ask. */
  readonly yes?: boolean | undefined
  /** Print the transactions instead of sending them. */
  readonly calldata?: boolean | undefined
  /** One JSON object a line instead of text. */
  readonly json?: boolean | undefined
}

/**
 * One command: finds again what an earlier run sent, plans from the chain's state, shows the plan with its consequences,
 * asks, sends step after step, and says what remains. Killed at any moment and run again, it goes on without sending a
 * step twice: a step that is in a block is not in the plan any more, and one that may be in a pool is in the record.
 * @throws LariatError what planning and sending throw; `usage.confirm` when nobody is there to be asked
 */
export async function carryOut(manners: Manners, terminal: Terminal, errand: Errand): Promise<ExitCode> {
  const print = printer(manners.json === true, terminal)
  const { sending, chain, account } = errand
  if (sending !== undefined) await finishEarlier(sending, print)
  const { view, plan } = await withProgress('reading the chain', async () => {
    const view = await errand.look()
    const plan = await errand.plan(view)
    await errand.check?.(view, plan.steps)
    await tryFirst(errand, plan)
    return { view, plan }
  })
  if (sending === undefined) {
    for (const line of calldataLines(plan.steps, chain.id, account)) terminal.out(toJson(line))
    return Exit.ok
  }
  print.plan(plan, errand, view)
  if (plan.steps.length === 0) return Exit.ok
  await confirm(manners, plan, sending, terminal)
  await errand.begin?.(plan)
  for (const [i, step] of plan.steps.entries()) await send(step, i, plan.steps.length, sending, print)
  await errand.finish?.()
  const after = await withProgress('reading the chain', async () => {
    const view = await errand.look()
    return { view, plan: await errand.plan(view) }
  })
  print.after(after.plan, after.view)
  return Exit.ok
}

/** Waits for what an earlier run sent; the plan is made from the state after it. */
async function finishEarlier({ sender, transactions }: Sending, print: Printer): Promise<void> {
  const sent = transactions.underway()
  if (sent === undefined) return
  print.resuming(sent.what)
  const receipt = await withProgress('waiting for its block', () => sender.resume(sent))
  print.resumed(sent.what, receipt?.status ?? 'replaced')
}

/** Tells of a step that the core would refuse before anybody is asked. Later steps rest on earlier ones. */
async function tryFirst({ chain, account, sending }: Errand, { steps }: Plan): Promise<void> {
  const [first] = steps
  if (first === undefined) return
  const { to, value, abi, what } = first
  const from = sending?.account ?? account
  await simulate(chain, { from, to, data: dataOf(first), ...(value === undefined ? {} : { value }) }, abi, what)
}

async function confirm(options: Manners, { steps }: Plan, sending: Sending, terminal: Terminal): Promise<void> {
  if (options.yes === true) return
  if (!terminal.interactive) {
    throw new LariatError(
      'usage.confirm',
      'there is no terminal to ask at: look at the plan above and run the same command with --yes',
    )
  }
  const count = steps.length === 1 ? 'this transaction' : `these ${steps.length} transactions`
  if (await terminal.confirm(`Send ${count} from ${sending.account}?`)) return
  throw new LariatError('operator.declined', 'nothing was sent')
}

async function send(step: Step, index: number, count: number, { sender }: Sending, print: Printer): Promise<void> {
  const { what, to, value, abi } = step
  const receipt = await withProgress(`waiting for the block of: ${what}`, () =>
    sender.send({ what, to, data: dataOf(step), abi, ...(value === undefined ? {} : { value }) }),
  )
  print.landed(step, index, count, receipt)
}
