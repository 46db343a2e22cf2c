import { type Clock, systemClock } from '../util/clock.ts'
import { describe, LariatError } from '../util/errors.ts'
import { type AnvilOptions, startAnvil, TESTNET_BLOCKS } from './anvil.ts'
import { loadArtifacts, loadArtifactsOf } from './artifacts.ts'
import { localClient } from './batch.ts'
import { deployBeacon } from './beacon.ts'
import { type BeaconWatch, createBeaconWatch } from './beaconWatch.ts'
import { AWAY_CHAIN_ID, deployTestnetBridge, openBridgeWatch, openTestnetBridge } from './bridgeNet.ts'
import type { BridgeWatch } from './bridgeWatch.ts'
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
import { handleOf, managed, type NodeProcess, STOP_MS, startSigners, type TestnetNode } from './nodes.ts'
import { createPayday } from './payday.ts'
import { loopbackPlace } from './places.ts'
import { freePorts, portsFrom } from './ports.ts'
import type { Command } from './process.ts'
import { untilReady } from './ready.ts'
import { registerAll } from './registerAll.ts'
import { createRestaking, type Restaking } from './restaking.ts'
import { serveMore } from './serving.ts'
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
  'serve randomness',
  'serve a bridge',
  'serve randomness and a bridge',
  'slash an operator',
] as const
export type Step = (typeof STEPS)[number]

/** The steps of one testnet. */
export function stepsOf(options: Pick<TestnetOptions, 'slash' | 'beacon' | 'bridge'>): readonly Step[] {
  const serving = servingStep(options)
  return STEPS.filter((step) => step !== 'slash an operator' || options.slash !== undefined).filter(
    (step) => !step.startsWith('serve ') || step === serving,
  )
}

/** Nodes are restarted once for both. */
function servingStep({ beacon, bridge = false }: Pick<TestnetOptions, 'beacon' | 'bridge'>): Step | undefined {
  if (beacon === undefined) return bridge ? 'serve a bridge' : undefined
  return bridge ? 'serve randomness and a bridge' : 'serve randomness'
}

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
  /** The randomness beacon, with the seconds from round to round; none unless given. */
  readonly beacon?: { readonly period: number } | undefined
  /** Whether there is a bridge to another chain; none unless given. */
  readonly bridge?: boolean | undefined
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

/** A running testnet. */
export interface Testnet {
  readonly folder: string
  readonly nodes: readonly TestnetNode[]
  readonly collector: Collector
  readonly chain: ChainFacts
  readonly restaking: Restaking
  /** Undefined without a beacon. */
  readonly beacon: BeaconWatch | undefined
  /** Undefined without a bridge. */
  readonly bridge: BridgeWatch | undefined
  /** What `--json` holds when the network is ready. */
  readonly summary: Summary
  /** Problems so far: processes that failed. One that somebody killed is no problem of the network's. */
  readonly problems: readonly string[]
  /** Stops every process; idempotent. */
  stop(): Promise<void>
}

/**
 * Sets a network up and resolves when every node is healthy and every feed has an answer on chain.
 * @throws LariatError naming the step and the folder with the logs; nothing is left running then
 */
