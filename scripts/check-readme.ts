// npm run check:readme: the README's testnet command, as written, in a clean clone of HEAD: until the network is ready and the
// status page that it names has opened, then Ctrl-C. Prints how long the installation took, and from then on the first prices on
// chain and the status page; compiling and bundling included.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freshShell } from './lib/freshShell.ts'

const ROOT = join(import.meta.dirname, '..')
const COMMAND = 'npm ci && npm run testnet'
const DEADLINE_MS = 15 * 60_000

assert.ok(
  readFileSync(join(ROOT, 'README.md'), 'utf8').split('\n').includes(COMMAND),
  `README.md no longer has the line "${COMMAND}"`,
)
const folder = mkdtempSync(join(tmpdir(), 'lariat-readme-'))
const clone = join(folder, 'lariat')
assert.equal(spawnSync('git', ['clone', '--quiet', ROOT, clone], { stdio: 'inherit' }).status, 0, 'git clone failed')

const began = performance.now()
// a group of its own, so that the interrupt reaches all of it, as Ctrl-C in a terminal does
const child = spawn('sh', ['-c', COMMAND], {
  cwd: clone,
  env: freshShell(),
  detached: true,
  stdio: ['ignore', 'pipe', 'inherit'],
})
const interrupt = (signal: NodeJS.Signals) => {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, signal)
}
process.on('exit', () => interrupt('SIGKILL'))
const deadline = setTimeout(() => interrupt('SIGKILL'), DEADLINE_MS)

let started: number | undefined
let priced: number | undefined
let ready: number | undefined
let opened: number | undefined
let isOpening = false
let text = ''

/** As a browser does that is given the address: the page, its script, and what the node tells of itself. */
async function open(address: string): Promise<void> {
  const get = async (path: string) => {
    const response = await fetch(new URL(path, address), { signal: AbortSignal.timeout(10_000) })
    assert.equal(response.status, 200, `${response.url} answers ${response.status}`)
    return response.text()
  }
  const page = await get('/')
  const [, script] = /<script[^>]* src="([^"]+)"/.exec(page) ?? []
  assert.ok(script !== undefined, `the status page has no script: ${page}`)
  assert.ok((await get(script)).length > 1_000)
  assert.ok(JSON.parse(await get('/v1/status')))
}
child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
  process.stdout.write(chunk)
  text = (text + chunk).slice(-10_000)
  if (started === undefined && /^> lariat@\S+ testnet$/m.test(text)) started = performance.now()
  if (priced === undefined && /^put the first price on chain: /m.test(text)) priced = performance.now()
  if (ready === undefined && /^ready: /m.test(text)) ready = performance.now()
  const [, page] = /^ {2}\S+: status page (http:\S+),/m.exec(text) ?? []
  if (isOpening || page === undefined) return
  isOpening = true
  open(page)
    .then(() => {
      opened = performance.now()
    })
    .catch((error: unknown) => process.stderr.write(`${page}: ${error}\n`))
    .finally(() => interrupt('SIGINT'))
})
// the shell itself dies of the interrupt; what it ran ends by itself, which the look for processes below checks
const ended = await new Promise<string>((resolve) =>
  child.on('close', (code, signal) => resolve(signal ?? String(code))),
)
clearTimeout(deadline)
assert.ok(started !== undefined && priced !== undefined, `no price on chain; everything is in ${clone}`)
assert.ok(ready !== undefined, `the network was never ready; everything is in ${clone}`)
assert.ok(opened !== undefined, `the status page did not open; everything is in ${clone}`)
assert.ok(['0', '130', 'SIGINT'].includes(ended), `Ctrl-C ended it with ${ended}`)
const left = spawnSync('pgrep', ['-f', clone], { encoding: 'utf8' }).stdout.trim()
assert.equal(left, '', `processes are left: ${left}`)
const from = started
const seconds = (at: number) => `${((at - from) / 1000).toFixed(1)} s`
process.stdout.write(
  `installed in ${((from - began) / 1000).toFixed(1)} s; every feed had its first price on chain ${seconds(priced)} after the start, ready after ${seconds(ready)}, status page open after ${seconds(opened)}\n`,
)
rmSync(folder, { recursive: true })
