import { main } from '../../src/cli/main.ts'
import type { Ended } from './cli.ts'
import { checkShape } from './shapes.ts'

/**
 * Runs one command in this process, from the sources, without a terminal: its code and what it prints are as of a process of
 * its own. Commands must not overlap. What starting and ending a process adds is tested by `lariat` and `launch`.
 */
export async function inProcess(...args: readonly string[]): Promise<Ended> {
  const { exitCode, exit } = process
  const { isTTY } = process.stdin
  const [stdout, stderr] = [capture(process.stdout), capture(process.stderr)]
  // the last thing that a command does: here it only settles the code
  process.exit = ((code?: number) => {
    process.exitCode = code
  }) as typeof process.exit
  process.exitCode = undefined
  process.stdin.isTTY = false
  try {
    await main(args)
    await checkShape(args, stdout.text())
    return { code: Number(process.exitCode ?? 0), signal: null, stdout: stdout.text(), stderr: stderr.text() }
  } finally {
    process.exit = exit
    process.exitCode = exitCode
    process.stdin.isTTY = isTTY
    stdout.end()
    stderr.end()
  }
}

/** Puts what is written to `stream` aside until `end`. */
function capture(stream: NodeJS.WriteStream) {
  const { write } = stream
  let text = ''
  stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]) => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8')
    const done = rest.at(-1)
    if (typeof done === 'function') process.nextTick(done)
    return true
  }) as typeof stream.write
  return {
    text: () => text,
    end: () => {
      stream.write = write
    },
  }
}
