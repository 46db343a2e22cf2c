import type { ServiceChain } from '../../src/avs/ports.ts'
import { createMemoryNetwork, type MemoryTransport } from '../../src/p2p/memory.ts'
import type { SignRequest, StatementSigner } from '../../src/signer/signer.ts'
import type { EvidenceStore } from '../../src/store/evidence.ts'
import { memoryDataStore, memoryGuardStore } from '../../src/store/memory.ts'
import { memoryEvidenceStore } from '../../src/store/memoryEvidence.ts'
import type { DataStore, GuardStore } from '../../src/store/store.ts'
import type { Clock } from '../../src/util/clock.ts'
import { seededRandom } from '../../src/util/random.ts'
import { SimClock } from '../../src/util/simclock.ts'
import { median, square } from './services.ts'
import { type Cast, castOf, directoryOf, noChain, startNode, type TestNode } from './simnet.ts'
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
}

export interface HonestRunOptions {
  readonly seed: number
  /** False gives every start a record that knows nothing: what an operator without a guard would be. */
  readonly guarded?: boolean
}

/**
 * One random life of honest operators in one process: they crash in the middle of whatever they do and start again on
 * what was durable, their clocks jump, links are cut and lose messages, and what they observe changes from one look to
 * the next, as a chain that reorganises changes it. Every signature that leaves a signer is written down.
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
  let [signed, refused, restarts, fork] = [0, 0, 0, 0]

  /** Reorganisations change what is observed, and a report's observation changes from one look to the next. */
  const observe = (operator: string, slot: bigint) =>
    slot * 10n + BigInt(fork) + BigInt(operator.slice(-1)) * BigInt(pick(2))
  const definition = seed % 3 !== 0 ? square({ observe: (_, slot) => slot + BigInt(fork) }) : median({ observe })

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
      chain: quietChain,
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
  for (let step = 0; step < 3 + pick(4); step++) {
    await clock.advance(pick(1_800))
    const index = pick(COUNT)
    const life = lives[index]
    switch (pick(5)) {
      case 0:
        await crash(index)
        await clock.advance(pick(60))
        await boot(index)
        break
      case 1:
        if (life !== undefined) life.skew += (pick(3) - 1) * pick(6_000)
        break
      case 2:
        fork++
        break
      case 3:
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
        fork++
        await boot(index)
    }
  }
  await clock.advance(2_500)
  for (const life of lives) if (life.node !== undefined) ended.push(life.node.runner.stop())
  await clock.advance(6_000)
  await Promise.all(ended)
  const accused = lives.reduce((sum, { evidence }) => sum + evidence.list().length, 0)
  return { conflicts, accused, signed, refused, restarts }
}

/** Never slashes anybody: what is asked for is whether there would be cause. */
const quietChain: ServiceChain = {
  ...noChain,
  read: (async () => false) as unknown as ServiceChain['read'],
}

let made: Cast | undefined
/** Keys are the same in all runs: making them is most of what a short run would cost. */
function castOfAll(): Cast {
  made ??= castOf(COUNT)
  return made
}
