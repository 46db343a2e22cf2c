import type { Transport } from 'viem'
import type { Tip } from '../../src/avs/bridge/ports.ts'
import { sourceMetrics } from '../../src/avs/bridge/source/metrics.ts'
import { BridgeSource } from '../../src/avs/bridge/source/source.ts'
import { openSourceStores, sourceStoreSpecs } from '../../src/avs/bridge/source/stores.ts'
import { Level } from '../../src/avs/bridge/statements.ts'
import { openChain } from '../../src/chain/clients.ts'
import type { FinalStore } from '../../src/chain/heads.ts'
import { createChainReader } from '../../src/chain/serviceChain.ts'
import { CONTRADICTION_HOLD_MS } from '../../src/chain/trust.ts'
import { createMetrics } from '../../src/metrics/registry.ts'
import { followChain } from '../../src/node/chains/follow.ts'
import { declareFollowMetrics } from '../../src/node/chains/metrics.ts'
import { memoryDataStore } from '../../src/store/memory.ts'
import type { Hex } from '../../src/util/hex.ts'
import { silentLog } from '../../src/util/log.ts'
import { seededRandom } from '../../src/util/random.ts'
import { SimClock } from '../../src/util/simclock.ts'
import { memoryCursors } from './chain.ts'
import { type Drawn, drawLies, type OtherChains } from './poison.ts'
import { BLOCK_S, CHAIN_ID, LAST_BLOCK, type RecordedChain, TREE_SLOT } from './recordedChain.ts'
import { ReplayedNode, recordedAnswer, type View } from './replayedNode.ts'

/** Blocks that are not final yet. */
const FINALITY_LAG = 2
/** ms between a node's looks at its providers. */
const POLL_MS = 20_000
/** Seconds that a provider hears of a block after it is there, at most. */
const MAX_LAG_S = 12
/** Blocks that come while providers lie. */
const LYING_BLOCKS = 9
/** ms after the last lie in which everything true must be handed over: what a contradiction holds, and the longest wait for a chain to open. */
const RECOVERY_MS = CONTRADICTION_HOLD_MS + 60_000
/** ms behind the newest final block that a node may be: looks, and silent providers in them. */
const PATIENCE_MS = 3 * POLL_MS + MAX_LAG_S * 1_000
/** Longest wait for what is under way when a node stops, ms. */
const STOP_MS = 6_000

/** What became of one run. */
export interface PoisonRun {
  readonly providers: number
  readonly poisoned: number
  readonly kinds: readonly string[]
  /** Answers that were false. */
  readonly lies: number
  /** Checkpoints that were handed over and are not of the chain, or of a block that no honest provider called final. */
  readonly false: readonly string[]
  readonly tips: number
  /** What is true and final, and was not handed over although it should have been. */
  readonly missing: string | undefined
  /** What the tree is halted by. */
  readonly halted: string | undefined
  /** Times it was seen that nothing may be signed. */
  readonly distrusted: number
  readonly restarts: number
  /** What honest providers were asked for and the record has not: a fault of the test. */
  readonly unrecorded: readonly string[]
  /** Blocks that the honest saw and that were undone before they were final. */
  readonly undone: number
}

export interface PoisonOptions {
  readonly seed: number
  readonly chain: RecordedChain
  readonly others: OtherChains
  /** Believes one poisoned provider: what is not to be done. */
  readonly credulous?: boolean
}

/**
 * One random life of a node that reads a chain through three or six providers, of which up to two thirds are poisoned, from the start or later,
 * each in its own way or all in concert. The others answer, with blocks of the present.
 */
