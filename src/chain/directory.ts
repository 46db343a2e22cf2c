import type { Metrics } from '../metrics/registry.ts'
import type { Clock } from '../util/clock.ts'
import { describe } from '../util/errors.ts'
import { type Address, type Hex, hexToBytes } from '../util/hex.ts'
import type { Log } from '../util/log.ts'
import { serviceManagerAbi } from './abi/serviceManager.ts'
import type { Epochs } from './epochs.ts'
import { declareServiceManagerMetrics } from './metrics.ts'
import { peerIdToText } from './peerId.ts'
import { createRefresher } from './refresher.ts'
import type { ChainReader } from './types.ts'

/** Where an operator says that it can be reached. */
export interface OperatorPeer {
  readonly operator: Address
  /** libp2p peer id, text form. */
  readonly peerId: string
  /** Multiaddrs, as registered. */
  readonly addresses: readonly string[]
}

/** Who is reachable where: the operators of one ServiceManager, and those that left but are in a live epoch or named by the service. */
export interface OperatorDirectory {
  peerOf(operator: Address): string | undefined
  /** Of two operators that claim one peer id, the one that was known first. */
  operatorOf(peer: string): Address | undefined
  list(): readonly OperatorPeer[]
  /**
   * Names who belongs here too, after they left the set and the last live epoch that has them; replaces who was named before. The
   * contract keeps for good where an operator was reached, so that a node which has just started finds it as well.
   */
  keep(operators: readonly Address[]): void
  /** Calls `handler` after any change; returns the function that ends it. */
  onChange(handler: () => void): () => void
  /** Reads again now. @throws LariatError `chain.unavailable` */
  refresh(): Promise<void>
  close(): void
}

export interface DirectoryOptions {
  readonly chain: ChainReader
  readonly serviceManager: Address
  /** Whose members belong here too, even after they left the operator set: they go on signing until the epoch ends. */
  readonly epochs: Pick<Epochs, 'tables' | 'onChange'>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** ms between reads of everything. */
  readonly refreshMs?: number
}

/** ms; events tell of changes at once, this only mends a missed one. */
export const DEFAULT_DIRECTORY_REFRESH_MS = 120_000
/** Operators of one request: 6 kB. */
const OPERATORS_PER_PAGE = 200n
/** Operators of one ServiceManager, at most: what the contract lets join. */
const MAX_OPERATORS = 10_000
/** Requests for peers that run at a time. */
const CONCURRENCY = 8

/** Reads the directory and follows it. @throws LariatError `chain.unavailable` when the first read fails */
export async function openDirectory(options: DirectoryOptions): Promise<OperatorDirectory> {
  const { chain, serviceManager: address, epochs, clock, log } = options
  const metrics = declareServiceManagerMetrics(options.metrics)
  const contract = { address, abi: serviceManagerAbi } as const
  const handlers = new Set<() => void>()
  let peers: ReadonlyMap<string, OperatorPeer> = new Map()
  let operators: ReadonlyMap<string, Address> = new Map()
  let kept: ReadonlyMap<string, Address> = new Map()

  async function readOperators(): Promise<Address[]> {
    const found = new Map<string, Address>()
    for (let from = 0n; from < MAX_OPERATORS; from += OPERATORS_PER_PAGE) {
      const page = await chain.read({ ...contract, functionName: 'operatorsPage', args: [from, OPERATORS_PER_PAGE] })
      for (const operator of page) found.set(operator.toLowerCase(), operator)
      if (page.length < OPERATORS_PER_PAGE) break
    }
    for (const { members } of epochs.tables()) {
      for (const { operator } of members) found.set(operator.toLowerCase(), operator)
    }
    for (const [key, operator] of kept) found.set(key, operator)
    return [...found.values()]
  }

  async function readPeer(operator: Address): Promise<OperatorPeer | undefined> {
    const [peerId, addresses] = await chain.read({ ...contract, functionName: 'peerOf', args: [operator] })
    return toPeer(operator, peerId, addresses)
  }

  function toPeer(operator: Address, peerId: Hex, addresses: readonly string[]): OperatorPeer | undefined {
    try {
      return { operator, peerId: peerIdToText(hexToBytes(peerId)), addresses }
    } catch (error) {
      log.warn('an operator registered no usable peer id', { operator, error: describe(error) })
      return undefined
    }
  }

  async function read(): Promise<void> {
    const all = await readOperators()
    const found: (OperatorPeer | undefined)[] = []
    for (let at = 0; at < all.length; at += CONCURRENCY) {
      found.push(...(await Promise.all(all.slice(at, at + CONCURRENCY).map(readPeer))))
    }
    const next = new Map<string, OperatorPeer>()
    for (const peer of found) if (peer !== undefined) next.set(peer.operator.toLowerCase(), peer)
    take(next)
  }

  function take(next: ReadonlyMap<string, OperatorPeer>): void {
    if (fingerprint(peers) === fingerprint(next)) return
    // Nothing proves that a peer id is the registrant's own: who had it first keeps it.
    const owners = new Map<string, Address>()
    for (const [peerId, operator] of operators) {
      if (next.get(operator.toLowerCase())?.peerId === peerId) owners.set(peerId, operator)
    }
    for (const { operator, peerId } of next.values()) {
      const owner = owners.get(peerId)
      if (owner === undefined) owners.set(peerId, operator)
      else if (owner !== operator) log.warn('two operators claim one peer id', { peerId, owner, claimant: operator })
    }
    peers = next
    operators = owners
    for (const handler of [...handlers]) {
      try {
        handler()
      } catch (error) {
        log.error('a handler of the directory failed', { error: describe(error) })
      }
    }
  }

  const refresher = createRefresher({
    what: 'the operators',
    read,
    clock,
    log,
    everyMs: options.refreshMs ?? DEFAULT_DIRECTORY_REFRESH_MS,
    onFailure: () => metrics.refreshFailures.inc({ contract: address, what: 'directory' }),
  })
  const unwatch = chain.watch(
    { ...contract, eventName: ['OperatorPeerUpdated', 'OperatorJoined', 'OperatorLeft'], finality: 'latest' },
    async () => refresher.trigger(),
  )
  const unfollow = epochs.onChange(refresher.trigger)
  function close(): void {
    unwatch()
    unfollow()
    refresher.close()
    handlers.clear()
  }
  try {
    await refresher.refresh()
  } catch (error) {
    close()
    throw error
  }

  return {
    peerOf: (operator) => peers.get(operator.toLowerCase())?.peerId,
    operatorOf: (peer) => operators.get(peer),
    list: () => [...peers.values()],
    keep(named) {
      const next = new Map(named.map((operator) => [operator.toLowerCase(), operator]))
      if (next.size === kept.size && [...next.keys()].every((key) => kept.has(key))) return
      kept = next
      refresher.trigger()
    },
    onChange(handler) {
      const call = () => handler()
      handlers.add(call)
      return () => {
        handlers.delete(call)
      }
    },
    refresh: refresher.refresh,
    close,
  }
}

function fingerprint(peers: ReadonlyMap<string, OperatorPeer>): string {
  return [...peers]
    .map(([key, { peerId, addresses }]) => `${key} ${peerId} ${addresses.join(' ')}`)
    .sort()
    .join('\n')
}
