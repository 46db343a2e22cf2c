import type { Clock } from '../util/clock.ts'
import type { Deployed } from './deploy.ts'
import type { TestnetOperator } from './operators.ts'
import { type Command, createManagedProcess, type ManagedProcess } from './process.ts'
import { createSigner, type TestnetSigner } from './signers.ts'

/** A process of the network, for whoever wants to see what happens without it. */
export interface Killable {
  kill(signal: NodeJS.Signals): Promise<void>
  /** Starts it again, after a kill. */
  restart(): Promise<void>
}

export interface TestnetNode extends Killable {
  readonly operator: TestnetOperator
  /** The remote signer that has its key; undefined when it has it itself. */
  readonly signer: Killable | undefined
}

/** A node and its remote signer, if it has one, as processes. */
export interface NodeProcess {
  readonly operator: TestnetOperator
  readonly process: ManagedProcess
  readonly remote: SignerProcess | undefined
}

export interface SignerProcess {
  readonly signer: TestnetSigner
  readonly process: ManagedProcess
}

export interface ProcessOptions {
  /** How to run `lariat`, without its arguments. */
  readonly lariat: Command
  /** Something that should not have happened, in words. */
  readonly onProblem?: (what: string) => void
  /** Called for a process that failed. */
  readonly problem: (what: string) => void
}

/** Processes get this long to drain, ms; they give themselves about ten seconds. */
export const STOP_MS = 12_000
/** Somebody's doing, not a failure: people kill nodes to see what happens. */
const KILLED: readonly (NodeJS.Signals | null)[] = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP']

/** A node or a signer as a process, not started. */
export function managed(
  { lariat, onProblem, problem }: ProcessOptions,
  { name, configFile, logFile }: Pick<TestnetOperator, 'name' | 'configFile' | 'logFile'>,
  command: 'run' | 'signer',
): ManagedProcess {
  return createManagedProcess({
    name,
    command: { file: lariat.file, args: [...lariat.args, command, '--config', configFile] },
    logFile,
    onUnexpectedExit({ code, signal }) {
      if (KILLED.includes(signal)) onProblem?.(`${name} was killed (${signal})`)
      else problem(`${name} failed (${signal ?? `exit code ${code}`}): see ${logFile}`)
    },
  })
}

/** The remote signers of the last operators, each listening: nodes that have their key there do not start without. */
export function startSigners(
  options: ProcessOptions & {
    readonly ports: readonly number[]
    readonly operators: readonly TestnetOperator[]
    readonly deployed: Deployed
    readonly running: (() => Promise<unknown>)[]
    readonly clock: Clock
    readonly signal: AbortSignal
  },
): Promise<readonly SignerProcess[]> {
  const { ports, operators, deployed, running, clock, signal } = options
  const last = operators.slice(operators.length - ports.length)
  return Promise.all(
    last.map(async (operator, i) => {
      const signer = await createSigner(operator, deployed, ports[i] ?? 0)
      const process = managed(options, signer, 'signer')
      running.push(() => process.stop(STOP_MS))
      await process.start()
      await signer.listening(clock, signal)
      return { signer, process }
    }),
  )
}

/** What others may do with a node. */
export function handleOf({ operator, process, remote }: NodeProcess): TestnetNode {
  return { operator, signer: remote === undefined ? undefined : killable(remote.process), ...killable(process) }
}

const killable = (process: ManagedProcess): Killable => ({
  kill: async (signal) => void (await process.kill(signal)),
  restart: () => process.start(),
})
