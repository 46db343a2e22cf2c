import { Command, InvalidArgumentError } from 'commander'
import type { Planner } from '../../node/operator/perform.ts'
import { about } from '../about.ts'
import { finish } from '../finish.ts'
import { withConfig } from '../options.ts'

/** What the options of every command that sends give. */
export interface SendingOptions {
  readonly config: string
  readonly yes?: boolean
  readonly calldata?: boolean
  readonly json?: boolean
}

/** What commands that send print with `--json` (`--calldata` prints its own lines). */
const PLAN =
  'block, steps: [{ what, consequences: [text], to, function, args: [any] }], notes: [text], later: [{ what, fromBlock? }]'
export const SENDING_LINES = `{ event: "resuming", what }
    { event: "resumed", what, outcome: "success" | "reverted" | "replaced" }
    { event: "plan", operator?, account?, chainId: number, ${PLAN} }
    { event: "landed", what, hash, blockNumber, gasUsed }
    { event: "after", ${PLAN} }`

/** A command that shows a plan and carries it out. */
export function sendingCommand(
  name: string,
  description: string,
  { examples }: { readonly examples: readonly string[] },
): Command {
  return about(withSending(withConfig(new Command(name).description(description))), {
    examples,
    jsonLines: SENDING_LINES,
    progress: 'reading the chain',
  })
}

/** Adds the options of what sends. */
export function withSending<C extends Command>(command: C): C {
  command.option('--yes', 'do not ask before sending')
  command.option('--calldata', 'print the transactions as JSON lines instead of sending them; needs no key')
  return command
}

/** Carries the plan out and ends the process. */
export async function runPlan(options: SendingOptions, planner: Planner): Promise<void> {
  const { perform } = await import('../../node/operator/perform.ts')
  await finish(await perform(options, planner))
}

/** `--set 1 --set 2` */
export function operatorSetIds(text: string, before: readonly number[]): readonly number[] {
  return [...before, whole(2 ** 32 - 1)(text)]
}

/** `--strategy stETH --strategy 0x…` */
export function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text]
}

/** A whole number from 0 to `most`. */
export function whole(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d{1,10}$/.test(text) || value > most) {
      throw new InvalidArgumentError(`expected a whole number from 0 to ${most}`)
    }
    return value
  }
}

const WAD_PER_CENT = 10n ** 16n

/** `30%` or `12.5%` as a part of 1e18. */
export function magnitude(text: string): bigint {
  const [, integer = '', fraction = ''] = /^(\d{1,3})(?:\.(\d{1,4}))?%$/.exec(text) ?? []
  const parts = integer === '' ? -1n : BigInt(integer + fraction.padEnd(4, '0'))
  if (parts < 0n || parts > 1_000_000n)
    throw new InvalidArgumentError('expected a part in per cent, such as 30% or 12.5%')
  return (parts * WAD_PER_CENT) / 10_000n
}
