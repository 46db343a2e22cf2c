import bridge from '../../src/avs/bridge/index.ts'
import { createMemoryNetwork, type MemoryTransport } from '../../src/p2p/memory.ts'
import { memoryDataStore, memoryGuardStore } from '../../src/store/memory.ts'
import type { DataStore, GuardStore } from '../../src/store/store.ts'
import { seededRandom } from '../../src/util/random.ts'
import { SimClock } from '../../src/util/simclock.ts'
import { DOMAIN, HOOK, MAILBOX, SimMessages, STREAM } from './simMessages.ts'
import { castOf, directoryOf, startNode, type TestNode } from './simnet.ts'
import { GENESIS } from './simrun.ts'

/** Seconds of a run, and of quiet after it, in which what is final is certified. */
const SECONDS = 12
const QUIET_S = 8
/** Newest certificates that are looked at: more than a run has. */
const ALL = 1_000
const CHAIN = 'source'

/** What became of one run. */
export interface BridgeRun {
  /** Slots, with the node that has them, of certificates that say other than the chain has. */
  readonly false: readonly string[]
  /** Certificates that some node of the honest has, each once. */
  readonly certificates: number
  /** Final leaves that no honest node has a certificate for. */
  readonly uncovered: number
  /** Operators whose providers lied, all of them. */
  readonly poisoned: number
  /** False checkpoints that they saw, and would have signed. */
  readonly lies: number
  readonly reorgs: number
  readonly restarts: number
}

/**
 * One random life of a bridge in one process: operators of under a third of the weight are shown other chains than there are, each one
 * its own or all of them the same, from a time of the run on or from the start; blocks are undone within finality, links lose messages, and honest
 * nodes crash. What must not come to be is a certificate of what never was.
 */
export async function bridgeRun(seed: number): Promise<BridgeRun> {
  const random = seededRandom(seed)
  const pick = (below: number) => Math.floor(random() * below)
  const clock = new SimClock(GENESIS * 1_000)
  const network = createMemoryNetwork({ clock, seed, latency: () => 1 + pick(20), drop: () => random() < 0.03 })
  const count = 4 + pick(3)
  const weights = Array.from({ length: count }, () => BigInt(20 + pick(20)) * 1_000_000_000n)
  const cast = castOf(count, weights)
  const poisoned = poisonedOf(weights, pick)
  const chain = new SimMessages(CHAIN, clock, random)
  const peers = cast.operators.map((_, i) => `peer-${i}`)
  const lives = peers.map(() => ({
    data: memoryDataStore() as DataStore,
    guard: memoryGuardStore() as GuardStore,
    node: undefined as TestNode | undefined,
    transport: undefined as MemoryTransport | undefined,
  }))
  const together = random() < 0.5
  const mislead = () => {
    if (together) chain.leadTogether(poisoned, 1 + pick(2))
    else for (const view of poisoned) chain.leadAstray(view, 1 + pick(2))
  }

  async function boot(index: number): Promise<void> {
    const life = lives[index]
    if (life === undefined) return
    life.transport = network.join(peers[index] as string)
    life.transport.setPeers(peers.map((id) => ({ id, addresses: [] })))
    life.node = await startNode({
      ...{ cast, index, clock, transport: life.transport, definition: bridge, directory: directoryOf(cast, peers) },
      config: { mailboxes: [{ chain: CHAIN, domain: DOMAIN, mailbox: MAILBOX, hook: HOOK, from: 0 }] },
      chains: new Map([[CHAIN, chain.as(index)]]),
      data: life.data,
      guard: life.guard,
    })
  }

  const atOnce = random() < 0.3
  if (atOnce) mislead()
  for (const index of peers.keys()) await boot(index)
  let [reorgs, restarts] = [0, 0]
  const startOfLies = atOnce ? -1 : pick(SECONDS / 2)
  for (let second = 0; second < SECONDS; second++) {
    if (second === startOfLies) mislead()
    if (random() < 0.2) {
      chain.reorg(1 + pick(2))
      reorgs++
    }
    const honest = [...peers.keys()].filter((index) => !poisoned.includes(index))
    if (random() < 0.06) {
      const index = honest[pick(honest.length)] as number
      await lives[index]?.transport?.stop()
      const stopped = lives[index]?.node?.runner.stop()
      await clock.advance(6_000)
      await stopped
      await boot(index)
      restarts++
    }
    await clock.advance(1_000)
  }
  await clock.advance(QUIET_S * 1_000)

  const truth = chain.truth()
  const wrong: string[] = []
  const slots = new Set<bigint>()
  for (const [index, { data }] of lives.entries()) {
    for (const { slot, payload } of data.certificates.list({ service: STREAM, limit: ALL })) {
      if (truth.get(slot) !== payload) wrong.push(`slot ${slot} at node ${index}`)
      if (!poisoned.includes(index)) slots.add(slot)
    }
  }
  const highest = [...slots].reduce((most, slot) => (slot > most ? slot : most), -1n)
  const lies = poisoned.reduce((sum, index) => sum + chain.liesTo(index), 0)
  const stopped = Promise.all(lives.map(({ node }) => node?.runner.stop()))
  await clock.advance(60_000)
  await stopped
  return {
    false: wrong,
    certificates: slots.size,
    // the newest blocks may have become final in the last moment
    uncovered: Math.max(0, chain.finalCountAt(clock.now() - 60_000 - QUIET_S * 500) - Number(highest) - 1),
    poisoned: poisoned.length,
    lies,
    reorgs,
    restarts,
  }
}

/** As many as weigh under a third together, of random ones. */
function poisonedOf(weights: readonly bigint[], pick: (below: number) => number): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0n)
  const chosen: number[] = []
  let sum = 0n
  for (let tries = 0; tries < 2 * weights.length; tries++) {
    const index = pick(weights.length)
    const weight = weights[index] as bigint
    if (chosen.includes(index) || 3n * (sum + weight) >= total) continue
    chosen.push(index)
    sum += weight
  }
  return chosen
}
