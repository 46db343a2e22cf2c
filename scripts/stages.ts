import { spawn } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'

/** One step of a tier of tests. */
export interface Stage {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** Another step to do meanwhile, with what this one, which waits much, leaves of the processors. */
  readonly beside?: Stage
}

/** Tests that a runner said it ran. */
interface Counts {
  passed: number
  failed: number
}

/** How a stage ended. */
interface Outcome {
  readonly name: string
  readonly code: number
  readonly minutes: number
}

/**
 * Runs stages one after another, stops at the first that fails, and prints minutes per stage and how many tests ran. What a
 * stage beside another prints comes whole, after the other's.
 * Returns the exit code.
 */
export async function runStages(stages: readonly Stage[]): Promise<number> {
  const counts: Counts = { passed: 0, failed: 0 }
  const outcomes: Outcome[] = []
  let failed: Outcome | undefined
  for (const stage of stages) {
    announce(stage)
    const [outcome, beside] = await Promise.all([
      run(stage, counts, (text) => process.stdout.write(text)),
      stage.beside === undefined ? undefined : runQuietly(stage.beside, counts),
    ])
    outcomes.push(outcome)
    if (stage.beside !== undefined && beside !== undefined) {
      announce(stage.beside)
      process.stdout.write(beside.text)
      outcomes.push(beside)
    }
    failed = outcomes.find(({ code }) => code !== 0)
    if (failed !== undefined) break
  }
  const times = outcomes.map(
    ({ name, code, minutes }) => `${minutes.toFixed(2)} min  ${name}${code === 0 ? '' : '  FAILED'}`,
  )
  process.stdout.write(`\n${times.join('\n')}\n`)
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`)
  return failed?.code ?? 0
}

function announce({ name, command, args }: Stage): void {
  process.stdout.write(`\n=== ${name}: ${[command, ...args].join(' ')}\n`)
}

/** At the lowest priority; its output, errors and all, comes with the outcome. */
async function runQuietly(stage: Stage, counts: Counts): Promise<Outcome & { readonly text: string }> {
  let text = ''
  const nice = { ...stage, command: 'nice', args: ['-n', '19', stage.command, ...stage.args] }
  const outcome = await run(nice, counts, (more) => {
    text += more
  })
  return { ...outcome, text }
}

function run({ name, command, args }: Stage, counts: Counts, print: (text: string) => void): Promise<Outcome> {
  const from = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let rest = ''
    child.stderr.setEncoding('utf8').on('data', print)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      print(text)
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) count(line, counts)
    })
    child.on('error', reject)
    child.on('close', (code) => {
      count(rest, counts)
      resolve({ name, code: code ?? 1, minutes: (performance.now() - from) / 60_000 })
    })
  })
}

/** Reads mocha's and forge's closing lines. */
function count(line: string, counts: Counts): void {
  const plain = stripVTControlCharacters(line).trim()
  const mocha = /^(\d+) (passing|failing)\b/.exec(plain)
  if (mocha !== null) counts[mocha[2] === 'passing' ? 'passed' : 'failed'] += Number(mocha[1])
  const forge = /^Ran \d+ test suites? .*: (\d+) tests passed, (\d+) failed/.exec(plain)
  if (forge !== null) {
    counts.passed += Number(forge[1])
    counts.failed += Number(forge[2])
  }
}
