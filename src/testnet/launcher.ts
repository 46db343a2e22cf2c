import { type Clock, systemClock } from '../util/clock.ts'
import { describe, LariatError } from '../util/errors.ts'
import { type Anvil, startAnvil } from './anvil.ts'
import { loadAllArtifacts, loadArtifacts } from './artifacts.ts'
import { localClient } from './batch.ts'
import { type ChainFacts, openChainFacts } from './chainFacts.ts'
import { type Collector, createCollector } from './collector.ts'
import {
  ACCOUNTS,
  buildEpoch,
  configureNodes,
  createOperators,
  deployAll,
  deployRestaking,
  openFolder,
  ownStakes,
  STAKED_SYMBOLS,
  setUpSlasher,
} from './network.ts'
import type { TestnetOperator } from './operators.ts'
import { createPayday } from './payday.ts'
import { freePorts, portsFrom } from './ports.ts'
import { type Command, createManagedProcess, type ManagedProcess } from './process.ts'
import { untilReady } from './ready.ts'
import { registerAll } from './registerAll.ts'
import { createRestaking, type Restaking } from './restaking.ts'
import { createStaker } from './staker.ts'
import { type Summary, summaryOf } from './summary.ts'
import { createEthMarkets } from './venues/ethMarkets.ts'
import { replayOf } from './venues/replay.ts'
import type { Series } from './venues/series.ts'
import { startVenues } from './venues/server.ts'

/** What the set-up does, in order. */
export const STEPS = [
  'start a chain',
  'create keys',
  'deploy contracts',
  'register and stake operators',
  'build the first epoch',
  'start venues and nodes',
  'put the first price on chain',
  'restake and delegate',
  'slash an operator',
] as const
export type Step = (typeof STEPS)[number]

/** The steps of one testnet. */
export const stepsOf = ({ slash }: Pick<TestnetOptions, 'slash'>): readonly Step[] =>
  STEPS.filter((step) => step !== 'slash an operator' || slash !== undefined)

export interface TestnetOptions {
  /** How to run `lariat`, without its arguments. */
  readonly lariat: Command
  /** Folder of compiled contracts. */
  readonly artifacts: string
  readonly operators: number
  readonly series: Series
  /** Unix second of the series at which the replay starts; its start when undefined. */
  readonly from?: number | undefined
  /** Seconds of the series in one second. */
  readonly speed: number
  /** Seconds between rounds. */
  readonly interval: number
  readonly folder?: string | undefined
  readonly portBase?: number | undefined
  /** Part of its stake that the first operator loses when the network is ready, of 1e18. */
  readonly slash?: bigint | undefined
  /** Tokens whose market falls below their own rate when the network is ready, and by which part of it. */
  readonly depeg?: readonly Depeg[] | undefined
  /** Told of each step as it begins; `work` settles with it. */
  readonly onStep?: (step: Step, work: Promise<unknown>) => void
  /** Something that should not have happened, in words. */
  readonly onProblem?: (what: string) => void
  /** Ends the set-up. */
  readonly signal: AbortSignal
}

export interface Depeg {
  readonly symbol: string
  readonly fraction: number
}

export interface TestnetNode {
  readonly operator: TestnetOperator
  kill(signal: NodeJS.Signals): Promise<void>
  /** Starts it again, after a kill. */
  restart(): Promise<void>
}

/** A running testnet. */
export interface Testnet {
  readonly folder: string
  readonly nodes: readonly TestnetNode[]
  readonly collector: Collector
  readonly chain: ChainFacts
  readonly restaking: Restaking
  /** What `--json` holds when the network is ready. */
  readonly summary: Summary
  /** Problems so far: processes that failed. One that somebody killed is no problem of the network's. */
  readonly problems: readonly string[]
  /** Stops every process; idempotent. */
  stop(): Promise<void>
}

/**
 * Gas of a block: several times mainnet's, so that a whole stage of the set-up fits into one. (anvil loses a transaction that
 * does not fit into a block any more, and with it all later ones of its account.) What a transaction may have is mainnet's.
 */
const BLOCK_GAS = 500_000_000
/** Nodes get this long to drain, ms; they give themselves about ten seconds. */
const NODE_STOP_MS = 12_000

/**
 * Sets a network up and resolves when every node is healthy and every feed has an answer on chain.
 * @throws LariatError naming the step and the folder with the logs; nothing is left running then
 */
