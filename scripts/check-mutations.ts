// npm run check:mutations -- [NAME…]: takes the defences of test/mutations out one by one, in a copy of the contracts.
// Without its defence a contract must still compile, and the test that the patch names must be red; with it, green.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DEPLOYED, forgeBinary, ROOT } from './lib/forge.ts'
import { type Mutation, readMutation, verdictOf } from './lib/mutations.ts'

const PATCHES = join(ROOT, 'test', 'mutations')
/** Under build/, so that solc is found in node_modules above. One copy stays as it is, of which the others are made. */
const WHOLE = join(ROOT, 'build', 'mutations', 'whole')
const MUTATED = join(ROOT, 'build', 'mutations', 'mutated')
const NEEDED = [
  ...['foundry.toml', 'contracts', 'test/vectors', 'node_modules/@openzeppelin/contracts'],
  ...['scripts/solc.cjs', 'scripts/lib/solcCalls.cjs'],
]
/** Bytes of a report: traces of a failure are long. */
const MAX_REPORT = 2 ** 28

const faults: string[] = []

function run(cwd: string, command: string, args: readonly string[]) {
  // Without the optimizer nothing behaves otherwise, and it compiles in a quarter of the time.
  const env = { ...process.env, FOUNDRY_OPTIMIZER: 'false' }
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8', maxBuffer: MAX_REPORT })
  return { ok: status === 0, output: `${stdout}${stderr}` }
}

/** Compiles what gets deployed, and files of tests with it: one run of solc parses what both import once. */
function compile(cwd: string, what: string, files: readonly string[]): boolean {
  // Tests deploy artifacts by name: those of contracts that a test does not import would be old.
  const { ok, output } = run(cwd, forgeBinary(), ['build', ...DEPLOYED, ...files])
  if (!ok) faults.push(`${what} does not compile:\n${output}`)
  return ok
}

/** @returns forge's report on some tests of one file */
function test(cwd: string, file: string, tests: readonly string[]): string {
  return run(cwd, forgeBinary(), ['test', '--match-path', file, '--match-test', `^(${tests.join('|')})\\(`]).output
}

/** Every test that a mutation must turn red is green before. */
function testWhole(mutations: readonly Mutation[]): void {
  for (const [file, list] of Map.groupBy(mutations, (mutation) => mutation.file)) {
    const tests = [...new Set(list.map((mutation) => mutation.test))]
    const output = test(WHOLE, file, tests)
    const notGreen = tests.filter((name) => verdictOf(output, name) !== 'green')
    if (notGreen.length > 0) faults.push(`${file}: not green as it is: ${notGreen.join(', ')}\n${output}`)
  }
}

function takeOut(mutation: Mutation): void {
  const from = performance.now()
  rmSync(MUTATED, { recursive: true, force: true })
  cpSync(WHOLE, MUTATED, { recursive: true, preserveTimestamps: true })
  // Outside any repository as far as git is told: else it would take the paths for those of the repository's root.
  const patch = ['apply', '--whitespace=nowarn', join(PATCHES, mutation.name)]
  const applied = run(MUTATED, 'git', [`--git-dir=${join(MUTATED, '.none')}`, ...patch])
  if (!applied.ok) {
    faults.push(`${mutation.name} does not apply:\n${applied.output}`)
    return
  }
  if (!compile(MUTATED, mutation.name, [mutation.file])) return
  const output = test(MUTATED, mutation.file, [mutation.test])
  const found = verdictOf(output, mutation.test)
  const seconds = ((performance.now() - from) / 1000).toFixed(0)
  process.stdout.write(`${found.padEnd(6)} ${mutation.name} (${mutation.test}, ${seconds} s): ${mutation.finding}\n`)
  if (found === 'green') faults.push(`${mutation.name}: ${mutation.test} does not notice`)
  if (found === 'absent') faults.push(`${mutation.name}: ${mutation.test} did not run:\n${output}`)
}

/** How names of mutations begin; all when there is none. */
const wanted = process.argv.slice(2)
const mutations = readdirSync(PATCHES)
  .filter((name) => name.endsWith('.patch'))
  .filter((name) => wanted.length === 0 || wanted.some((one) => name.startsWith(one)))
  .sort()
  .map((name) => readMutation(name, readFileSync(join(PATCHES, name), 'utf8')))
if (mutations.length === 0) throw new Error('no such mutation in test/mutations')

rmSync(WHOLE, { recursive: true, force: true })
mkdirSync(WHOLE, { recursive: true })
for (const path of NEEDED) cpSync(join(ROOT, path), join(WHOLE, path), { recursive: true })
if (compile(WHOLE, 'the contracts as they are', [...new Set(mutations.map(({ file }) => file))])) {
  testWhole(mutations)
  if (faults.length === 0) for (const mutation of mutations) takeOut(mutation)
}
for (const fault of faults) process.stderr.write(`${fault}\n`)
process.stdout.write(`${mutations.length} mutations, ${faults.length} faults\n`)
process.exitCode = faults.length === 0 ? 0 : 1
