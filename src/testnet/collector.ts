import { type Clock, sleep } from '../util/clock.ts'
import { describe } from '../util/errors.ts'
import type { ChainFacts } from './chainFacts.ts'
import { type ApiHealth, type ApiSlot, type NodeApi, nodeApi } from './nodeApi.ts'
import type { KnownOperator } from './operators.ts'
import { type Facts, figures, type MissFact, type RoundFact } from './report.ts'

/** ms between looks; nodes and chain change about once a second. */
const POLL_MS = 1_000
/** Slots that are read again, because a node may tell of them late. */
const OVERLAP = 8n
/** Longest wait at the end for the last slots to be decided and told, ms. */
const SETTLE_MS = 4_000

export interface NodeView {
  readonly name: string
  readonly health: ApiHealth | undefined
}

/** Follows chain and nodes from outside, through what everyone can read, and adds it all up. */
export interface Collector {
  /** Newest health of each node; undefined for one that does not answer. */
  nodes(): readonly NodeView[]
  /** Everything known so far. */
  facts(): Facts
  /** Looks now. */
  poll(): Promise<void>
  /** The figures of `--json`, after the slots that are due have been told. */
  report(): Promise<ReturnType<typeof figures>>
  start(): void
  stop(): Promise<void>
}

interface Watched {
  readonly operator: KnownOperator
  readonly api: NodeApi
  health: ApiHealth | undefined
  newest: bigint
}

export function createCollector(options: {
  readonly chain: ChainFacts
  readonly operators: readonly KnownOperator[]
  readonly clock: Clock
  readonly onError: (what: string) => void
}): Collector {
  const { chain, clock, onError } = options
  const watched = options.operators.map(
    (operator): Watched => ({ operator, api: nodeApi(operator.api), health: undefined, newest: 0n }),
  )
  const rounds = new Map<bigint, RoundFact & { answers: Map<string, bigint>; certificateMs: Map<string, number> }>()
  const misses = new Map<bigint, MissFact & { byNode: Map<string, string> }>()
  const ending = new AbortController()
  let members: Awaited<ReturnType<ChainFacts['readMembers']>> = []
  let feeds: Awaited<ReturnType<ChainFacts['readFeeds']>> = []
  let loop: Promise<void> = Promise.resolve()
  let looking: Promise<void> = Promise.resolve()

  function note(name: string, record: ApiSlot): void {
    const { slot, outcome, reason, certificateMs, signers } = record
    if (outcome === 'missed') {
      const miss = misses.get(slot) ?? { slot, reasons: [], byNode: new Map<string, string>() }
      miss.byNode.set(name, reason ?? 'unknown')
      misses.set(slot, { ...miss, reasons: [...miss.byNode.values()] })
      return
    }
    const round = rounds.get(slot) ?? {
      slot,
      triggeredAt: chain.timeOf(slot),
      certificateMs: new Map<string, number>(),
      signers: signers.map((signer) => signer.toLowerCase()),
      answers: new Map<string, bigint>(),
    }
    if (certificateMs !== null) round.certificateMs.set(name, certificateMs)
    rounds.set(slot, round)
  }

  async function pollNode(node: Watched): Promise<void> {
    const { name } = node.operator
    node.health = await node.api.health()
    if (node.health === undefined) return
    const from = node.newest > OVERLAP ? node.newest - OVERLAP : 0n
    for (const record of await node.api.slots(from)) {
      if (record.slot > node.newest) node.newest = record.slot
      note(name, record)
    }
    const first = least([...rounds.values()].filter(({ answers }) => answers.size === 0).map(({ slot }) => slot))
    if (first === undefined) return
    for (const { slot, prices } of await node.api.history(first)) {
      const round = rounds.get(slot)
      for (const { feed, answer } of prices) if (feed !== null) round?.answers.set(feed, answer)
    }
  }

  async function look(): Promise<void> {
    const attempt = (what: string, work: () => Promise<unknown>) =>
      work().catch((error: unknown) => onError(`${what}: ${describe(error)}`))
    await attempt('chain', async () => {
      await chain.refresh()
      feeds = await chain.readFeeds()
      members = await chain.readMembers()
    })
    // one after another, so that the second need not fetch the answers that the first gave
    for (const node of watched) await attempt(node.operator.name, () => pollNode(node))
  }

  /** Looks follow each other, whoever asks for them. */
  function poll(): Promise<void> {
    looking = looking.then(look)
    return looking
  }

  /** From the first certified slot to the last that has been decided: one whose successor has begun. */
  function window(): Facts['window'] {
    const slots = [...rounds.keys()]
    if (slots.length === 0) return undefined
    const first = least(slots) ?? 0n
    const begun = BigInt(Math.floor((clock.now() - chain.timeOf(0n)) / chain.intervalMs))
    return { first, last: begun - 1n < first ? first : begun - 1n }
  }

  function facts(): Facts {
    const up = new Map(
      watched.map(({ operator, health }) => [operator.account.address.toLowerCase(), { operator, health }]),
    )
    return {
      window: window(),
      rounds,
      misses,
      updates: chain.updates(),
      feeds: feeds.length > 0 ? feeds : chain.feeds.map((feed) => ({ ...feed, latest: undefined })),
      operators: members.map(({ address, weight }) => {
        const found = up.get(address.toLowerCase())
        return { address, weight, peer: found?.operator.identity.peerId, up: found?.health !== undefined }
      }),
      timeOf: chain.timeOf,
    }
  }

  return {
    nodes: () => watched.map(({ operator, health }) => ({ name: operator.name, health })),
    facts,
    poll,
    async report() {
      const asOf = window()
      const deadline = clock.now() + SETTLE_MS
      const told = () => {
        const last = asOf?.last ?? 0n
        const known = [...rounds.values()].every(({ slot, answers }) => slot > last || answers.size > 0)
        return asOf === undefined || (known && (rounds.has(last) || misses.has(last)))
      }
      do {
        await poll()
        if (told()) break
        await sleep(clock, POLL_MS / 4)
      } while (clock.now() < deadline)
      return figures({ ...facts(), window: asOf })
    },
    start() {
      loop = (async () => {
        while (!ending.signal.aborted) {
          await poll()
          await sleep(clock, POLL_MS, ending.signal).catch(() => {})
        }
      })()
    },
    async stop() {
      ending.abort(new DOMException('the testnet stops', 'AbortError'))
      await loop
    },
  }
}

function least(slots: readonly bigint[]): bigint | undefined {
  return slots.reduce<bigint | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined)
}
