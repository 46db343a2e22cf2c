import { Command, CommanderError } from 'commander'
import { Exit, exitCodeOf } from '../node/exit.ts'
import { PLUGINS } from '../node/plugins.ts'
import { LariatError } from '../util/errors.ts'
import { VERSION } from '../util/version.ts'
import { acknowledgeCommand } from './acknowledge.ts'
import { doctorCommand } from './doctor.ts'
import { evidenceCommand } from './evidence.ts'
import { guardCommand } from './guard.ts'
import { keysCommand } from './keys.ts'
import { operatorCommand } from './operator.ts'
import { resumeCommand } from './resume.ts'
import { rewardsCommand } from './rewards.ts'
import { runCommand } from './run.ts'
import { serviceCommand } from './service.ts'
import { signerCommand } from './signer.ts'
import { stakeCommand } from './stake.ts'
import { statusCommand } from './status.ts'
import { testnetCommand } from './testnet.ts'

/** Runs one command; sets the process's exit code (docs/operations.md lists them). `args` are without the program's name. */
export async function main(args: readonly string[]): Promise<void> {
  const program = new Command('lariat')
    .description('Operator node for liquid restaking')
    .version(VERSION, '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'lariat: ')) })
  program
    .command('version')
    .description('print the version')
    .action(() => void process.stdout.write(`${VERSION}\n`))
  for (const command of [
    runCommand(),
    evidenceCommand(),
    guardCommand(),
    keysCommand(),
    operatorCommand(),
    acknowledgeCommand(),
    resumeCommand(),
    doctorCommand(),
    rewardsCommand(),
    signerCommand(),
    stakeCommand(),
    statusCommand(),
    testnetCommand(),
    ...Object.entries(PLUGINS).flatMap(([name, load]) =>
      load.commands === undefined ? [] : [serviceCommand(name, load.commands, load)],
    ),
  ]) {
    program.addCommand(command.exitOverride())
  }
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
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
