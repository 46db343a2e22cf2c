import type { Metrics } from '../metrics/registry.ts'
import type { EpochTable } from '../types/epoch.ts'
import type { Clock } from '../util/clock.ts'
import { describe, LariatError } from '../util/errors.ts'
import type { Address } from '../util/hex.ts'
import type { Log } from '../util/log.ts'
import { serviceManagerAbi } from './abi/serviceManager.ts'
import { type FrozenEpoch, readEpoch, readRevoked } from './epochReader.ts'
import { declareServiceManagerMetrics } from './metrics.ts'
import { createRefresher } from './refresher.ts'
import type { ChainReader } from './types.ts'

/** The live epochs of one ServiceManager, kept up to date from chain. */
export interface Epochs {
  /**
   * The table active at Unix second `time`, undefined when none is, when it has expired, or when its successor is said to
   * be active and is not final yet: what is signed names an epoch, so only final tables count.
   */
  at(time: number): EpochTable | undefined
  /** A final table. */
  byNumber(epoch: bigint): EpochTable | undefined
  /** Who was in a final table, also of one that is over and not kept; undefined when there is no such one. @throws LariatError `chain.…` */
  membersOf(epoch: bigint): Promise<EpochTable['members'] | undefined>
  /** Calls `handler` after any change; returns the function that ends it. */
  onChange(handler: () => void): () => void
  /** All tables that are kept, oldest first, those that are not final yet included. */
  tables(): readonly EpochTable[]
  /** Reads again now. @throws LariatError `chain.unavailable`, `chain.inconsistent` */
  refresh(): Promise<void>
  close(): void
}

export interface EpochsOptions {
  readonly chain: ChainReader
  readonly serviceManager: Address
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** Tables that are kept. */
  readonly keep?: number
  /** ms between reads when no event tells of a change. */
  readonly refreshMs?: number
}

/** The active one, the next, and those whose grace runs: more are only there after a burst of changes. */
export const DEFAULT_KEEP = 6
/** ms; what an event tells of comes at once, so this only mends a missed one. Far below any activation delay. */
export const DEFAULT_REFRESH_MS = 30_000

/** A table as it was read. `final`: read from a finalized block, never to change. */
interface Entry {
  readonly epoch: FrozenEpoch
  readonly final: boolean
}

/**
 * Reads all live epochs and follows them. Tables and revocations are shown as soon as the latest block has them, on the word
 * of one provider, and count when all agree on them in a final block: tables activate later than they become final.
 * @throws LariatError `chain.unavailable`, `chain.inconsistent` when the first read fails
 */
