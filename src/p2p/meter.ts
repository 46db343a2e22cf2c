import type { RPC } from '@libp2p/gossipsub/message'
import type { Clock } from '../util/clock.ts'
import type { Limits } from './limits.ts'
import type { P2pMetrics } from './metrics.ts'
import { RateLimiter } from './rate.ts'
import type { Offence } from './scoring.ts'

/** Message ids that count as one message: each is a look-up in a map. */
const IDS_PER_MESSAGE = 32
/** ms between two penalties of one peer for gossiping too fast: the flood is dropped anyway, and lasts longer than this. */
const PENALTY_EVERY_MS = 1_000

export interface MeterOptions {
  readonly clock: Clock
  readonly limits: Limits
  readonly metrics: P2pMetrics
  readonly penalize: (peer: string, offence: Offence) => void
}

/**
 * Rate of what one peer gossips, duplicates and control included. Beyond it messages and requests are dropped;
 * subscriptions and mesh membership pass, because they are state that both sides must agree on, and bounded elsewhere.
 */
export class GossipMeter {
  readonly #options: MeterOptions
  readonly #peer: string
  readonly #rate: RateLimiter
  #penalizedAt = Number.NEGATIVE_INFINITY

  constructor(options: MeterOptions, peer: string) {
    this.#options = options
    this.#peer = peer
    this.#rate = new RateLimiter(options.clock, options.limits.gossip)
  }

  /** What of `rpc` may be looked at. */
  filter(rpc: RPC): RPC {
    const { messages, bytes } = sizeOf(rpc)
    if (this.#rate.debtMs() === 0) {
      this.#rate.spend(messages, bytes)
      return rpc
    }
    this.#options.metrics.dropped('rate', rpc.messages.length)
    const now = this.#options.clock.now()
    if (now - this.#penalizedAt >= PENALTY_EVERY_MS) {
      this.#penalizedAt = now
      this.#options.penalize(this.#peer, 'spam')
    }
    const { subscriptions, control } = rpc
    if (control === undefined) return { subscriptions, messages: [] }
    const { graft, prune } = control
    return { subscriptions, messages: [], control: { ihave: [], iwant: [], graft, prune, idontwant: [] } }
  }
}

function sizeOf({ subscriptions, messages, control }: RPC): { messages: number; bytes: number } {
  const ids = [...(control?.ihave ?? []), ...(control?.iwant ?? []), ...(control?.idontwant ?? [])].reduce(
    (sum, { messageIDs }) => sum + 1 + messageIDs.length,
    (control?.graft.length ?? 0) + (control?.prune.length ?? 0),
  )
  const bytes = messages.reduce((sum, { topic, data }) => sum + topic.length + (data?.length ?? 0), 0)
  return { messages: messages.length + subscriptions.length + Math.ceil(ids / IDS_PER_MESSAGE), bytes }
}
