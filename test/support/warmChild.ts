// The process behind `warmLariat`: runs the bundle's commands one after another, each as in a process of its own but for
// what starting one costs. Standard output and error, and the exit code, go back over the channel to the parent.
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

/** What the parent sends: the arguments of one command. Sent only after the answer to the one before. */
type Request = readonly string[]

const [bundle = ''] = process.argv.slice(2)
const chunk = /\.\/chunks\/main-\w+\.js/.exec(readFileSync(bundle, 'utf8'))?.[0]
if (chunk === undefined) throw new Error(`${bundle} imports no chunk with the commands: look at what esbuild wrote`)
const { main } = (await import(new URL(chunk, pathToFileURL(bundle)).href)) as {
  main(args: readonly string[]): Promise<void>
}

// the last thing that a command does: here it only settles the code
process.exit = ((code?: number) => {
  process.exitCode = code
}) as typeof process.exit

/** Puts what is written to `stream` aside. @returns what was written so far */
function captured(stream: NodeJS.WriteStream): () => string {
  let text = ''
  stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]) => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8')
    const done = rest.at(-1)
    if (typeof done === 'function') process.nextTick(done)
    return true
  }) as typeof stream.write
  return () => {
    const all = text
    text = ''
    return all
  }
}
const stdout = captured(process.stdout)
const stderr = captured(process.stderr)

process.on('message', async (args: Request) => {
  process.exitCode = undefined
  await main(args)
  process.send?.({ code: process.exitCode ?? 0, signal: null, stdout: stdout(), stderr: stderr() })
})
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.send?.('ready')
