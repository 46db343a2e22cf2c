import { type Clock, systemClock } from '../util/clock.ts'
import { describe, LariatError } from '../util/errors.ts'
import { type Anvil, startAnvil } from './anvil.ts'
import { loadAllArtifacts, loadArtifacts } from './artifacts.ts'
import { localClient } from './batch.ts'
import { type ChainFacts, openChainFacts } from './chainFacts.ts'
import { type Collector, createCollector } from './collector.ts'
import type { Deployed } from './deploy.ts'
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
import { freePorts, type Ports, portsFrom } from './ports.ts'
import { type Command, createManagedProcess, type ManagedProcess } from './process.ts'
import { untilReady } from './ready.ts'
import { registerAll } from './registerAll.ts'
import { createRestaking, type Restaking } from './restaking.ts'
import { createSigner, type TestnetSigner } from './signers.ts'
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
  /** How many of them, the last ones, have their BLS key in a `lariat signer` of their own; none unless given. */
  readonly remoteSigners?: number | undefined
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

/** A process of the network, for whoever wants to see what happens without it. */
export interface Killable {
  kill(signal: NodeJS.Signals): Promise<void>
  /** Starts it again, after a kill. */
  restart(): Promise<void>
}

export interface TestnetNode extends Killable {
  readonly operator: TestnetOperator
  /** The remote signer that has its key; undefined when it has it itself. */
  readonly signer: Killable | undefined
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
  if ((options.remoteSigners ?? 0) > options.operators) {
    throw new LariatError(
      'usage.testnet',
      `--remote-signers: there are ${options.operators} operators, one signer each`,
    )
  }
  const folder = await openFolder(options.folder)
  const problems: string[] = []
  const problem = (what: string) => {
    problems.push(what)
    options.onProblem?.(what)
  }
  const running: (() => Promise<unknown>)[] = []
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
        ? await freePorts(options.operators, options.remoteSigners)
        : portsFrom(options.portBase, options.operators, options.remoteSigners)
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
      const signers = await startSigners(ports, options, { operators, deployed, running, problem, clock })
      const deploymentFile = await configureNodes({
        ...{ folder, rpcUrl, deployed, operators, slasher },
        signers: signers.map(({ signer }) => signer),
        venuesUrl: server.url,
      })
      const processes = operators.map((operator) => managed(options, operator, 'run', problem))
      running.push(async () => void (await Promise.all(processes.map((node) => node.stop(NODE_STOP_MS)))))
      await Promise.all(processes.map((node) => node.start()))
      return {
        venues: server,
        staker: await createStaker({ folder, client: localClient(rpcUrl), rpcUrl, deploymentFile }),
        nodes: operators.map((operator, i): TestnetNode => {
          const own = signers.find(({ signer }) => signer.operator === operator)
          const signer = own === undefined ? undefined : handle(own.process)
          return { operator, signer, ...handle(processes[i] as ManagedProcess) }
        }),
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

/** A node or a signer as a process, not started. */
function managed(
  { lariat, onProblem }: Pick<TestnetOptions, 'lariat' | 'onProblem'>,
  { name, configFile, logFile }: Pick<TestnetOperator, 'name' | 'configFile' | 'logFile'>,
  command: 'run' | 'signer',
  problem: (what: string) => void,
): ManagedProcess {
  return createManagedProcess({
    name,
    command: { file: lariat.file, args: [...lariat.args, command, '--config', configFile] },
    logFile,
    onUnexpectedExit({ code, signal }) {
      if (KILLED.includes(signal)) onProblem?.(`${name} was killed (${signal})`)
      else problem(`${name} failed (${signal ?? `exit code ${code}`}): see ${logFile}`)
    },
  })
}

/** The remote signers, each listening: nodes that have their key there do not start without. */
function startSigners(
  { signers: ports }: Ports,
  options: TestnetOptions,
  of: {
    readonly operators: readonly TestnetOperator[]
    readonly deployed: Deployed
    readonly running: (() => Promise<unknown>)[]
    readonly problem: (what: string) => void
    readonly clock: Clock
  },
): Promise<readonly { readonly signer: TestnetSigner; readonly process: ManagedProcess }[]> {
  const last = of.operators.slice(of.operators.length - ports.length)
  return Promise.all(
    last.map(async (operator, i) => {
      const signer = await createSigner(operator, of.deployed, ports[i] ?? 0)
      const process = managed(options, signer, 'signer', of.problem)
      of.running.push(() => process.stop(NODE_STOP_MS))
      await process.start()
      await signer.listening(of.clock, options.signal)
      return { signer, process }
    }),
  )
}

const handle = (process: ManagedProcess): Killable => ({
  kill: async (signal) => void (await process.kill(signal)),
  restart: () => process.start(),
})

/** In reverse of the start, so that nodes stop while their chain still answers. */
async function stopAll(running: (() => Promise<unknown>)[]): Promise<void> {
  for (let end = running.pop(); end !== undefined; end = running.pop()) {
    // the others must be stopped whatever happens
    await end().catch(() => {})
  }
}
