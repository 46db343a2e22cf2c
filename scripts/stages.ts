import { spawn } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'

/** One step of a tier of tests. */
export interface Stage {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
}

/** Tests that a runner said it ran. */
interface Counts {
  passed: number
  failed: number
}

/**
 * Runs stages one after another, stops at the first that fails, and prints minutes per stage and how many tests ran.
 * Returns the exit code.
 */
export async function runStages(stages: readonly Stage[]): Promise<number> {
  const counts: Counts = { passed: 0, failed: 0 }
  const times: string[] = []
  let code = 0
  for (const stage of stages) {
    process.stdout.write(`\n=== ${stage.name}: ${[stage.command, ...stage.args].join(' ')}\n`)
    const from = performance.now()
    code = await run(stage, counts)
    times.push(`${((performance.now() - from) / 60_000).toFixed(2)} min  ${stage.name}${code === 0 ? '' : '  FAILED'}`)
    if (code !== 0) break
  }
  process.stdout.write(`\n${times.join('\n')}\n`)
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`)
  return code
}

function run({ command, args }: Stage, counts: Counts): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let rest = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      process.stdout.write(text)
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) count(line, counts)
    })
    child.on('error', reject)
    child.on('close', (code) => {
      count(rest, counts)
      resolve(code ?? 1)
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
