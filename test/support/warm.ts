import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { BUNDLE } from './bundle.ts'
import type { Ended } from './cli.ts'
import { checkShape } from './shapes.ts'

const CHILD = fileURLToPath(new URL('warmChild.ts', import.meta.url))

/**
 * Runs commands of the bundle one after another in one process, which takes a tenth of the time: most of a short command is
 * Node's start and code that is not compiled yet. For tests with many commands; what starting and ending a process adds is
 * tested by `lariat` and `launch`.
 */
export interface WarmLariat {
  run(...args: readonly string[]): Promise<Ended>
  close(): Promise<void>
}

export async function warmLariat(): Promise<WarmLariat> {
  // Node itself takes the types out: no loader, as in the bundle's own process
  const child = fork(CHILD, [BUNDLE], { execArgv: [], stdio: ['ignore', 'inherit', 'pipe', 'ipc'] })
  let crash = ''
  child.stderr?.on('data', (data) => (crash += data))
  const gone = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`the process of the commands ended with ${code ?? signal}: ${crash}`)
  })
  gone.catch(() => {})
  const answer = async (): Promise<unknown> => (await Promise.race([once(child, 'message'), gone]))[0]
  let last: Promise<unknown> = answer()
  return {
    run(...args) {
      const ended = last.then(() => {
        const told = answer()
        child.send(args)
        return told as Promise<Ended>
      })
      last = ended
      return ended.then(async (one) => {
        await checkShape(args, one.stdout)
        return one
      })
    },
    async close() {
      child.kill('SIGKILL')
      await gone.catch(() => {})
    },
  }
}