export async function openEpochs(options: EpochsOptions): Promise<Epochs> {
  const { chain, serviceManager: address, clock, log, keep = DEFAULT_KEEP } = options
  const metrics = declareServiceManagerMetrics(options.metrics)
  const contract = { address, abi: serviceManagerAbi } as const
  const handlers = new Set<() => void>()
  const isFinal = (number: bigint) => entries.get(number)?.final === true
  let entries = new Map<bigint, Entry>()
  let tables: readonly EpochTable[] = []

  async function readEntry(number: bigint, finalNumber: bigint): Promise<Entry | undefined> {
    const known = entries.get(number)
    if (known?.final) return known
    if (number <= finalNumber) {
      const epoch = await readEpoch(chain, address, number, 'finalized')
      return epoch === undefined ? undefined : { epoch, final: true }
    }
    const epoch = await readEpoch(chain, address, number, 'latest')
    return epoch === undefined ? undefined : { epoch, final: false }
  }

  /** The newest table that a final block has; 0 while no final block has the contract. */
  async function readFinalNumber(): Promise<bigint> {
    try {
      return await chain.read({ ...contract, functionName: 'latestEpoch', args: [], block: 'finalized' })
    } catch (error) {
      if (error instanceof LariatError && error.code === 'chain.no-contract') return 0n
      throw error
    }
  }

  async function read(): Promise<void> {
    const [newest, finalNumber] = await Promise.all([
      chain.read({ ...contract, functionName: 'latestEpoch', args: [] }),
      readFinalNumber(),
    ])
    // Until a final block has a table none counts, and one provider's word will do.
    const block = finalNumber > 0n ? 'finalized' : 'latest'
    const [quorumBps, grace] = await Promise.all([
      chain.read({ ...contract, functionName: 'quorumBps', args: [], block }),
      chain.read({ ...contract, functionName: 'graceSeconds', args: [], block }),
    ])
    // The one provider that told of the newest block may be behind, or hide a table.
    const latest = newest > finalNumber ? newest : finalNumber
    const now = clock.now() / 1_000
    const found = new Map<bigint, Entry>()
    const read: EpochTable[] = []
    for (let number = latest; number > 0n && read.length < keep; number--) {
      const entry = await readEntry(number, finalNumber)
      if (entry === undefined) {
        // Tables that one provider told of and does not have hide none that is final.
        if (number <= finalNumber) break
        number = finalNumber + 1n
        continue
      }
      const endsAt = read[0]?.activatesAt
      // The newest is kept even when it has expired: that is what there is to tell.
      if (number !== latest && now > Math.min(entry.epoch.validUntil, endsAt ?? Infinity) + Number(grace)) break
      found.set(number, entry)
      const { builtAtBlock: _, ...epoch } = entry.epoch
      read.unshift({ ...epoch, endsAt, quorumBps, ...(await readRevocations(number, entry.final)) })
    }
    const before = fingerprint(tables, isFinal)
    entries = found
    tables = read
    if (before !== fingerprint(tables, isFinal)) tell()
  }

  /** Of a table that does not count yet, revocations do not count either. */
  async function readRevocations(number: bigint, final: boolean): Promise<Pick<EpochTable, 'revoked' | 'revokedNow'>> {
    const [revoked, latest] = await Promise.all([
      final ? readRevoked(chain, address, number, 'finalized') : new Set<number>(),
      readRevoked(chain, address, number, 'latest'),
    ])
    return { revoked, revokedNow: new Set([...revoked, ...latest].sort((a, b) => a - b)) }
  }

  function tell(): void {
    const newest = tables.at(-1)
    if (newest !== undefined) {
      const { number, members, revokedNow, validUntil } = newest
      log.info('epochs changed', { newest: number, activatesAt: newest.activatesAt, operators: members.length })
      metrics.epoch.set({ contract: address }, Number(number))
      metrics.epochOperators.set({ contract: address }, members.length - revokedNow.size)
      metrics.epochEnd.set({ contract: address }, validUntil)
    }
    for (const handler of [...handlers]) {
      try {
        handler()
      } catch (error) {
        log.error('a handler of epochs failed', { error: describe(error) })
      }
    }
  }

  const refresher = createRefresher({
    what: 'the epochs',
    read,
    clock,
    log,
    everyMs: options.refreshMs ?? DEFAULT_REFRESH_MS,
    onFailure: () => metrics.refreshFailures.inc({ contract: address, what: 'epochs' }),
  })
  // Followed before the first read, so that no change falls between the two.
  const unwatch = chain.watch(
    { ...contract, eventName: ['EpochBuilt', 'WeightRevoked'], finality: 'latest' },
    async () => refresher.trigger(),
  )
  // A table that is shown and does not count yet is read again with the final block that has it, a revocation with each
  // until one has it.
  const unfollow = chain.heads('finalized', ({ number }) => {
    const waiting = [...entries.values()].some(({ final, epoch }) => !final && epoch.builtAtBlock <= number)
    const revoking = tables.some(({ revoked, revokedNow }) => revokedNow.size > revoked.size)
    if (waiting || revoking) refresher.trigger()
  })
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
    at(time) {
      const table = tableAt(tables, time)
      return table !== undefined && isFinal(table.number) ? table : undefined
    },
    byNumber: (epoch) => (isFinal(epoch) ? tables.find(({ number }) => number === epoch) : undefined),
    async membersOf(epoch) {
      const known = entries.get(epoch)
      return (known?.final ? known.epoch : await readEpoch(chain, address, epoch, 'finalized'))?.members
    },
    onChange(handler) {
      const call = () => handler()
      handlers.add(call)
      return () => {
        handlers.delete(call)
      }
    },
    tables: () => tables,
    refresh: refresher.refresh,
    close,
  }
}

/** The table of `tables` (oldest first) that is active at Unix second `time`, as the contract's `epochAt` has it. */
export function tableAt(tables: readonly EpochTable[], time: number): EpochTable | undefined {
  const table = tables.findLast(({ activatesAt }) => time >= activatesAt)
  return table !== undefined && time < table.validUntil ? table : undefined
}

/** Equal for equal tables. Keys and weights count too: a reorg can change nothing else. */
function fingerprint(tables: readonly EpochTable[], isFinal: (number: bigint) => boolean): string {
  return tables
    .map(({ number, activatesAt, endsAt, validUntil, quorumBps, members, revoked, revokedNow }) => {
      const rows = members.map(({ publicKey, weight }) => `${Buffer.from(publicKey).toString('base64')}=${weight}`)
      return [
        number,
        isFinal(number),
        activatesAt,
        endsAt,
        validUntil,
        quorumBps,
        rows.join(),
        [...revoked].join(),
        [...revokedNow].join(),
      ].join(' ')
    })
    .join('\n')
}
