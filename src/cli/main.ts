import { CommanderError } from 'commander'
import { Exit, exitCodeOf } from '../node/exit.ts'
import { LariatError } from '../util/errors.ts'
import { progressLine } from '../util/progress.ts'
import { createProgram } from './program.ts'

/** Runs one command; sets the process's exit code (docs/cli.md lists them). `args` are without the program's name. */
export async function main(args: readonly string[]): Promise<void> {
  const [first, second] = args
  const program = await createProgram((service) => service === (first === 'help' ? second : first))
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    progressLine.output()
    process.exitCode = report(error)
  }
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? Exit.ok : Exit.usage
  process.stderr.write(`lariat: ${messageOf(error)}\n`)
  return exitCodeOf(error)
}

/** Our own errors say what to do; of another the stack is what helps. */
function messageOf(error: unknown): string {
  if (error instanceof LariatError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
