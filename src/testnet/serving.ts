import { type Clock, sleep } from '../util/clock.ts'
import { LariatError } from '../util/errors.ts'
import type { Address } from '../util/hex.ts'
import { localClient } from './batch.ts'
import type { TestnetBridge } from './bridge.ts'
import type { Collector } from './collector.ts'
import type { Deployed } from './deploy.ts'
import { join, stakeParts } from './joining.ts'
import { ACCOUNTS, buildEpoch } from './network.ts'
import { nodeApi } from './nodeApi.ts'
import { type NodeProcess, STOP_MS } from './nodes.ts'
import { createShares, type TestnetOperator } from './operators.ts'
import type { TestnetRandomness } from './randomness.ts'
import type { Slasher } from './slasher.ts'

/** Part of all weight that is restarted at a time, of 1,000: the others are well above the quorum. */
const WAVE_PER_MILLE = 300n
/** Nodes that are restarted at a time at most: each takes a core for a second. */
const MAX_WAVE = 8
/** Until a restarted node is healthy and signs, ms, and rounds; takes five seconds, and a minute on a machine that is busy otherwise. */
const BACK_MS = 180_000
const BACK_ROUNDS = 10
/** ms between looks at a node. */
const LOOK_MS = 200

/** What serving more takes. */
export interface ServeOptions {
  readonly rpcUrl: string
  readonly deployed: Deployed
  /** Their contracts, as soon as they are on chain. */
  readonly randomness: Promise<TestnetRandomness> | undefined
  readonly bridge: Promise<TestnetBridge> | undefined
  readonly nodes: readonly NodeProcess[]
  readonly slasher: Slasher | undefined
  /** Called when the services have an epoch, before any node serves them. */
  readonly onEpochs: () => Promise<void>
  /** Writes the nodes' configurations, with the services. */
  readonly configure: () => Promise<unknown>
  readonly collector: Collector
  /** ms between rounds of the price service. */
  readonly intervalMs: number
  /** What has failed so far; anything ends the waiting. */
  readonly problems: readonly string[]
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * What operators do to serve more AVSs: all of them allocate to each and join it, and their nodes are restarted with a
 * configuration that has them, never so many at a time that there would be no quorum. Prices go on meanwhile, and what the
 * services do begins when the last one is back.
 * @throws LariatError `testnet.transaction`, `testnet.not-ready`
 */
export async function serveMore(options: ServeOptions): Promise<void> {
  const { nodes, collector, problems, clock, signal } = options
  const services = await joinMore({ ...options, operators: nodes.map(({ operator }) => operator) })
  await options.onEpochs()
  await options.configure()
  const keyGeneration = (await options.randomness)?.keyGeneration
  const backMs = Math.max(BACK_MS, BACK_ROUNDS * options.intervalMs)
  for (const wave of wavesOf(nodes, weightsOf(collector))) {
    const since = clock.now()
    // all of them to their end, so that whoever stops the network then finds what was started
    const ends = await Promise.allSettled(wave.map((node) => restart(node, { ...options, services, keyGeneration })))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
    await untilBack({ operators: wave.map(({ operator }) => operator), since, backMs, problems, clock, signal })
  }
}

/** Lets all operators join each service, and builds its first epoch: a node that serves it would build one itself. @returns the services */
export async function joinMore(
  options: Pick<ServeOptions, 'rpcUrl' | 'deployed' | 'randomness' | 'bridge' | 'slasher' | 'signal'> & {
    readonly operators: readonly TestnetOperator[]
  },
): Promise<readonly Address[]> {
  const { rpcUrl, deployed, randomness, bridge, operators, slasher, signal } = options
  const client = localClient(rpcUrl)
  const further = { randomness: randomness !== undefined, bridge: bridge !== undefined }
  const services: Address[] = []
  const epochs: Promise<void>[] = []
  // one after the other, as they share the operators' accounts, and the later one's contracts may be compiled still
  for (const { part, contracts, account } of [
    { part: 'randomness', contracts: randomness, account: ACCOUNTS.beacon },
    { part: 'bridge', contracts: bridge, account: ACCOUNTS.bridge },
  ] as const) {
    if (contracts === undefined) continue
    const { service } = await contracts
    await Promise.all(
      operators.map((operator, i) => {
        const parts = stakeParts(i === 0 ? (slasher?.wad ?? 0n) : 0n, further)
        const joined = { deployment: deployed.deployment, service, magnitude: parts[part] }
        return join(client, operator, joined, signal)
      }),
    )
    const epoch = buildEpoch({ rpcUrl, account, service, operators: operators.length, signal })
    epoch.catch(() => {}) // told below
    epochs.push(epoch)
    services.push(service)
  }
  await Promise.all(epochs)
  return services
}

/** Weight of an operator in the price service. */
function weightsOf(collector: Collector): (node: NodeProcess) => bigint {
  const weights = new Map(collector.facts().operators.map(({ address, weight }) => [address.toLowerCase(), weight]))
  return ({ operator }) => weights.get(operator.account.address.toLowerCase()) ?? 0n
}

/** Splits nodes, in their order, into groups that may be away together; one that is heavier than that, or whose weight is 0, goes alone. */
export function wavesOf<T>(nodes: readonly T[], weightOf: (node: T) => bigint): T[][] {
  const total = nodes.reduce((sum, node) => sum + weightOf(node), 0n)
  const waves: T[][] = []
  let weight = 0n
  for (const node of nodes) {
    const last = waves.at(-1)
    const own = weightOf(node)
    const fits = own > 0n && (weight + own) * 1_000n <= total * WAVE_PER_MILLE
    if (last !== undefined && last.length < MAX_WAVE && fits) {
      last.push(node)
      weight += own
    } else {
      waves.push([node])
      // whose weight is not known keeps its wave to itself
      weight = own > 0n ? own : total
    }
  }
  return waves
}

async function restart(
  { operator, process, remote }: NodeProcess,
  of: Pick<ServeOptions, 'deployed' | 'clock' | 'signal'> & {
    /** Besides the prices. */
    readonly services: readonly Address[]
    readonly keyGeneration: Address | undefined
  },
): Promise<void> {
  const { deployed, services, keyGeneration, clock, signal } = of

  await process.stop(STOP_MS)
  signal.throwIfAborted()
  if (remote !== undefined) {
    await remote.process.stop(STOP_MS)
    await remote.signer.configure([deployed.priceFeeds, ...services])
    await remote.process.start()
    await remote.signer.listening(clock, signal)
  }
  if (keyGeneration !== undefined) await createShares(operator, deployed.deployment, keyGeneration)
  signal.throwIfAborted()
  await process.start()
}

/** Resolves when each of them is healthy and signs for certificates again. @throws LariatError `testnet.not-ready` */
async function untilBack(of: {
  readonly operators: readonly TestnetOperator[]
  /** ms since the epoch */
  readonly since: number
  readonly backMs: number
  readonly problems: readonly string[]
  readonly clock: Clock
  readonly signal: AbortSignal
}): Promise<void> {
  const { operators, since, backMs, problems, clock, signal } = of
  const missing = new Map(operators.map(({ name, api }) => [name, nodeApi(api)]))
  for (;;) {
    await Promise.all(
      [...missing].map(async ([name, api]) => {
        if ((await api.health())?.healthy === true && (await api.signs())) missing.delete(name)
      }),
    )
    if (missing.size === 0) return
    if (problems.length > 0) throw new LariatError('testnet.not-ready', problems.join('; '))
    if (clock.now() > since + backMs) {
      throw new LariatError(
        'testnet.not-ready',
        `not back ${backMs / 1_000} s after they were restarted to serve more: ${[...missing.keys()].join(', ')}`,
      )
    }
    await sleep(clock, LOOK_MS, signal)
  }
}
