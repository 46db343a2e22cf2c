import { simulate } from '../../chain/simulate.ts'
import { LariatError } from '../../util/errors.ts'
import { toJson } from '../../util/json.ts'
import { Exit, type ExitCode } from '../exit.ts'
import { calldataLines, dataOf } from './calldata.ts'
import type { Plan, Step } from './plan.ts'
import { checkRights } from './rights.ts'
import { type OperatorSession, openSession, type Sending, type View } from './session.ts'
import { processTerminal, type Terminal } from './terminal.ts'
import { atBlock, groups } from './words.ts'

/** Options that all commands with transactions have. */
export interface CommandOptions {
  /** Configuration file. */
  readonly config: string
  /** Do not ask. */
  readonly yes?: boolean | undefined
  /** Print the transactions instead of sending them. */
  readonly calldata?: boolean | undefined
  /** One JSON object a line instead of text. */
  readonly json?: boolean | undefined
}

/** Reads the chain's state and says what is still to be done. Called again when all of it is done. */
export type Planner = (session: OperatorSession, view: View) => Promise<Plan>

/**
 * One command: finds again what an earlier run sent, plans from the chain's state, shows the plan with its consequences,
 * asks, sends step after step, and says what remains. Killed at any moment and run again, it goes on without sending a
 * step twice: a step that is in a block is not in the plan any more, and one that may be in a pool is in the record.
 * @throws LariatError what opening, planning and sending throw; `usage.confirm` when nobody is there to be asked
 */
export async function perform(
  options: CommandOptions,
  planner: Planner,
  terminal: Terminal = processTerminal(),
): Promise<ExitCode> {
  const session = await openSession({ config: options.config, send: options.calldata !== true })
  const print = printer(options.json === true, terminal)
  try {
    const { sending } = session
    if (sending !== undefined) await finishEarlier(sending, print)
    const view = await session.look()
    const plan = await planner(session, view)
    await checkRights(session, view, plan.steps)
    await tryFirst(session, plan)
    if (sending === undefined) {
      for (const line of calldataLines(plan.steps, session.chain.id, session.operator)) terminal.out(toJson(line))
      return Exit.ok
    }
    print.plan(plan, session, view)
    if (plan.steps.length === 0) return Exit.ok
    await confirm(options, plan, sending, terminal)
    for (const [i, step] of plan.steps.entries()) await send(step, i, plan.steps.length, sending, print)
    const after = await session.look()
    print.after(await planner(session, after), after)
    return Exit.ok
  } finally {
    await session.close()
  }
}

/** Waits for what an earlier run sent; the plan is made from the state after it. */
async function finishEarlier({ sender, transactions }: Sending, print: Printer): Promise<void> {
  const sent = transactions.underway()
  if (sent === undefined) return
  print.resuming(sent.what)
  const receipt = await sender.resume(sent)
  print.resumed(sent.what, receipt?.status ?? 'replaced')
}

/** Tells of a step that the core would refuse before anybody is asked. Later steps rest on earlier ones. */
async function tryFirst({ chain, operator, sending }: OperatorSession, { steps }: Plan): Promise<void> {
  const [first] = steps
  if (first === undefined) return
  const { to, value, abi, what } = first
  const from = sending?.account ?? operator
  await simulate(chain, { from, to, data: dataOf(first), ...(value === undefined ? {} : { value }) }, abi, what)
}

async function confirm(options: CommandOptions, { steps }: Plan, sending: Sending, terminal: Terminal): Promise<void> {
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
  const receipt = await sender.send({
    what,
    to,
    data: dataOf(step),
    abi,
    ...(value === undefined ? {} : { value }),
  })
  print.landed(step, index, count, receipt)
}

interface Landed {
  readonly hash: string
  readonly blockNumber: bigint
  readonly gasUsed: bigint
}

interface Printer {
  resuming(what: string): void
  resumed(what: string, outcome: 'success' | 'reverted' | 'replaced'): void
  plan(plan: Plan, session: OperatorSession, view: View): void
  landed(step: Step, index: number, count: number, receipt: Landed): void
  after(plan: Plan, view: View): void
}

const OUTCOMES = {
  success: 'it is in a block',
  reverted: 'it failed in its block; the plan below does it again if it is still needed',
  replaced: 'another transaction took its place; the plan below does it again if it is still needed',
} as const

function printer(json: boolean, { out }: Terminal): Printer {
  if (json) return jsonPrinter(out)
  const facts = ({ notes, later }: Plan, view: View) => {
    for (const note of notes) out(`  ${note}`)
    for (const { what, fromBlock } of later) {
      out(`  later: ${what}${fromBlock === undefined ? '' : `, from ${atBlock(fromBlock, view)} on`}`)
    }
  }
  return {
    resuming: (what) => out(`An earlier run sent a transaction: ${what}. Waiting for it …`),
    resumed: (what, outcome) => out(`  ${what}: ${OUTCOMES[outcome]}`),
    plan(plan, { operator, deployment }, view) {
      out(
        `Operator ${operator} on ${deployment.name} (chain ${deployment.chainId}), block ${groups(view.block.number)}`,
      )
      for (const [i, { what, consequences }] of plan.steps.entries()) {
        out(`${i + 1}. ${what}`)
        for (const consequence of consequences) out(`   - ${consequence}`)
      }
      if (plan.steps.length === 0) out('Nothing to send.')
      facts(plan, view)
    },
    landed: ({ what }, index, count, { hash, blockNumber, gasUsed }) =>
      out(`done ${index + 1}/${count}: ${what} (block ${groups(blockNumber)}, ${groups(gasUsed)} gas, ${hash})`),
    after(plan, view) {
      if (plan.steps.length > 0) out('More can be done now: run the command again.')
      facts(plan, view)
    },
  }
}

/** One object a line, each with `event`: resuming, resumed, plan, landed, after. */
function jsonPrinter(out: (line: string) => void): Printer {
  const emit = (event: string, fields: Record<string, unknown>) => out(toJson({ event, ...fields }))
  const plain = ({ steps, notes, later }: Plan, view: View) => ({
    block: view.block.number,
    steps: steps.map(({ what, consequences, to, functionName, args }) => ({
      what,
      consequences,
      to,
      function: functionName,
      args,
    })),
    notes,
    later,
  })
  return {
    resuming: (what) => emit('resuming', { what }),
    resumed: (what, outcome) => emit('resumed', { what, outcome }),
    plan: (plan, { operator, chain }, view) => emit('plan', { operator, chainId: chain.id, ...plain(plan, view) }),
    landed: ({ what }, _index, _count, { hash, blockNumber, gasUsed }) =>
      emit('landed', { what, hash, blockNumber, gasUsed }),
    after: (plan, view) => emit('after', plain(plan, view)),
  }
}
