import type { AnyService } from '../../src/avs/api.ts'
import { createMemoryNetwork, type MemoryTransport } from '../../src/p2p/memory.ts'
import type { SignRequest, StatementSigner } from '../../src/signer/signer.ts'
import type { EvidenceStore } from '../../src/store/evidence.ts'
import { memoryDataStore, memoryGuardStore } from '../../src/store/memory.ts'
import { memoryEvidenceStore } from '../../src/store/memoryEvidence.ts'
import type { DataStore, GuardStore } from '../../src/store/store.ts'
import type { Clock } from '../../src/util/clock.ts'
import type { Address } from '../../src/util/hex.ts'
import { seededRandom } from '../../src/util/random.ts'
import { SimClock } from '../../src/util/simclock.ts'
import { INTERVAL, median, onChain, square } from './services.ts'
import { FINALITY_LAG, SimChain } from './simChain.ts'
import { type Cast, CONTRACT, castOf, directoryOf, startNode, type TestNode } from './simnet.ts'
import { GENESIS } from './simrun.ts'

/** Operators of one run: few, as each signature costs half a millisecond. All of them are honest. */
const COUNT = 3

/** What became of one run. */
export interface HonestRun {
  /** (operator, kind, slot, attempt) of which two payloads were signed. */
  readonly conflicts: readonly string[]
  /** Cases of equivocation that some node filed. */
  readonly accused: number
  /** Statements that were signed, and requests that the guard refused. */
  readonly signed: number
  readonly refused: number
  readonly restarts: number
  /** Times that a final block was undone, for all or as one node saw it. */
  readonly reorgs: number
}

export interface HonestRunOptions {
  readonly seed: number
  /** False gives every start a record that knows nothing: what an operator without a guard would be. */
  readonly guarded?: boolean
}

/**
 * One random life of honest operators in one process: they crash in the middle of whatever they do and start again on
 * what was durable, their clocks jump, links are cut and lose messages, the chain takes blocks back, final ones too, and one of
 * them sees another chain than the others. Every signature that leaves a signer is written down.
 */
