import { realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { LariatError } from '../util/errors.ts'
import { about } from './about.ts'
import { instant, integer, positive } from './figures.ts'
import { finish } from './finish.ts'

/** As many as `lariat testnet` runs. */
const [MIN_OPERATORS, MAX_OPERATORS] = [4, 64]
const DEFAULT_HOST = '127.0.0.1'
const port = integer(1, 65_535)

interface ListenOptions {
  readonly host: string
  readonly port: number
}

/** Their results are what they serve, or files. */
const LOGS = {
  noResult: 'what it prints is its log, one JSON object a line',
  noProgress: 'what it does is in its log',
} as const

/** `lariat devnet`: the parts of a testnet, each as a process of its own, as docker/compose.yaml runs them. */
export function devnetCommand(): Command {
  const devnet = new Command('devnet').description('the parts of a testnet, for containers (docs/docker.md)')
  for (const command of [chain(), deploy(), operator(), venues(), life()]) devnet.addCommand(command)
  return devnet
}

function chain(): Command {
  const command = listening(new Command('chain').description('run a local chain'), 8_545)
    .option('--chain-id <n>', 'its id', integer(1, 2 ** 31), 31_337)
    .option('--state <file>', 'where it is kept from one run to the next; without it, nowhere')
  return about(command, {
    examples: ['lariat devnet chain --chain-id 31338 --port 8546 --state chain.json'],
    ...LOGS,
  }).action(async ({ state, ...options }: ListenOptions & { chainId: number; state?: string }) => {
    const { runDevnetChain } = await import('../testnet/devnet/chain.ts')
    await finish(await runDevnetChain({ ...options, stateFile: state }))
  })
}

interface DeployOptions {
  readonly rpc: string
  readonly awayRpc: string
  readonly venues: string
  readonly operators: number
  readonly operatorHost: string
  readonly interval: number
  readonly beaconPeriod: number
  readonly network: string
  readonly dir: string
}

function deploy(): Command {
  const command = new Command('deploy')
    .description('put contracts and operators on two chains, once, and write what every part needs to know')
    .requiredOption('--rpc <url>', 'of the chain of the stake')
    .requiredOption('--away-rpc <url>', "of the bridge's other chain")
    .requiredOption('--venues <url>', 'where the venues will be')
    .requiredOption('--operator-host <name>', "host name of each operator's node, with {n} for its number")
    .requiredOption('--network <folder>', 'folder for what everybody may read')
    .requiredOption('--dir <folder>', "empty folder for the operators' keys, configurations and data")
    .option('--operators <n>', 'how many operators', integer(MIN_OPERATORS, MAX_OPERATORS), MIN_OPERATORS)
    .option('--interval <seconds>', 'between rounds of prices', integer(1, 3_600), 2)
    .option('--beacon-period <seconds>', 'between rounds of the randomness beacon', integer(1, 60), 3)
  return about(command, {
    examples: [
      'lariat devnet deploy --rpc http://chain:8545 --away-rpc http://chain-b:8545 --venues http://venues:8600 --operator-host node-{n} --network net --dir operators',
    ],
    ...LOGS,
  }).action(async ({ rpc, awayRpc, venues, operatorHost, ...options }: DeployOptions) => {
    if (!operatorHost.includes('{n}')) {
      throw new LariatError('usage.devnet', `--operator-host ${operatorHost}: write {n} where the number belongs`)
    }
    const { runDevnetDeploy } = await import('../testnet/devnet/deploy.ts')
    const urls = { rpcUrl: rpc, awayUrl: awayRpc, venuesUrl: venues }
    await finish(await runDevnetDeploy({ ...options, ...urls, host: operatorHost, artifacts: artifacts() }))
  })
}

function operator(): Command {
  const command = network(new Command('operator'))
    .description("run the node of the operator whose announced host name is this machine's")
    .requiredOption('--dir <folder>', 'folder with one of each operator')
  return about(command, {
    examples: ['lariat devnet operator --network net --dir operators'],
    ...LOGS,
  }).action(async (options: { network: string; dir: string }) => {
    const { runDevnetOperator } = await import('../testnet/devnet/operator.ts')
    await finish(await runDevnetOperator(options.network, options.dir))
  })
}

function venues(): Command {
  const command = listening(network(new Command('venues').description('serve prices as several venues do')), 8_600)
    .option('--prices <file>', 'CSV of recorded prices; without it a synthetic series is replayed')
    .option('--from <time>', 'where in the series to begin: ISO 8601 or Unix seconds', instant)
    .option('--speed <factor>', 'seconds of the series in one second', positive, 1)
    .option('--seed <n>', 'seed of the synthetic series', integer(0, 2 ** 31), 1)
  return about(command, { examples: ['lariat devnet venues --network net --speed 10'], ...LOGS }).action(
    async (options: Parameters<typeof import('../testnet/devnet/venues.ts')['runDevnetVenues']>[0]) => {
      const { runDevnetVenues } = await import('../testnet/devnet/venues.ts')
      await finish(await runDevnetVenues(options))
    },
  )
}

function life(): Command {
  const command = listening(network(new Command('life').description('do what people, oracles and keepers do')), 8_700)
  return about(command, { examples: ['lariat devnet life --network net'], ...LOGS }).action(
    async (options: ListenOptions & { network: string }) => {
      const { runDevnetLife } = await import('../testnet/devnet/life.ts')
      await finish(await runDevnetLife({ ...options, artifacts: artifacts() }))
    },
  )
}

const network = (command: Command) =>
  command.requiredOption('--network <folder>', 'folder that lariat devnet deploy has written')

const listening = (command: Command, preset: number) =>
  command
    .option('--host <address>', 'address to listen on', DEFAULT_HOST)
    .option('--port <port>', 'port to listen on', port, preset)

/** Compiled contracts lie beside the bundle. */
const artifacts = () => join(dirname(realpathSync(process.argv[1] ?? '')), 'artifacts')
