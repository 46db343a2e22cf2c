// npm run check:docs: runs the commands of the documentation that can be run on a testnet, each as it is written but for the
// files, addresses and ports that it names; then every command that takes --json, whose result must have the shape that the
// command declares. The lists are in scripts/lib/docsCommands.ts and jsonCommands.ts.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { aboutOf, commandsBelow } from '../src/cli/about.ts'
import { createProgram } from '../src/cli/program.ts'
import { PLUGINS } from '../src/node/plugins.ts'
import { sleep, systemClock } from '../src/util/clock.ts'
import { commandsIn, pages, pathOf, RUN } from './lib/docsCommands.ts'
import { type JsonSummary, MAY_BE_EMPTY, mayEndWith, WHEN_IT_STOPPED, WHILE_IT_RUNS } from './lib/jsonCommands.ts'
import { differences } from './lib/jsonShape.ts'

const BUNDLE = join(import.meta.dirname, '../dist/lariat.js')
const DEADLINE_MS = 5 * 60_000
/** Commands that say by exit code 1 how something is: a testnet of a single provider is not all that doctor wants. */
const MAY_FAIL: readonly string[] = ['status', 'doctor']

const folder = mkdtempSync(join(tmpdir(), 'lariat-docs-'))
const net = join(folder, 'net')
const json = join(folder, 'net.json')
const args = ['testnet', '--dir', net, '--json', json]
const testnet = spawn(process.execPath, [BUNDLE, ...args], { stdio: ['ignore', 'inherit', 'inherit'] })
const ended = new Promise<number | null>((resolve) => testnet.once('close', resolve))
process.on('exit', () => testnet.kill('SIGKILL'))

const until = Date.now() + DEADLINE_MS
await awaited('the testnet is not ready', () => existsSync(json) || undefined)
const summary = JSON.parse(readFileSync(json, 'utf8')) as JsonSummary
const [node] = summary.nodes
assert.ok(node !== undefined)
const deployment = join(net, 'deployment.json')
assert.ok(existsSync(deployment), deployment)

const commands = new Map(commandsBelow(await createProgram(() => true)))
const tree = [...commands.keys()]
let count = 0

/** Asks again and again until there is an answer. */
async function awaited<T>(what: string, ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    assert.ok(testnet.exitCode === null && Date.now() < until, what)
    await sleep(systemClock, 200)
  }
}

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
  if (before === '--url') return node?.api ?? ''
  return word
}

/** Runs a command, and sees that JSON which it prints has the shape that it declares. */
function run(path: string, words: readonly string[], codes: readonly number[], label: string): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BUNDLE, ...words], { cwd: folder, encoding: 'utf8' })
  assert.ok(codes.includes(status ?? -1), `${label} ended with ${status}: ${stdout}${stderr}`)
  assert.doesNotMatch(stderr, /\n\s+at /, label)
  if (words.includes('--json')) checkShapes(path, stdout, label)
  process.stdout.write(`${label}: ${status}\n`)
}

function checkShapes(path: string, stdout: string, label: string): void {
  const { json: shape, jsonLines } = aboutOf(commands.get(path) ?? assert.fail(path)) ?? {}
  const values = shape === undefined ? stdout.split('\n').filter((line) => line !== '') : [stdout]
  assert.ok(values.some((value) => value.trim() !== '') || MAY_BE_EMPTY.includes(path), `${label} printed nothing`)
  for (const value of values) {
    const found = differences(JSON.parse(value), shape ?? jsonLines ?? assert.fail(`${path} has no --json`))
    assert.deepEqual(found, [], `${label} printed ${value.slice(0, 4_000)}`)
  }
}

const seen = new Set<string>()
for (const [page, text] of Object.entries(pages())) {
  for (const { args: given, words } of commandsIn(page, text)) {
    const path = given === undefined ? undefined : pathOf(given, tree)
    if (given === undefined || path === undefined || !(RUN as readonly string[]).includes(path)) continue
    // what asks at a terminal gets its answers by options; an interchange file of the documentation is not here
    const more = path === 'init' ? initOptions(given) : []
    const replaced = given.map((word, i) => stands(word, path, i, given)).concat(more)
    const wanted = replaced.filter((word) => !word.endsWith('exported.json'))
    if (seen.has(wanted.join(' '))) continue
    seen.add(wanted.join(' '))
    run(path, wanted, MAY_FAIL.includes(path) ? [0, 1] : [0], `${page}: ${words.join(' ')}`)
  }
}
for (const path of RUN)
  assert.ok(
    [...seen].some((line) => line.startsWith(path)),
    `nothing in the documentation runs ${path}`,
  )

const out = join(folder, 'json')
mkdirSync(out)
const message = await awaited('nobody sends a message over the bridge', async () => {
  const { messages } = (await (await fetch(`${node.api}/v1/bridge/messages?limit=1`)).json()) as {
    messages: { id: string }[]
  }
  return messages[0]?.id
})
const runJson = (commandLines: typeof WHILE_IT_RUNS): void => {
  for (const [path, linesOf] of Object.entries(commandLines)) {
    for (const words of linesOf({ summary, net, out, message })) {
      run(path, [...words, '--json'], mayEndWith(words), `lariat ${words.join(' ')} --json`)
    }
  }
}
runJson(WHILE_IT_RUNS)
await checkFacts()
testnet.kill('SIGINT')
assert.equal(await ended, 0)
runJson(WHEN_IT_STOPPED)
rmSync(folder, { recursive: true })
process.stdout.write(
  `${seen.size} commands of the documentation run on a testnet; what ${
    Object.keys(WHILE_IT_RUNS).length + Object.keys(WHEN_IT_STOPPED).length
  } commands print with --json has its shape\n`,
)

/** What plug-ins tell of their services has the shapes that they declare, on every node. */
async function checkFacts(): Promise<void> {
  const told = new Set<string>()
  for (const { api } of summary.nodes) {
    const { services } = (await (await fetch(`${api}/v1/status`)).json()) as {
      services: { name: string; status: { facts: unknown } | null }[]
    }
    for (const { name, status } of services) {
      const shape = (await PLUGINS[name]?.())?.status?.json
      assert.equal(status === null, shape === undefined, name)
      if (status !== null && shape !== undefined) {
        assert.deepEqual(differences(status.facts, shape), [], `${name}: ${JSON.stringify(status.facts)}`)
        told.add(name)
      }
    }
  }
  for (const [name, load] of Object.entries(PLUGINS)) assert.equal(told.has(name), (await load()).status !== undefined)
}

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