export async function startTestnet(options: TestnetOptions): Promise<Testnet> {
  const { signal, interval, series, speed, from, slash, depeg = [] } = options
  const clock: Clock = systemClock
  // what cannot be replayed is told before anything is started
  replayOf(series, { from, speed, wallStart: clock.now() / 1_000 })
  const folder = await openFolder(options.folder)
  const problems: string[] = []
  const problem = (what: string) => {
    problems.push(what)
    options.onProblem?.(what)
  }
  const running: (() => Promise<void>)[] = []
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= stopAll(running)
    return stopping
  }
  const step = <T>(name: Step, work: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted()
    const result = work()
    options.onStep?.(name, result)
    return result.catch((error: unknown) => {
      if (signal.aborted) throw signal.reason
      throw new LariatError(
        'testnet.step',
        `could not ${name}: ${describe(error)}; logs are in ${folder}`,
        { folder },
        error,
      )
    })
  }

  try {
    const ports =
      options.portBase === undefined
        ? await freePorts(options.operators)
        : portsFrom(options.portBase, options.operators)
    const anvil = await step('start a chain', async (): Promise<Anvil> => {
      const started = await startAnvil({
        port: ports.chain,
        blocks: 1,
        blockGas: BLOCK_GAS,
        onUnexpectedExit: (how) => problem(`the chain ended: ${how}`),
        signal,
      })
      running.push(started.stop)
      return started
    })
    const { rpcUrl } = anvil
    const operators = await step('create keys', () => createOperators(folder, ports))
    const artifacts = await loadArtifacts(options.artifacts)
    const deployed = await step('deploy contracts', () => deployAll({ rpcUrl, artifacts, operators, interval, signal }))
    // beside what follows, which does not need it: its contracts may be compiled still
    const whole = loadAllArtifacts(options.artifacts, clock, signal).then(async (all) => {
      await deployRestaking(rpcUrl, all, deployed, signal)
      return all
    })
    whole.catch(() => {}) // told by the step that waits for it
    const slasher = slash === undefined ? undefined : await setUpSlasher(rpcUrl, artifacts, deployed, slash, signal)

    // before the nodes start: theirs would build an epoch as soon as the first operator has joined
    await step('register and stake operators', () =>
      registerAll({
        ...{ artifacts, deployed, operators, slasher, signal },
        client: localClient(rpcUrl),
        stakes: ownStakes(operators.length),
      }),
    )
    await step('build the first epoch', () =>
      buildEpoch(rpcUrl, artifacts.get('PriceFeeds'), deployed, operators.length, signal),
    )

    // while the network starts it is no news that something does not answer yet
    let settled = false
    const onError = (what: string) => settled && options.onProblem?.(what)
    const ethMarkets = createEthMarkets(STAKED_SYMBOLS)
    const restaking = createRestaking({
      ...{ rpcUrl, deployed, operators, clock, onError },
      markets: ethMarkets,
    })
    const { venues, nodes, staker } = await step('start venues and nodes', async () => {
      const server = await startVenues({ clock, series, speed, from, ethMarkets, port: ports.venues })
      running.push(server.stop, restaking.stop)
      restaking.start()
      const deploymentFile = await configureNodes({
        ...{ folder, rpcUrl, deployed, operators, slasher },
        venuesUrl: server.url,
      })
      const processes = operators.map((operator) => nodeProcess(options, operator, problem))
      running.push(async () => void (await Promise.all(processes.map((node) => node.stop(NODE_STOP_MS)))))
      await Promise.all(processes.map((node) => node.start()))
      return {
        venues: server,
        staker: await createStaker({ folder, client: localClient(rpcUrl), rpcUrl, deploymentFile }),
        nodes: processes.map((node, i) => handle(operators[i] as TestnetOperator, node)),
      }
    })
    const chain = await openChainFacts(localClient(rpcUrl), deployed.priceFeeds, clock)
    running.push(async () => chain.close())
    const collector = createCollector({ chain, operators, clock, onError })
    running.push(() => collector.stop())
    collector.start()
    const payday = createPayday({
      ...{ deployed, folder, clock, onError, payer: ACCOUNTS.payer, updater: ACCOUNTS.updater },
      client: localClient(rpcUrl),
      facts: collector.facts,
    })
    running.push(payday.stop)
    await step('put the first price on chain', () => untilReady(collector, clock, problems, signal))
    await step('restake and delegate', async () => restaking.open(await whole, signal))
    payday.start()
    settled = true
    const slashed =
      slasher === undefined ? undefined : await step('slash an operator', () => restaking.slash(slasher, signal))
    for (const { symbol, fraction } of depeg) ethMarkets.depeg(symbol, fraction)
    const lrt = await restaking.look()
    return {
      folder,
      nodes,
      collector,
      chain,
      restaking,
      summary: summaryOf({ rpcUrl, deployed, chain, venues, operators, staker, folder, lrt, slashed }),
      problems,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Somebody's doing, not a failure: people kill nodes to see what happens. */
const KILLED: readonly (NodeJS.Signals | null)[] = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP']

function nodeProcess(
  { lariat, onProblem }: Pick<TestnetOptions, 'lariat' | 'onProblem'>,
  operator: TestnetOperator,
  problem: (what: string) => void,
): ManagedProcess {
  return createManagedProcess({
    name: operator.name,
    command: { file: lariat.file, args: [...lariat.args, 'run', '--config', operator.configFile] },
    logFile: operator.logFile,
    onUnexpectedExit({ code, signal }) {
      if (KILLED.includes(signal)) onProblem?.(`${operator.name} was killed (${signal})`)
      else problem(`${operator.name} failed (${signal ?? `exit code ${code}`}): see ${operator.logFile}`)
    },
  })
}

function handle(operator: TestnetOperator, node: ManagedProcess): TestnetNode {
  return {
    operator,
    kill: async (signal) => void (await node.kill(signal)),
    restart: () => node.start(),
  }
}

/** In reverse of the start, so that nodes stop while their chain still answers. */
async function stopAll(running: (() => Promise<void>)[]): Promise<void> {
  for (let end = running.pop(); end !== undefined; end = running.pop()) {
    // the others must be stopped whatever happens
    await end().catch(() => {})
  }
}