export async function poisonRun({ seed, chain, others, credulous = false }: PoisonOptions): Promise<PoisonRun> {
  const random = seededRandom(seed)
  const pick = (below: number) => Math.floor(random() * below)
  const chance = (p: number) => random() < p
  const count = credulous ? 1 : chance(0.3) ? 6 : 3
  const poisoned = credulous ? 1 : chance(0.7) ? Math.floor((2 * count) / 3) : 1
  const first = 5 + pick(LAST_BLOCK - 5 - LYING_BLOCKS - Math.ceil(RECOVERY_MS / 1_000 / BLOCK_S) - 1)
  const timeOf = (number: number) => (chain.main[number]?.time ?? Number.POSITIVE_INFINITY) * 1_000
  const clock = new SimClock(timeOf(first) + 1_000 * MAX_LAG_S)
  const reorgs = chain.forks.filter(() => chance(0.6))

  /** What an honest node has `lag` s late. Some forks are the chain for two blocks, until others take their place. */
  function truth(lag: number): View {
    const now = clock.now() - lag * 1_000
    const head = chain.main.findLastIndex(({ time }) => time * 1_000 <= now)
    const blocks = reorgs.find(({ after }) => head > after && head <= after + FINALITY_LAG)?.blocks ?? chain.main
    return { blocks, head, final: head - FINALITY_LAG }
  }
  const honest = recordedAnswer(chain)
  const lags = Array.from({ length: count }, () => pick(MAX_LAG_S))
  const nodes = lags.map((lag) => new ReplayedNode(honest, () => truth(lag), clock))
  const liars = shuffled(nodes, pick).slice(0, poisoned)

  let kinds: Drawn[] = []
  const used = new Set<string>()
  function poison(): void {
    const inConcert = chance(0.6)
    const die = { chain, others, pick, chance }
    let shared: Drawn[] | undefined
    kinds = []
    for (const liar of liars) {
      if (!inConcert || shared === undefined) shared = drawLies(die)
      kinds.push(...shared)
      liar.lies = shared.map(({ lie }) => lie)
    }
    for (const { name } of kinds) used.add(name)
  }

  const tips = new Set<number>()
  const wrong: string[] = []
  const disk = memoryDataStore()
  const final = memoryFinal()
  const isTrue = (tip: Tip) => {
    const real = chain.main[Number(tip.block)]?.tip
    return real !== undefined && (Object.keys(real) as (keyof Tip)[]).every((key) => real[key] === tip[key])
  }
  const check = (tip: Tip, how: string) => {
    const finalNow = truth(0).final
    if (!isTrue(tip)) wrong.push(`${how}: ${tip.index} of block ${tip.block} with root ${tip.root}`)
    else if (tip.block > finalNow) wrong.push(`${how}: block ${tip.block}, and ${finalNow} is final`)
  }

  async function start() {
    const metrics = createMetrics()
    const urls = nodes.map((_, i) => `http://node-${i}`)
    const transport = (url: string): Transport => {
      const node = nodes[urls.indexOf(url.replace(/\/$/, ''))]
      if (node === undefined) throw new RangeError(`no node ${url}`)
      return node.transport()
    }
    const following = followChain({
      ...{ name: 'base', chainId: CHAIN_ID, clock, log: silentLog, metrics: declareFollowMetrics(metrics) },
      open: async () => {
        const opened = await openChain({
          ...{ name: 'base', id: CHAIN_ID, rpc: urls.map((url) => ({ url })), singleProvider: count === 1 },
          ...{ pollMs: POLL_MS, clock, log: silentLog, metrics, transport, final: final.of },
          ...(final.genesis() === undefined ? {} : { genesisHash: final.genesis() as Hex }),
        })
        const reader = createChainReader({ chain: opened, log: silentLog, cursors: memoryCursors() })
        const refuse = () => Promise.reject(new Error('nothing is sent here'))
        const service = { ...reader, account: chain.mailbox, write: refuse, gasPrice: refuse }
        return { chain: opened, service, close: async () => opened.close() }
      },
    })
    const specs = sourceStoreSpecs([CHAIN_ID])
    const source = new BridgeSource({
      ...{ chain: following.port, domain: CHAIN_ID, mailbox: chain.mailbox, hook: chain.hook, from: 1n },
      ...{ treeSlot: TREE_SLOT, clock, log: silentLog, metrics: sourceMetrics(metrics) },
      stores: openSourceStores((name) => {
        const spec = specs[name]
        if (spec === undefined) throw new RangeError(`no store ${name}`)
        return disk.keyValues.open('bridge', name, spec)
      }, CHAIN_ID),
    })
    source.onTip(Level.finalized, (tip) => {
      tips.add(tip.index)
      check(tip, 'handed over')
    })
    await source.start()
    return { following, source }
  }

  let life = await start()
  async function stop(): Promise<void> {
    const stopped = life.source.stop().then(() => life.following.close())
    await clock.advance(STOP_MS)
    await stopped
  }

  let [distrusted, restarts] = [0, 0]
  let missing: string | undefined
  /** Everything of the blocks that were final at a time is known, or `missing` says what is not. */
  function require(time: number, when: string): void {
    const last = chain.main.findLastIndex((block) => block.time * 1_000 <= time) - FINALITY_LAG
    for (const { tip } of chain.main.slice(0, last + 1)) {
      if (tip === undefined || life.source.checkpoint(tip.index)?.root === tip.root) continue
      missing ??= `${when}: checkpoint ${tip.index} of block ${tip.block}`
    }
  }

  const lieFrom = chance(0.6) ? 0 : 1 + pick(3)
  const restartAt = chance(0.3) ? 1 + pick(LYING_BLOCKS - 1) : undefined
  for (let block = 0; block < LYING_BLOCKS; block++) {
    // They change their minds now and then; the last words are told for long enough to see what comes of them.
    if (block === lieFrom || (block > lieFrom && block < LYING_BLOCKS / 2 && chance(0.25))) poison()
    if (block === restartAt) {
      await stop()
      life = await start()
      restarts++
    }
    await clock.advance(BLOCK_S * 1_000)
    if (life.following.port.distrust()?.code === 'chain.contradiction') distrusted++
    const tip = life.source.tip()
    if (tip !== undefined) check(tip, 'kept')
  }
  if (3 * poisoned < count && kinds.every(({ isHarmless }) => isHarmless)) {
    require(clock.now() - PATIENCE_MS, 'while fewer than a third lie')
  }
  for (const liar of liars) liar.lies = []
  await clock.advance(RECOVERY_MS)
  if (!credulous) require(clock.now() - PATIENCE_MS, 'after the lies')
  const halted = life.source.halted()
  await stop()
  return {
    ...{ providers: count, poisoned, kinds: [...used], lies: nodes.reduce((sum, { lied }) => sum + lied, 0) },
    ...{ false: wrong, tips: tips.size, missing, halted, distrusted, restarts },
    unrecorded: [...new Set(nodes.flatMap(({ unrecorded }) => unrecorded))],
    undone: reorgs.filter(({ after }) => after >= first && after < first + LYING_BLOCKS).length,
  }
}

/** The last final block, beyond the life of a node. */
function memoryFinal() {
  let known: Parameters<FinalStore['set']>[0] | undefined
  let undone: ReturnType<FinalStore['undone']>
  let genesis: Hex | undefined
  const store: FinalStore = {
    get: () => known,
    set: (block) => {
      known = block
    },
    undone: () => undone,
    halt: (found) => {
      undone ??= found
    },
  }
  return {
    genesis: () => (known === undefined ? undefined : genesis),
    of: (hash: Hex) => {
      genesis = hash
      return store
    },
  }
}

function shuffled<T>(from: readonly T[], pick: (below: number) => number): T[] {
  const rest = [...from]
  return from.map(() => rest.splice(pick(rest.length), 1)[0] as T)
}
