import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Writable } from 'node:stream'
import { BUNDLE } from './bundle.ts'
import { checkShape } from './shapes.ts'

/** How a command ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Everything it has printed so far. */
  text(): string
}

/** Starts the bundle as a user would, without a terminal. JSON that it prints must have the shape that its command declares. */
export function launch(...args: readonly string[]): Running {
  return launchWith(undefined, ...args)
}

/** The same, with `input` to be read from file descriptor 3. */
export function launchWith(input: string | undefined, ...args: readonly string[]): Running {
  const stdio =
    input === undefined ? (['ignore', 'pipe', 'pipe'] as const) : (['ignore', 'pipe', 'pipe', 'pipe'] as const)
  const child = spawn(process.execPath, [BUNDLE, ...args], { stdio: [...stdio] })
  const descriptor = child.stdio[3]
  if (descriptor instanceof Writable) descriptor.end(input)
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (data) => (stdout += data))
  child.stderr?.on('data', (data) => (stderr += data))
  const ended = once(child, 'close').then(async ([code, signal]): Promise<Ended> => {
    // what was killed may have printed half a line
    if (signal === null) await checkShape(args, stdout)
    return { code, signal, stdout, stderr }
  })
  return { child, ended, text: () => stdout + stderr }
}

export const lariat = (...args: readonly string[]): Promise<Ended> => launch(...args).ended
