import { realpathSync } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Exit, type ExitCode, exitCodeOf } from '../node/exit.ts'
import { onStopSignals } from '../node/signals.ts'
import { sleep, systemClock } from '../util/clock.ts'
import { describe, isAbort, LariatError } from '../util/errors.ts'
import { writeFileAtomic } from '../util/files.ts'
import { toJson } from '../util/json.ts'
import { beaconWords } from './beaconWatch.ts'
import { bridgeWords } from './bridgeWatch.ts'
import { type Depeg, startTestnet, stepsOf, type Testnet } from './launcher.ts'
import { followParent } from './parent.ts'
import { createScreen } from './screen.ts'
import { beaconFigures, bridgeFigures, lrtFigures } from './summary.ts'
import { lrtLines } from './table.ts'
import { loadSeries } from './venues/series.ts'
import { syntheticSeries } from './venues/synthetic.ts'

export interface RunTestnetOptions {
  readonly operators: number
  /** ms from ready. */
  readonly duration?: number
  /** CSV file. */
  readonly prices?: string
  /** Unix second of the series. */
  readonly from?: number
  readonly speed: number
  /** Seconds between rounds. */
  readonly interval: number
  readonly portBase?: number
  readonly json?: string
  readonly dir?: string
  readonly seed: number
  /** Of 1e18. */
  readonly slash?: bigint
  readonly depeg?: readonly Depeg[]
  /** Whether there is a randomness beacon, and the seconds from round to round. */
  readonly randomness: boolean
  readonly beaconPeriod: number
  /** Whether there is a bridge to another chain. */
  readonly bridge: boolean
}

/**
 * The testnet at a terminal: sets it up, shows it, and stops it at the end of its duration or when told to.
 * @returns the exit code: 0 after a clean run, 1 when something ended that should not have
 */
export async function runTestnet(options: RunTestnetOptions): Promise<ExitCode> {
  const ending = new AbortController()
  const end = (why: string) => ending.abort(new DOMException(why, 'AbortError'))
  const unlisten = onStopSignals((signal) => end(signal))
  const unfollow = followParent(() => end('the parent process has gone'))
  await mustBeWritable(options.json)
  const series = options.prices === undefined ? syntheticSeries({ seed: options.seed }) : loadSeries(options.prices)
  const beacon = options.randomness ? { period: options.beaconPeriod } : undefined
  const screen = createScreen(process.stdout, series, stepsOf({ ...options, beacon }))
  const bundle = realpathSync(process.argv[1] ?? '')
  let testnet: Testnet | undefined
  let code: ExitCode = Exit.ok
  try {
    testnet = await startTestnet({
      ...options,
      lariat: { file: process.execPath, args: [...process.execArgv, bundle] },
      artifacts: join(dirname(bundle), 'artifacts'),
      series,
      folder: options.dir,
      beacon,
      onStep: screen.step,
      onProblem: screen.problem,
      signal: ending.signal,
    })
    await writeJson(options.json, testnet.summary)
    await screen.ready(testnet)
    await sleepOrEnd(options.duration, ending.signal)
    screen.end(ending.signal.aborted ? describe(ending.signal.reason) : 'the time is up')
    const report = await testnet.collector.report()
    const lrt = await testnet.restaking.look()
    const { randomness, bridge } = testnet.summary
    await Promise.all([testnet.beacon?.look(), testnet.bridge?.look()])
    const drawn = testnet.beacon?.fact()
    const carried = testnet.bridge?.fact()
    await writeJson(options.json, {
      ...testnet.summary,
      ...report,
      randomness: randomness === null ? null : { ...randomness, chain: beaconFigures(drawn) },
      bridge: bridge === null ? null : { ...bridge, messages: bridgeFigures(carried) },
      lrt: lrt === undefined ? null : { ...testnet.summary.lrt, ...lrtFigures(lrt) },
    })
    screen.report(report, [
      ...lrtLines(lrt, testnet.collector.facts()),
      ...(testnet.beacon === undefined ? [] : [beaconWords(drawn)]),
      ...(testnet.bridge === undefined ? [] : [bridgeWords(carried)]),
    ])
    if (testnet.problems.length > 0) code = Exit.failure
  } catch (error) {
    if (!(ending.signal.aborted && isAbort(error))) {
      await screen.failed(error)
      code = exitCodeOf(error)
    }
  }
  await testnet?.stop()
  await screen.stopped(testnet?.folder)
  unfollow()
  unlisten()
  return code
}

/** Told before the set-up, not after it. */
async function mustBeWritable(file: string | undefined): Promise<void> {
  if (file === undefined) return
  try {
    await access(dirname(resolve(file)), constants.W_OK)
  } catch (error) {
    throw new LariatError('usage.json', `--json ${file}: its folder is missing or cannot be written`, { file }, error)
  }
}

async function writeJson(file: string | undefined, value: unknown): Promise<void> {
  if (file !== undefined) await writeFileAtomic(file, `${toJson(value, 2)}\n`)
}

function sleepOrEnd(ms: number | undefined, signal: AbortSignal): Promise<void> {
  const wait =
    ms === undefined
      ? new Promise<void>((_, reject) => {
          if (signal.aborted) reject(signal.reason)
          else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        })
      : sleep(systemClock, ms, signal)
  return wait.catch(() => {})
}
