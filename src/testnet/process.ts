import { type ChildProcess, spawn } from 'node:child_process'
import { open } from 'node:fs/promises'
import { withoutKeyVariables } from '../node/config/environment.ts'
import { LariatError } from '../util/errors.ts'
import { leash } from './leash.ts'

/** A program with its arguments. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
}

/** How a process ended. */
export interface Exited {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface ManagedProcess {
  readonly name: string
  /** undefined when it does not run. */
  pid(): number | undefined
  start(): Promise<void>
  /** Sends `signal` and waits until the process is gone; nothing happens when it does not run. */
  kill(signal: NodeJS.Signals): Promise<Exited | undefined>
  /** SIGTERM, then SIGKILL after `timeoutMs`. */
  stop(timeoutMs: number): Promise<Exited | undefined>
}

export interface ManagedProcessOptions {
  readonly name: string
  readonly command: Command
  /** Output is appended here. */
  readonly logFile: string
  /** Called when it ends without having been told to. */
  readonly onUnexpectedExit: (exited: Exited) => void
}

/**
 * A child process that can be started again. It runs in its own process group, so that Ctrl-C reaches the launcher only,
 * which then stops the children in order; a leash keeps it from outliving the launcher.
 */
export function createManagedProcess(options: ManagedProcessOptions): ManagedProcess {
  const { name, command, logFile, onUnexpectedExit } = options
  let running: { child: ChildProcess; exited: Promise<Exited>; expected: boolean } | undefined

  async function start(): Promise<void> {
    if (running !== undefined) throw new LariatError('testnet.running', `${name} runs already`, { name })
    const log = await open(logFile, 'a', 0o600)
    try {
      const child = spawn(command.file, [...command.args], {
        detached: true,
        env: withoutKeyVariables(process.env), // each has keys of its own
        stdio: ['ignore', log.fd, log.fd],
      })
      leash(child)
      const exited = new Promise<Exited>((resolve) => {
        child.once('exit', (code, signal) => {
          const unexpected = running?.child === child && !running.expected
          running = undefined
          resolve({ code, signal })
          if (unexpected) onUnexpectedExit({ code, signal })
        })
      })
      running = { child, exited, expected: false }
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve)
        child.once('error', (error) => {
          running = undefined
          reject(new LariatError('testnet.spawn', `${name} cannot be started (${command.file})`, { name }, error))
        })
      })
    } finally {
      await log.close()
    }
  }

  function kill(signal: NodeJS.Signals): Promise<Exited | undefined> {
    if (running === undefined) return Promise.resolve(undefined)
    running.expected = true
    running.child.kill(signal)
    return running.exited
  }

  async function stop(timeoutMs: number): Promise<Exited | undefined> {
    const late = setTimeout(() => void kill('SIGKILL'), timeoutMs)
    try {
      return await kill('SIGTERM')
    } finally {
      clearTimeout(late)
    }
  }

  return { name, pid: () => running?.child.pid, start, kill, stop }
}
