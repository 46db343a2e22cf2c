import type { Clock, Timer } from '../util/clock.ts'
import { describe } from '../util/errors.ts'
import type { Log } from '../util/log.ts'
import type { Heads } from './heads.ts'
import type { LogReader } from './logReader.ts'
import type { ChainMetrics } from './metrics.ts'
import type { BlockHead, ChainLog, CursorStore, Finality } from './types.ts'

export interface WatchOptions {
  readonly reader: LogReader
  readonly heads: {
    current(finality: Finality): BlockHead
    follow: Heads['follow']
  }
  readonly finality: Finality
  /**
   * Where the durable position is kept, and under which name. Without, and the first time: from the block after the head
   * at the start, under `latest` from the first one that may still change, into which a reorg may bring a log.
   */
  readonly cursor?: { readonly store: CursorStore; readonly name: string }
  /** The block to begin with where there is no durable position. */
  readonly from?: bigint | undefined
  /** Ends the watch when it aborts. */
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Pick<ChainMetrics, 'logs' | 'logFailures'>
}

/** What the name of a watch's cursor of the last log adds to that of its block. */
const LAST_LOG = '#log'

/**
 * Sets positions back that lie above `block`, on a chain that undid final blocks: what it brings above that block is handed
 * over although an earlier chain had got further.
 */
export function rewind(cursors: CursorStore & { names(): readonly string[] }, block: bigint): void {
  for (const name of cursors.names()) {
    const most = name.endsWith(LAST_LOG) ? ((block + 1n) << INDEX_BITS) - 1n : block
    if ((cursors.get(name) ?? 0n) > most) cursors.set(name, most)
  }
}

/** First wait after a failure, ms; doubled up to the longest. */
const RETRY_MS = 500
const MAX_RETRY_MS = 30_000
/** Bits of a log's place in its block, in the cursor of the last log; a block of 60 million gas has room for 160,000. */
const INDEX_BITS = 24n
/** Empty blocks after which the cursor is written all the same, so that a restart reads few of them again. */
const CURSOR_EVERY = 32n
/** Blocks of `latest` that are read again for reorgs, at most: three times what mainnet takes to finality. */
const MAX_UNFINAL_BLOCKS = 256n

/**
 * Hands every log to `handler` in order, one at a time, at least once; under `finalized` once, but for one whose handler was
 * done or nearly so when the process was killed. The cursor moves after the handler is done; a handler that throws gets the
 * same log again later, and nothing after it. Under `latest` the blocks that are not final
 * are read again with every head, so that a log which a reorg brings in is not missed; one it removes was handed over.
 * @returns the function that ends it; a handler that runs then is not interrupted
 */
export function watchLogs(options: WatchOptions, handler: (log: ChainLog) => Promise<void>): () => void {
  const { reader, heads, finality, cursor, from: start, signal, clock, log, metrics } = options
  /** First block whose logs are not all handled for good. */
  let next = cursor?.store.get(cursor.name) ?? start ?? startOf(heads.current(finality))
  let saved = next
  /** The last log that is handled, as its block and place in it, where that is kept. */
  const lastLog = finality === 'finalized' && cursor !== undefined ? `${cursor.name}${LAST_LOG}` : undefined
  let last = lastLog === undefined ? -1n : (cursor?.store.get(lastLog) ?? -1n)
  /** Logs handled at or above `next`, by block hash and index, with their block. */
  const handled = new Map<string, bigint>()
  let target: BlockHead | undefined
  let running = false
  let ended = false
  let failures = 0
  let retry: Timer | undefined

  function startOf(head: BlockHead): bigint {
    return finality === 'latest' ? finalBefore(head) : head.number + 1n
  }

  function save(position: bigint): void {
    next = position
    if (cursor === undefined || position === saved) return
    cursor.store.set(cursor.name, position)
    saved = position
  }

  /** Handles what is new in `[from, head]`. */
  async function pass(from: bigint, head: BlockHead): Promise<void> {
    // As it is before the blocks are read: what becomes final meanwhile may be another block than the one that is read.
    const changing = finalBefore(head)
    for (let at = from; at <= head.number && !ended; ) {
      const page = await reader.read(at, head)
      for (const entry of page.logs) {
        if (ended) return
        const key = `${entry.blockHash}:${entry.logIndex}`
        const place = (entry.blockNumber << INDEX_BITS) + BigInt(entry.logIndex)
        if (handled.has(key) || (lastLog !== undefined && place <= last)) continue
        if (finality === 'finalized' && entry.blockNumber > next) settle(entry.blockNumber)
        await handler(entry)
        metrics.logs.inc({ finality })
        handled.set(key, entry.blockNumber)
        if (lastLog !== undefined) {
          cursor?.store.set(lastLog, place)
          last = place
        }
      }
      at = page.to + 1n
      if (finality === 'finalized') settle(at, page.logs.length === 0)
    }
    if (finality === 'latest' && !ended) settle(changing)
  }

  /** First block that may still change. */
  function finalBefore(head: BlockHead): bigint {
    const final = heads.current('finalized').number + 1n
    const floor = head.number - MAX_UNFINAL_BLOCKS + 1n
    const before = final > floor ? final : floor
    const end = head.number + 1n
    return before < end ? before : end
  }

  /** All below `position` is handled for good. `lazily`: nothing happened there, the store need not know at once. */
  function settle(position: bigint, lazily = false): void {
    if (position <= next) return
    for (const [key, block] of handled) if (block < position) handled.delete(key)
    if (lazily && position - saved < CURSOR_EVERY) next = position
    else save(position)
  }

  async function run(): Promise<void> {
    if (running || ended) return
    running = true
    try {
      while (target !== undefined && !ended) {
        const head = target
        target = undefined
        await pass(next, head)
        failures = 0
      }
    } catch (error) {
      if (ended) return
      failures++
      metrics.logFailures.inc({ finality })
      const again = Math.min(RETRY_MS * 2 ** (failures - 1), MAX_RETRY_MS)
      log.warn('logs are held up; trying again', {
        cursor: cursor?.name,
        block: next,
        failures,
        retryMs: again,
        error: describe(error),
      })
      retry?.cancel()
      retry = clock.after(again, () => begin(heads.current(finality)))
    } finally {
      running = false
    }
  }

  function begin(head: BlockHead): void {
    target = head
    run()
  }

  if (cursor !== undefined && cursor.store.get(cursor.name) === undefined) cursor.store.set(cursor.name, next)
  const unfollow = heads.follow(finality, (head) => {
    target = head
    // While a failure waits for its retry, new heads do not hurry it.
    if (failures === 0) run()
  })
  if (heads.current(finality).number >= next) begin(heads.current(finality))

  function end(): void {
    ended = true
    unfollow()
    retry?.cancel()
    signal.removeEventListener('abort', end)
  }
  signal.addEventListener('abort', end)
  return end
}
