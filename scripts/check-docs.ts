// npm run check:docs: runs the commands of the documentation that can be run on a testnet, each as it is written but for the
// files, addresses and ports that it names. The lists are in scripts/lib/docsCommands.ts.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandsBelow } from '../src/cli/about.ts'
import { createProgram } from '../src/cli/program.ts'
import { sleep, systemClock } from '../src/util/clock.ts'
import { commandsIn, pages, pathOf, RUN } from './lib/docsCommands.ts'

const BUNDLE = join(import.meta.dirname, '../dist/lariat.js')
const DEADLINE_MS = 5 * 60_000
/** Commands that say by exit code 1 how something is: a testnet of a single provider is not all that doctor wants. */
const MAY_FAIL: readonly string[] = ['status', 'doctor']

interface Summary {
  readonly rpcUrl: string
  readonly staker: { readonly config: string; readonly address: string }
  readonly nodes: readonly { readonly config: string; readonly operator: string }[]
}

const folder = mkdtempSync(join(tmpdir(), 'lariat-docs-'))
const net = join(folder, 'net')
const json = join(folder, 'net.json')
const args = ['testnet', '--no-bridge', '--no-randomness', '--dir', net, '--json', json]
const testnet = spawn(process.execPath, [BUNDLE, ...args], { stdio: ['ignore', 'inherit', 'inherit'] })
const ended = new Promise<number | null>((resolve) => testnet.once('close', resolve))
process.on('exit', () => testnet.kill('SIGKILL'))

const until = Date.now() + DEADLINE_MS
while (!existsSync(json)) {
  assert.ok(testnet.exitCode === null && Date.now() < until, 'the testnet is not ready')
  await sleep(systemClock, 200)
}
const summary = JSON.parse(readFileSync(json, 'utf8')) as Summary
const [node] = summary.nodes
assert.ok(node !== undefined)
const deployment = join(net, 'deployment.json')
assert.ok(existsSync(deployment), deployment)

/** What a name in the documentation is on this testnet; others stay. */
function stands(word: string, path: string, i: number, words: readonly string[]): string {
  const before = words[i - 1] ?? ''
  if (before === '--config') return path.startsWith('stake') ? summary.staker.config : (node?.config ?? '')
  if (before === '--deployment') return deployment
  // a second provider is the same one under another name
  if (before === '--rpc')
    return words.indexOf('--rpc') === i - 1 ? summary.rpcUrl : summary.rpcUrl.replace('127.0.0.1', 'localhost')
  if (before === '--account') return summary.staker.address
  if (before === '--operator') return node?.operator ?? ''
  if (before === '--keys' || before === '--dir') return join(net, 'operator-1', 'keys')
  if (before === '--data-dir') return path === 'init' ? join(folder, 'data') : join(net, 'operator-1', 'data')
  if (before === '--log') return join(net, 'operator-1', 'node.log')
  if (before === '--out') return join(folder, `out-${count++}`)
  return word
}

let count = 0
const tree = commandsBelow(await createProgram(() => true)).map(([path]) => path)
const seen = new Set<string>()
for (const [page, text] of Object.entries(pages())) {
  for (const { args: given, words } of commandsIn(page, text)) {
    const path = given === undefined ? undefined : pathOf(given, tree)
    if (given === undefined || path === undefined || !(RUN as readonly string[]).includes(path)) continue
    // what asks at a terminal gets its answers by options; an interchange file of the documentation is not here
    const more = path === 'init' ? initOptions(given) : []
    const replaced = given.map((word, i) => stands(word, path, i, given)).concat(more)
    const run = replaced.filter((word) => !word.endsWith('exported.json'))
    const line = run.join(' ')
    if (seen.has(line)) continue
    seen.add(line)
    const { status, stdout, stderr } = spawnSync(process.execPath, [BUNDLE, ...run], { cwd: folder, encoding: 'utf8' })
    const codes = MAY_FAIL.includes(path) ? [0, 1] : [0]
    assert.ok(codes.includes(status ?? -1), `${page}: ${words.join(' ')} ended with ${status}: ${stdout}${stderr}`)
    assert.doesNotMatch(stderr, /\n\s+at /, line)
    if (given.includes('--json') && path !== 'evidence list') JSON.parse(stdout)
    process.stdout.write(`${page}: ${words.join(' ')}: ${status}\n`)
  }
}
for (const path of RUN)
  assert.ok(
    [...seen].some((line) => line.startsWith(path)),
    `nothing in the documentation runs ${path}`,
  )
testnet.kill('SIGINT')
assert.equal(await ended, 0)
rmSync(folder, { recursive: true })
process.stdout.write(`${seen.size} commands of the documentation run on a testnet\n`)

/** The options that `lariat init` needs without a terminal, and is not given. */
function initOptions(given: readonly string[]): string[] {
  const needed = {
    '--deployment': [deployment],
    '--rpc': [summary.rpcUrl],
    '--operator': [node?.operator ?? ''],
    '--keys': [join(net, 'operator-1', 'keys')],
    '--service': ['prices'],
    '--out': [join(folder, `out-${count++}`)],
    '--single-provider': [],
  }
  return Object.entries(needed).flatMap(([option, values]) => (given.includes(option) ? [] : [option, ...values]))
}
