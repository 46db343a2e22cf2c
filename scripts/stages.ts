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
 * Runs stages one after another, those of a list at the same time, stops at the first that fails, and prints minutes per stage
 * and how many tests ran. Returns the exit code.
 */
export async function runStages(stages: readonly (Stage | readonly Stage[])[]): Promise<number> {
  const counts: Counts = { passed: 0, failed: 0 }
  const times: string[] = []
  let code = 0
  for (const group of stages) {
    const together = 'name' in group ? [group] : group
    const codes = await Promise.all(
      together.map(async (stage) => {
        const from = performance.now()
        const ended = await run(stage, counts, together.length > 1)
        const minutes = ((performance.now() - from) / 60_000).toFixed(2)
        times.push(`${minutes} min  ${stage.name}${ended === 0 ? '' : '  FAILED'}`)
        return ended
      }),
    )
    code = codes.find((one) => one !== 0) ?? 0
    if (code !== 0) break
  }
  process.stdout.write(`\n${times.join('\n')}\n`)
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`)
  return code
}

/** @param held tells its output when it has ended, as another stage runs beside it */
function run({ name, command, args }: Stage, counts: Counts, held: boolean): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', held ? 'pipe' : 'inherit'] })
    const said: string[] = []
    const tell = (text: string) => {
      if (held) said.push(text)
      else process.stdout.write(text)
    }
    tell(`\n=== ${name}: ${[command, ...args].join(' ')}\n`)
    let rest = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      tell(text)
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) count(line, counts)
    })
    child.stderr?.setEncoding('utf8').on('data', tell)
    child.on('error', reject)
    child.on('close', (code) => {
      count(rest, counts)
      process.stdout.write(said.join(''))
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
