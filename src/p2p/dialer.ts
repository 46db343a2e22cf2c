import type { Clock, Timer } from '../util/clock.ts'
import { describe } from '../util/errors.ts'
import type { Log } from '../util/log.ts'
import type { P2pMetrics } from './metrics.ts'
import type { PeerAddress } from './transport.ts'

export interface DialerOptions {
  readonly clock: Clock
  readonly log: Log
  readonly metrics: P2pMetrics
  readonly self: string
  readonly isConnected: (peer: string) => boolean
  /** ms until a banned peer may be dialled; 0 when it is not banned. */
  readonly bannedMs: (peer: string) => number
  /** Connects to one of the peer's addresses. @throws when none answers as that peer */
  readonly dial: (peer: PeerAddress) => Promise<void>
  /** Numbers in [0, 1) for jitter. */
  readonly random: () => number
}

/** ms that the peer with the larger id leaves to the other to dial first, so that two dials seldom cross; once or twice this. */
const SECOND_DIALLER_MS = 1_000
/** ms before the first retry; doubled each time. */
const RETRY_MS = 100
/** ms between retries at most: an operator that restarts must be back within seconds, even if only we can dial. */
const MAX_RETRY_MS = 3_000
/** ms for which a connection must have held to count as good; a peer that hangs up at once is retried ever later. */
const STABLE_MS = 5_000

/** A connection that held for less ms was refused: the peer has one of ours already, and believed it dead or believes it alive. */
const REFUSED_MS = 1_000
/** ms between quick retries after a refusal: the peer may have cut what it had, and then the first who dials is let in. */
const REFUSED_AGAIN_MS = 1_000

/** Dials at once: a handshake is bound by CPU, and more of them only make each other time out. */
const MAX_PARALLEL = 8
/** ms until a dial that found no place looks again. */
const NO_PLACE_MS = 50

interface Target {
  peer: PeerAddress
  attempts: number
  dialling: boolean
  /** When a refusal was last followed by a quick retry. */
  retriedAt: number
  timer: Timer | undefined
}

/** Keeps every allowed peer connected, for ever, with exponential backoff and jitter. */
export class Dialer {
  readonly #options: DialerOptions
  readonly #targets = new Map<string, Target>()
  #dialling = 0
  #stopped = false

  constructor(options: DialerOptions) {
    this.#options = options
  }

  /** Replaces the peers to keep connected. */
  setPeers(peers: readonly PeerAddress[]): void {
    const wanted = new Set(peers.map((peer) => peer.id))
    for (const [id, target] of this.#targets) {
      if (wanted.has(id)) continue
      target.timer?.cancel()
      this.#targets.delete(id)
    }
    for (const peer of peers) {
      const target = this.#targets.get(peer.id)
      if (target === undefined) {
        const added: Target = {
          peer,
          attempts: 0,
          dialling: false,
          retriedAt: Number.NEGATIVE_INFINITY,
          timer: undefined,
        }
        this.#targets.set(peer.id, added)
        this.#schedule(added, 0)
      } else if (peer.addresses.join() !== target.peer.addresses.join()) {
        target.peer = peer
        target.attempts = 0
        this.#schedule(target, 0)
      }
    }
  }

  /** The peer's connection is gone after `heldMs`. */
  disconnected(peer: string, heldMs: number): void {
    const target = this.#targets.get(peer)
    if (target === undefined) return
    const now = this.#options.clock.now()
    const quick = heldMs < REFUSED_MS && now - target.retriedAt >= REFUSED_AGAIN_MS
    if (quick) target.retriedAt = now
    if (heldMs >= STABLE_MS) target.attempts = 0
    const delayMs = this.#backoffMs(target)
    this.#schedule(target, quick ? Math.min(RETRY_MS, delayMs) : delayMs)
  }

  stop(): void {
    this.#stopped = true
    for (const target of this.#targets.values()) target.timer?.cancel()
  }

  #schedule(target: Target, delayMs: number): void {
    target.timer?.cancel()
    target.timer = undefined
    const { clock, self, bannedMs, random } = this.#options
    const { id, addresses } = target.peer
    if (this.#stopped || addresses.length === 0) return
    const turn = self < id ? 0 : SECOND_DIALLER_MS * (1 + random())
    const start = (): void => {
      target.timer = undefined
      if (this.#dialling < MAX_PARALLEL) void this.#dial(target)
      else target.timer = clock.after(NO_PLACE_MS, start)
    }
    target.timer = clock.after(Math.max(delayMs, bannedMs(id)) + turn, start)
  }

  async #dial(target: Target): Promise<void> {
    const { isConnected, dial, log, metrics, bannedMs } = this.#options
    const { id } = target.peer
    if (target.dialling || isConnected(id) || this.#targets.get(id) !== target) return
    if (bannedMs(id) > 0) return this.#schedule(target, 0)
    target.dialling = true
    this.#dialling++
    try {
      await dial(target.peer)
      metrics.dialled('connected')
    } catch (error) {
      metrics.dialled('failed')
      log.debug('cannot reach a peer', { peer: id, attempt: target.attempts, error: describe(error) })
    } finally {
      target.dialling = false
      this.#dialling--
    }
    if (!isConnected(id) && target.timer === undefined && this.#targets.get(id) === target) {
      this.#schedule(target, this.#backoffMs(target))
    }
  }

  /** Between half and the whole of the doubled delay, so that nodes cut off together do not come back in step. */
  #backoffMs(target: Target): number {
    const delay = Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** Math.min(target.attempts++, 10))
    return delay * (0.5 + this.#options.random() / 2)
  }
}
