import { Command, InvalidArgumentError, Option } from 'commander'
import { parseDuration } from '../util/duration.ts'
import { LariatError } from '../util/errors.ts'
import { about } from './about.ts'
import { instant, integer, positive } from './figures.ts'
import { finish } from './finish.ts'

/** What the command line gives, in the units of the launcher. */
export interface TestnetArguments {
  readonly operators: number
  /** ms from ready to the end; undefined runs until it is told to stop. */
  readonly duration?: number
  readonly prices?: string
  /** Unix second of the series. */
  readonly from?: number
  readonly speed: number
  readonly interval: number
  readonly portBase?: number
  readonly json?: string
  readonly dir?: string
  readonly seed: number
  /** Part of its stake that the first operator loses, of 1e18. */
  readonly slash?: bigint
  readonly depeg?: readonly Depeg[]
  readonly remoteSigners?: number
  readonly randomness: boolean
  /** Seconds. */
  readonly beaconPeriod: number
  readonly bridge: boolean
}

/** Tokens with a market in ETH. Named here too, so that `--help` need not load the testnet. */
const STAKED = ['stETH', 'rETH', 'cbETH', 'lrtETH'] as const
/** One quarter of the weight each, about: with fewer, one operator would have a third or more and nothing could fail. */
const MIN_OPERATORS = 4
/** Part of its stake that can be slashed, per cent: with less left of one, another could have a third of the weight. */
const MAX_SLASH = 50
/** Part of its own rate by which a market can fall, per cent. */
const MAX_DEPEG = 90

interface Depeg {
  readonly symbol: string
  readonly fraction: number
}
/** Processes of one machine; each takes about 150 MB. */
const MAX_OPERATORS = 64

export function testnetCommand(): Command {
  const testnet = new Command('testnet')
    .description('run a whole network on this machine: chain, contracts, venues and operators')
    .option(
      '--operators <n>',
      `how many operators, ${MIN_OPERATORS} to ${MAX_OPERATORS}`,
      integer(MIN_OPERATORS, MAX_OPERATORS),
      4,
    )
    .option('--duration <time>', 'stop so long after the network is ready, such as 2m', duration)
    .option('--prices <file>', 'CSV of recorded prices; without it a synthetic series is replayed')
    .option('--from <time>', 'where in the series to begin: ISO 8601 or Unix seconds', instant)
    .option('--speed <factor>', 'seconds of the series in one second', positive, 1)
    .option('--interval <seconds>', 'seconds between rounds', integer(1, 3_600), 2)
    .option('--beacon-period <seconds>', 'seconds between rounds of the randomness beacon', integer(1, 60), 3)
    .option('--no-randomness', 'leave the randomness beacon out: the network is ready sooner')
    .option('--no-bridge', 'leave the bridge and its other chain out: the network is ready sooner')
    .option('--port-base <port>', 'listen on consecutive ports from here; without it on free ones', integer(1, 65_535))
    .option('--json <file>', 'write a summary when the network is ready, and the figures at the end')
    .option('--dir <folder>', 'new folder for keys, data and logs; without it a temporary one')
    .addOption(new Option('--seed <n>', 'seed of the synthetic series').argParser(integer(0, 2 ** 31)).default(1))
    .option('--slash <percent>', 'slash the first operator by so much of its stake when the network is ready', slash)
    .option(
      '--depeg <symbol:percent>',
      'let the market of a staked token fall so far below its own rate; may be given again',
      depeg,
    )
    .option(
      '--remote-signers <n>',
      'how many operators, the last ones, have their BLS key in a lariat signer of their own',
      integer(0, MAX_OPERATORS),
    )
  return about(testnet, {
    examples: [
      'lariat testnet',
      'lariat testnet --operators 7 --duration 2m --json out.json',
      'lariat testnet --no-bridge --depeg stETH:5% --slash 10%',
    ],
    noResult: 'its figures go to the file that --json names, while the screen shows the network',
    noProgress: 'its screen has a line for each step',
  }).action(async (options: TestnetArguments) => {
    const { runTestnet } = await import('../testnet/run.ts')
    await finish(await runTestnet(options))
  })
}

/** Per cent to a part of 1e18. */
function slash(text: string): bigint {
  return BigInt(Math.round(percent(text, MAX_SLASH) * 100)) * 10n ** 14n
}

function depeg(text: string, earlier: readonly Depeg[] = []): readonly Depeg[] {
  const [, symbol, fall] = /^([A-Za-z]{1,16}):(.+)$/.exec(text) ?? []
  const known = STAKED.find((each) => each.toUpperCase() === symbol?.toUpperCase())
  if (known === undefined || fall === undefined) {
    throw new InvalidArgumentError(
      `expected a token and by how much it falls, such as stETH:5%; there are ${STAKED.join(', ')}`,
    )
  }
  return [...earlier, { symbol: known, fraction: percent(fall, MAX_DEPEG) / 100 }]
}

/** With at most two digits after the point; the sign may be left out. */
function percent(text: string, most: number): number {
  const [, figure] = /^(\d{1,2}(?:\.\d{1,2})?) ?%?$/.exec(text) ?? []
  const value = Number(figure)
  if (figure === undefined || value <= 0 || value > most) {
    throw new InvalidArgumentError(`expected more than 0 and at most ${most} per cent, such as 10%`)
  }
  return value
}

function duration(text: string): number {
  try {
    return parseDuration(text)
  } catch (error) {
    throw new InvalidArgumentError(error instanceof LariatError ? error.message : String(error))
  }
}
