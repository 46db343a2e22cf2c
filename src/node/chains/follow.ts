import type { FollowedChain } from '../../avs/ports.ts'
import { type Clock, sleep } from '../../util/clock.ts'
import { describe, LariatError } from '../../util/errors.ts'
import type { Log } from '../../util/log.ts'
import type { FollowMetrics } from './metrics.ts'
import type { OpenedChain } from './open.ts'

/** First wait after a chain could not be opened, ms; doubled up to the longest. */
const RETRY_MS = 1_000
const MAX_RETRY_MS = 30_000

export interface FollowOptions {
  readonly name: string
  readonly chainId: number
  /** Opens it; closes what it opened itself when the signal aborts meanwhile. */
  readonly open: (signal: AbortSignal) => Promise<OpenedChain>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: FollowMetrics
}

/** Why a chain is not open. */
export interface NotOpen {
  readonly reason: string
  /** ms since the epoch. */
  readonly since: number
}

/** A further chain, open or not. */
export interface Following {
  /** What services get: the same object from the start on, whatever becomes of the chain. */
  readonly port: FollowedChain
  /** Undefined while it is not open. */
  opened(): OpenedChain | undefined
  /** Undefined while it is open. */
  notOpen(): NotOpen | undefined
  /** Resolves when the first attempt to open it is over, however it ended. */
  readonly attempted: Promise<void>
  close(): Promise<void>
}

/**
 * Opens a chain, and tries again until it is open: nothing waits for that but what rests on this chain. Until then reads and
 * writes are refused, and watches wait.
 */
export function followChain(options: FollowOptions): Following {
  const { name, chainId, clock, log, metrics } = options
  const closing = new AbortController()
  const ready = Promise.withResolvers<OpenedChain>()
  ready.promise.catch(() => {}) // whoever waits for it is told
  const attempted = Promise.withResolvers<void>()
  let opened: OpenedChain | undefined
  let problem: NotOpen | undefined = { reason: 'it is being opened', since: clock.now() }

  async function attempt(): Promise<boolean> {
    try {
      const found = await options.open(closing.signal)
      if (closing.signal.aborted) {
        await found.close()
        return true
      }
      opened = found
      problem = undefined
      metrics.followed.set({ chain: name }, 1)
      log.info('the chain is followed', { id: chainId, final: found.chain.heads.current('finalized').number })
      ready.resolve(found)
      return true
    } catch (error) {
      if (closing.signal.aborted) return true
      const reason = describe(error)
      if (reason !== problem?.reason) {
        log.error('the chain cannot be followed: nothing is signed over it; trying on', { reason })
      }
      problem = { reason, since: problem?.since ?? clock.now() }
      return false
    } finally {
      attempted.resolve()
    }
  }

  async function run(): Promise<void> {
    for (let wait = RETRY_MS; !(await attempt()); wait = Math.min(2 * wait, MAX_RETRY_MS)) {
      await sleep(clock, wait, closing.signal).catch(() => {})
      if (closing.signal.aborted) return
    }
  }

  function service(): OpenedChain['service'] {
    if (opened !== undefined) return opened.service
    throw new LariatError(
      'chain.not-ready',
      `chain ${name} is not followed yet: ${problem?.reason ?? 'the node is stopping'}`,
      { chain: name },
    )
  }

  /** Begins now or when the chain is open; returns the function that ends it. */
  function whenOpen(begin: (chain: OpenedChain['service']) => () => void): () => void {
    if (opened !== undefined) return begin(opened.service)
    let ended = false
    let end: (() => void) | undefined
    ready.promise
      .then((found) => {
        if (!ended) end = begin(found.service)
      })
      .catch((error: unknown) => {
        if (!closing.signal.aborted) log.error('a watch could not begin', { error: describe(error) })
      })
    return () => {
      ended = true
      end?.()
    }
  }

  metrics.followed.set({ chain: name }, 0)
  run()
  return {
    port: {
      name,
      chainId,
      async ready(signal) {
        await unlessAborted(ready.promise, signal)
      },
      distrust() {
        if (opened === undefined) {
          return { code: 'chain.not-ready', reason: problem?.reason ?? 'the node is stopping' }
        }
        const refusal = opened.chain.trust.refuse()
        return refusal === undefined ? undefined : { code: refusal.code, reason: refusal.message }
      },
      read: async (call) => service().read(call),
      write: async (call) => service().write(call),
      gasPrice: async () => service().gasPrice(),
      logs: async (range) => service().logs(range),
      storageAt: async (address, slots) => service().storageAt(address, slots),
      watch: (query, handler) => whenOpen((chain) => chain.watch(query, handler)),
      heads: (finality, handler) => whenOpen((chain) => chain.heads(finality, handler)),
    },
    opened: () => opened,
    notOpen: () => problem,
    attempted: attempted.promise,
    async close() {
      const reason = new LariatError('chain.closed', `chain ${name} is closed: the node is stopping`)
      closing.abort(reason)
      ready.reject(reason)
      const open = opened
      opened = undefined
      problem = { reason: 'the node is stopping', since: clock.now() }
      await open?.close()
    },
  }
}

/** `promise`, or a rejection with the signal's reason as soon as it aborts. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