export async function startTestnet(options: TestnetOptions): Promise<Testnet> {
  const { signal, interval, series, speed, from, slash, depeg = [], beacon, bridge = false } = options
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
    const chainOf = async (name: string, options: AnvilOptions): Promise<string> => {
      const started = await startAnvil({
        ...options,
        ...{ ...TESTNET_BLOCKS, signal },
        onUnexpectedExit: (how) => problem(`${name} ended: ${how}`),
      })
      running.push(started.stop)
      return started.rpcUrl
    }
    const { rpcUrl, awayUrl } = await step('start a chain', async () => ({
      rpcUrl: await chainOf('the chain', { port: ports.chain }),
      awayUrl: bridge
        ? await chainOf('the bridge’s other chain', { port: ports.away, chainId: AWAY_CHAIN_ID })
        : undefined,
    }))
    const operators = await step('create keys', () => createOperators(folder, ports.nodes.map(loopbackPlace)))
    const artifacts = await loadArtifacts(options.artifacts)
    const deployed = await step('deploy contracts', () => deployAll({ rpcUrl, artifacts, operators, interval, signal }))
    // beside what follows, which does not need it: its contracts may be compiled still
    const withLrt = loadArtifactsOf('lrt', options.artifacts, clock, signal).then(async (all) => {
      await deployRestaking(rpcUrl, all, deployed, signal)
      return all
    })
    withLrt.catch(() => {}) // told by the step that waits for it
    const contracts =
      beacon &&
      loadArtifactsOf('randomness', options.artifacts, clock, signal).then((all) =>
        deployBeacon({
          ...beacon,
          ...{ rpcUrl, deployed, clock, signal },
          artifacts: all,
          operators: operators.length,
        }),
      )
    contracts?.catch(() => {}) // as above
    const bridged =
      awayUrl === undefined
        ? undefined
        : loadArtifactsOf('bridge', options.artifacts, clock, signal).then((all) =>
            deployTestnetBridge({ rpcUrl, awayUrl, artifacts: all, deployed, operators, signal }),
          )
    bridged?.catch(() => {}) // as above
    const slasher = slash === undefined ? undefined : await setUpSlasher(rpcUrl, artifacts, deployed, slash, signal)

    // before the nodes start: theirs would build an epoch as soon as the first operator has joined
    await step('register and stake operators', () =>
      registerAll({
        ...{ artifacts, deployed, operators, slasher, signal, further: { randomness: beacon !== undefined, bridge } },
        client: localClient(rpcUrl),
        stakes: ownStakes(operators.length),
      }),
    )
    await step('build the first epoch', () =>
      buildEpoch({
        ...{ rpcUrl, signal, account: ACCOUNTS.deployer, service: deployed.priceFeeds, operators: operators.length },
      }),
    )

    // while the network starts it is no news that something does not answer yet
    let settled = false
    const onError = (what: string) => settled && options.onProblem?.(what)
    const ethMarkets = createEthMarkets(STAKED_SYMBOLS)
    const restaking = createRestaking({
      ...{ rpcUrl, deployed, operators, clock, onError },
      markets: ethMarkets,
    })
    const processOptions = { ...options, problem }
    const { venues, nodes, staker, configure } = await step('start venues and nodes', async () => {
      const server = await startVenues({ clock, series, speed, from, ethMarkets, port: ports.venues })
      running.push(server.stop, restaking.stop)
      restaking.start()
      const signers = await startSigners({
        ...{ ...processOptions, operators, deployed, running, clock, ports: ports.signers },
      })
      const configure = (more: Pick<Parameters<typeof configureNodes>[0], 'randomness' | 'bridge'>) =>
        configureNodes({
          ...{ folder, rpcUrl, deployed, operators, slasher, ...more },
          signers: signers.map(({ signer }) => signer),
          venuesUrl: server.url,
        })
      const deploymentFile = await configure({})
      const processes = operators.map(
        (operator): NodeProcess => ({
          operator,
          process: managed(processOptions, operator, 'run'),
          remote: signers.find(({ signer }) => signer.operator === operator),
        }),
      )
      running.push(async () => void (await Promise.all(processes.map((node) => node.process.stop(STOP_MS)))))
      await Promise.all(processes.map((node) => node.process.start()))
      return {
        venues: server,
        staker: await createStaker({ folder, client: localClient(rpcUrl), rpcUrl, deploymentFile }),
        nodes: processes,
        configure,
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
    await step('restake and delegate', async () => restaking.open(await withLrt, signal))
    payday.start()
    const serving = servingStep(options)
    const further =
      serving &&
      (await step(serving, async () => {
        await serveMore({
          ...{ rpcUrl, deployed, nodes, slasher, collector, problems, clock, signal },
          randomness: contracts,
          bridge: bridged,
          onEpochs: async () => bridged && openTestnetBridge({ rpcUrl, bridge: await bridged, signal }),
          configure: async () => configure({ randomness: (await contracts)?.service, bridge: await bridged }),
          intervalMs: interval * 1_000,
        })
        const [randomness, bridge] = await Promise.all([contracts, bridged])
        await untilReady(collector, clock, problems, signal)
        const apis = operators.map(({ api }) => api)
        const common = { clock, onError }
        const client = localClient(rpcUrl)
        const beaconWatch = randomness && createBeaconWatch({ ...common, client, contracts: randomness, apis })
        const bridgeWatch = bridge && (await openBridgeWatch({ ...common, bridge, rpcUrl, deployed, signal }))
        for (const watch of [beaconWatch, bridgeWatch]) {
          if (watch === undefined) continue
          running.push(watch.stop)
          watch.start()
        }
        return { beaconWatch, bridgeWatch }
      }))
    settled = true
    const slashed =
      slasher === undefined ? undefined : await step('slash an operator', () => restaking.slash(slasher, signal))
    for (const { symbol, fraction } of depeg) ethMarkets.depeg(symbol, fraction)
    const lrt = await restaking.look()
    const randomness = beacon && contracts && { ...(await contracts), period: beacon.period }
    const where = { rpcUrl, deployed, chain, venues, operators, staker, folder }
    return {
      folder,
      nodes: nodes.map(handleOf),
      collector,
      chain,
      restaking,
      beacon: further?.beaconWatch,
      bridge: further?.bridgeWatch,
      summary: summaryOf({ ...where, lrt, slashed, randomness, bridge: await bridged }),
      problems,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** In reverse of the start, so that nodes stop while their chain still answers. */
async function stopAll(running: (() => Promise<unknown>)[]): Promise<void> {
  for (let end = running.pop(); end !== undefined; end = running.pop()) {
    // the others must be stopped whatever happens
    await end().catch(() => {})
  }
}