export async function honestRun({ seed, guarded = true }: HonestRunOptions): Promise<HonestRun> {
  const random = seededRandom(seed)
  const pick = (below: number) => Math.floor(random() * below)
  const clock = new SimClock(GENESIS * 1000)
  const network = createMemoryNetwork({ clock, seed, latency: () => 1 + pick(20), drop: () => random() < 0.05 })
  const cast = castOfAll()
  const peers = cast.operators.map((_, i) => `peer-${i}`)
  const ledger = new Map<string, string>()
  const conflicts: string[] = []
  const chain = new SimChain({ clock, random, contract: CONTRACT })
  let [signed, refused, restarts, reorgs] = [0, 0, 0, 0]
  const definition = definitionOf(seed, chain, pick)

  const lives = peers.map(() => ({
    guard: memoryGuardStore() as GuardStore,
    data: memoryDataStore() as DataStore,
    evidence: memoryEvidenceStore() as EvidenceStore,
    skew: 0,
    alive: { yes: false },
    node: undefined as TestNode | undefined,
    transport: undefined as MemoryTransport | undefined,
  }))

  /** A clock of its own for each machine: it runs with the others and may be set wrong. */
  const clockOf = (index: number): Clock => ({
    now: () => clock.now() + (lives[index]?.skew ?? 0),
    after: (ms, fn) => clock.after(ms, fn),
  })

  /** Writes down what a signer gives away; a process that died in the meantime gives nothing to the network, but did sign. */
  const witnessed = (index: number, alive: { readonly yes: boolean }, signer: StatementSigner): StatementSigner => ({
    ...signer,
    async sign(request: SignRequest) {
      const signature = await signer.sign(request).catch((error: unknown) => {
        refused++
        throw error
      })
      const { kind, slot, attempt, payload } = request.statement
      const key = `${index}/${kind}/${slot}/${attempt}`
      const before = ledger.get(key) ?? payload
      if (before !== payload) conflicts.push(key)
      ledger.set(key, before)
      signed++
      if (!alive.yes) throw new Error('this process is dead')
      return signature
    },
  })

  async function boot(index: number): Promise<void> {
    const life = lives[index]
    if (life === undefined) return
    const alive = { yes: true }
    life.alive = alive
    life.transport = network.join(peers[index] as string)
    life.transport.setPeers(peers.map((id) => ({ id, addresses: [] })))
    life.node = await startNode({
      cast,
      index,
      definition,
      config: { genesis: GENESIS },
      clock: clockOf(index),
      transport: life.transport,
      directory: directoryOf(cast, peers),
      guard: guarded ? life.guard : memoryGuardStore(),
      data: life.data,
      evidence: life.evidence,
      chain: chain.as(index, cast.operators[index] as Address, life.data.cursors),
      wrapSigner: (signer) => witnessed(index, alive, signer),
    })
  }

  /** A crash: nothing more reaches the network, what was in memory is gone, and what is durable stays. */
  async function crash(index: number): Promise<void> {
    const life = lives[index]
    if (life?.node === undefined) return
    life.alive.yes = false
    await life.transport?.stop()
    // the dead process's timers still fire in this one: it must come to its end unheard
    ended.push(life.node.runner.stop())
    life.node = undefined
    restarts++
  }

  const ended: Promise<void>[] = []
  for (const index of peers.keys()) await boot(index)
  await clock.advance(1_900)
  for (let step = 0; step < 3 + pick(3); step++) {
    await clock.advance(pick(1_300))
    const index = pick(COUNT)
    const life = lives[index]
    switch (pick(8)) {
      case 0:
        await crash(index)
        await clock.advance(pick(60))
        await boot(index)
        break
      case 1:
        if (life !== undefined) life.skew += (pick(3) - 1) * pick(6_000)
        break
      case 2:
        // what is final stays: nobody may notice
        chain.reorg(1 + pick(FINALITY_LAG))
        break
      case 3:
        // what was final goes, for all
        chain.reorg(FINALITY_LAG + 1 + pick(4))
        reorgs++
        break
      case 4:
        // one node's providers show it another chain, or that of all again
        if (pick(3) === 0) chain.agree()
        else chain.leadAstray(index, 1 + pick(FINALITY_LAG + 4))
        reorgs++
        break
      case 5:
        network.setFaults(
          random() < 0.5
            ? []
            : [{ kind: 'cut', between: [peers[index] as string, peers[(index + 1) % COUNT] as string] }],
        )
        break
      default:
        // set back and started anew: slots that were signed come again, and only the record knows
        await crash(index)
        if (life !== undefined) life.skew -= 2_000 + pick(6_000)
        chain.reorg(FINALITY_LAG + 2 + pick(5))
        reorgs++
        await boot(index)
    }
  }
  await clock.advance(2_500)
  for (const life of lives) if (life.node !== undefined) ended.push(life.node.runner.stop())
  await clock.advance(6_000)
  await Promise.all(ended)
  const accused = lives.reduce((sum, { evidence }) => sum + evidence.list().length, 0)
  return { conflicts, accused, signed, refused, restarts, reorgs }
}

/** Services of every way to a slot and to an agreement, in turn: by time, by event, by block; identical and by report. */
function definitionOf(seed: number, chain: SimChain, pick: (below: number) => number): AnyService {
  const view = (operator: string) => Number(operator.slice(-1)) - 1
  const fact = (operator: string, slot: bigint) => chain.factAt(view(operator), GENESIS + Number(slot) * INTERVAL)
  switch (seed % 5) {
    case 0:
      // what is observed for a report changes from one look to the next
      return median({
        observe: (who, slot) => slot * 10n + (fact(who, slot) % 50n) + BigInt((view(who) + 1) * pick(2)),
      })
    case 1:
    case 2:
      return square({ observe: (who, slot) => slot ** 2n + fact(who, slot) })
    case 3:
      return onChain('block', { observe: (who, slot) => chain.factOf(view(who), slot) })
    default:
      return onChain('event', { observe: () => 0n })
  }
}

let made: Cast | undefined
/** Keys are the same in all runs: making them is most of what a short run would cost. */
function castOfAll(): Cast {
  made ??= castOf(COUNT)
  return made
}
