// npm run check:mutations -- [NAME]: takes the defences of test/mutations out one by one, in a copy of the contracts.
// Without its defence a contract must still compile, and the test that the patch names must be red; with it, green.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DEPLOYED, forgeBinary, ROOT } from './lib/forge.ts'
import { type Mutation, readMutation, verdictOf } from './lib/mutations.ts'

const PATCHES = join(ROOT, 'test', 'mutations')
/** Under build/, so that solc is found in node_modules above. */
const COPY = join(ROOT, 'build', 'mutations')
/** What forge needs to compile and test, and what it has compiled already, if it has. */
const NEEDED = ['foundry.toml', 'contracts', 'test/vectors', 'scripts/solc.cjs', 'node_modules/@openzeppelin/contracts']
const COMPILED = ['build/contracts', 'build/forge-cache']
/** Bytes of a report: traces of a failure are long. */
const MAX_REPORT = 2 ** 28

const faults: string[] = []

function run(command: string, args: readonly string[]): { readonly ok: boolean; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: COPY, encoding: 'utf8', maxBuffer: MAX_REPORT })
  return { ok: status === 0, output: `${stdout}${stderr}` }
}

function compile(what: string): boolean {
  // Tests deploy artifacts by name: those of contracts that a test does not import would be old.
  const { ok, output } = run(forgeBinary(), ['build', ...DEPLOYED])
  if (!ok) faults.push(`${what} does not compile:\n${output}`)
  return ok
}

function verdict({ file, test }: Mutation) {
  const { output } = run(forgeBinary(), ['test', '--match-path', file, '--match-test', `^${test}\\(`])
  return { verdict: verdictOf(output, test), output }
}

function takeOut(mutation: Mutation): void {
  const patch = join(PATCHES, mutation.name)
  const applied = run('git', ['apply', '--whitespace=nowarn', patch])
  if (!applied.ok) {
    faults.push(`${mutation.name} does not apply:\n${applied.output}`)
    return
  }
  const from = performance.now()
  if (compile(mutation.name)) {
    const { verdict: found, output } = verdict(mutation)
    const seconds = ((performance.now() - from) / 1000).toFixed(0)
    process.stdout.write(`${found.padEnd(6)} ${mutation.name} (${mutation.test}, ${seconds} s): ${mutation.finding}\n`)
    if (found === 'green') faults.push(`${mutation.name}: ${mutation.test} does not notice`)
    if (found === 'absent') faults.push(`${mutation.name}: ${mutation.test} did not run:\n${output}`)
  }
  run('git', ['apply', '--whitespace=nowarn', '--reverse', patch])
}

const mutations = readdirSync(PATCHES)
  .filter((name) => name.endsWith('.patch'))
  .filter((name) => process.argv[2] === undefined || name.startsWith(process.argv[2]))
  .sort()
  .map((name) => readMutation(name, readFileSync(join(PATCHES, name), 'utf8')))
if (mutations.length === 0) throw new Error('no such mutation in test/mutations')

rmSync(COPY, { recursive: true, force: true })
mkdirSync(COPY, { recursive: true })
for (const path of [...NEEDED, ...COMPILED.filter((path) => existsSync(join(ROOT, path)))]) {
  cpSync(join(ROOT, path), join(COPY, path), { recursive: true, preserveTimestamps: true })
}
if (compile('the contracts as they are')) {
  for (const mutation of mutations) {
    const { verdict: found, output } = verdict(mutation)
    if (found !== 'green') faults.push(`${mutation.test} of ${mutation.file} is ${found} as it is:\n${output}`)
  }
  if (faults.length === 0) for (const mutation of mutations) takeOut(mutation)
}
for (const fault of faults) process.stderr.write(`${fault}\n`)
process.stdout.write(`${mutations.length} mutations, ${faults.length} faults\n`)
process.exitCode = faults.length === 0 ? 0 : 1
