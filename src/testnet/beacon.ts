import { type Clock, sleep } from '../util/clock.ts'
import { LariatError } from '../util/errors.ts'
import type { Address } from '../util/hex.ts'
import type { Artifacts } from './artifacts.ts'
import { Batch, localClient } from './batch.ts'
import type { Collector } from './collector.ts'
import { countedStake, type Deployed } from './deploy.ts'
import { join, stakeParts } from './joining.ts'
import { ACCOUNTS, buildEpoch } from './network.ts'
import { nodeApi } from './nodeApi.ts'
import { type NodeProcess, STOP_MS } from './nodes.ts'
import { createShares, type TestnetOperator } from './operators.ts'
import { deployRandomness, type TestnetRandomness } from './randomness.ts'
import type { Slasher } from './slasher.ts'

/**
 * Blocks of a second for the phases of key generation. Nodes act on final blocks, which lag two, and one that is killed is back
 * within ten; dealings of many operators take their machine's cores a while.
 */
const phasesOf = (operators: number) => ({
  dealBlocks: 15 + Math.ceil(operators / 2),
  complaintBlocks: 10 + Math.ceil(operators / 4),
  foldBlocks: 30,
})
/** Part of all weight that is restarted at a time, of 1,000: the others are well above the quorum. */
const WAVE_PER_MILLE = 300n
/** Nodes that are restarted at a time at most: each takes a core for a second. */
const MAX_WAVE = 8
/** Until a restarted node is healthy and signs, ms, and rounds; takes five seconds, and a minute on a machine that is busy otherwise. */
const BACK_MS = 180_000
const BACK_ROUNDS = 10
/** ms between looks at a node. */
const LOOK_MS = 200

/** Puts the beacon's contracts on chain, which wait for operators then. @param period seconds from round to round */
export async function deployBeacon(options: {
  readonly rpcUrl: string
  readonly artifacts: Artifacts
  readonly deployed: Deployed
  readonly operators: number
  readonly period: number
  readonly clock: Clock
  readonly signal: AbortSignal
}): Promise<TestnetRandomness> {
  const { rpcUrl, artifacts, deployed, operators, period, clock, signal } = options
  const batch = await Batch.open(localClient(rpcUrl), ACCOUNTS.beacon)
  const contracts = deployRandomness(batch, artifacts, {
    allocationManager: deployed.deployment.core.allocationManager,
    owner: ACCOUNTS.beacon.address,
    genesis: Math.floor(clock.now() / 1_000),
    stake: countedStake(deployed.deployment),
    settings: { period, ...phasesOf(operators) },
  })
  await batch.land(signal)
  return contracts
}

/**
 * What operators do to serve one AVS more: all of them allocate to it and join it, and their nodes are restarted with a
 * configuration that has it, never so many at a time that there would be no quorum. Prices go on meanwhile, and generating the
 * key begins when the last one is back.
 * @throws LariatError `testnet.transaction`, `testnet.not-ready`
 */
export async function serveBeacon(options: {
  readonly rpcUrl: string
  readonly deployed: Deployed
  readonly contracts: TestnetRandomness
  readonly nodes: readonly NodeProcess[]
  readonly slasher: Slasher | undefined
  /** Writes the nodes' configurations, with the service. */
  readonly configure: (randomness: Address) => Promise<unknown>
  readonly collector: Collector
  /** ms between rounds of the price service. */
  readonly intervalMs: number
  /** What has failed so far; anything ends the waiting. */
  readonly problems: readonly string[]
  readonly clock: Clock
  readonly signal: AbortSignal
}): Promise<void> {
  const { rpcUrl, deployed, contracts, nodes, slasher, configure, collector, problems, clock, signal } = options
  const { deployment } = deployed
  const { service } = contracts
  await Promise.all(
    nodes.map(({ operator }, i) => {
      const { randomness: magnitude } = stakeParts(i === 0 ? (slasher?.wad ?? 0n) : 0n, true)
      return join(localClient(rpcUrl), operator, { deployment, service, magnitude }, signal)
    }),
  )
  // before a node serves it: that would build an epoch itself
  await buildEpoch({ rpcUrl, account: ACCOUNTS.beacon, service, operators: nodes.length, signal })
  await configure(service)
  const backMs = Math.max(BACK_MS, BACK_ROUNDS * options.intervalMs)
  for (const wave of wavesOf(nodes, weightsOf(collector))) {
    const since = clock.now()
    // all of them to their end, so that whoever stops the network then finds what was started
    const ends = await Promise.allSettled(wave.map((node) => restart(node, options)))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
    await untilBack({ operators: wave.map(({ operator }) => operator), since, backMs, problems, clock, signal })
  }
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
  of: {
    readonly deployed: Deployed
    readonly contracts: TestnetRandomness
    readonly clock: Clock
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { deployed, contracts, clock, signal } = of
  await process.stop(STOP_MS)
  signal.throwIfAborted()
  if (remote !== undefined) {
    await remote.process.stop(STOP_MS)
    await remote.signer.configure([deployed.priceFeeds, contracts.service])
    await remote.process.start()
    await remote.signer.listening(clock, signal)
  }
  await createShares(operator, deployed.deployment, contracts.keyGeneration)
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
        `not back ${backMs / 1_000} s after they were restarted to serve the beacon: ${[...missing.keys()].join(', ')}`,
      )
    }
    await sleep(clock, LOOK_MS, signal)
  }
}
