import type { Clock } from '../util/clock.ts'
import { describe } from '../util/errors.ts'
import type { Log } from '../util/log.ts'
import type { Limits } from './limits.ts'
import type { P2pMetrics } from './metrics.ts'
import type { Offence } from './scoring.ts'
import type { Handler, Inbound, Verdict } from './transport.ts'

export interface InboxOptions {
  readonly clock: Clock
  readonly log: Log
  readonly limits: Limits
  readonly metrics: P2pMetrics
  readonly penalize: (peer: string, offence: Offence) => void
}

/** Topics and their handlers: where messages from gossip and direct streams meet. */
export class Inbox {
  readonly #options: InboxOptions
  readonly #handlers = new Map<string, Handler>()

  constructor(options: InboxOptions) {
    this.#options = options
  }

  set(topic: string, handler: Handler): void {
    this.#handlers.set(topic, handler)
  }

  delete(topic: string): void {
    this.#handlers.delete(topic)
  }

  has(topic: string): boolean {
    return this.#handlers.has(topic)
  }

  /**
   * Lets the topic's handler judge `message`. Never rejects: a handler that throws, takes too long or does not exist
   * ignores. A reject costs the peer that handed us the message.
   */
  async handle(message: Inbound): Promise<Verdict> {
    const { metrics, penalize } = this.#options
    metrics.message(message.via, 'in', message.data.length)
    const handler = this.#handlers.get(message.topic)
    if (handler === undefined) {
      metrics.dropped('no-handler')
      return 'ignore'
    }
    const verdict = await this.#judge(handler, message)
    metrics.verdict(message.via, verdict)
    if (verdict === 'reject') penalize(message.from, 'rejected')
    return verdict
  }

  #judge(handler: Handler, message: Inbound): Promise<Verdict> {
    const { clock, limits, metrics } = this.#options
    return new Promise((resolve) => {
      const timer = clock.after(limits.handlerTimeoutMs, () => {
        metrics.dropped('handler-timeout')
        resolve('ignore')
      })
      this.#call(handler, message)
        .then(resolve)
        .finally(() => timer.cancel())
    })
  }

  async #call(handler: Handler, message: Inbound): Promise<Verdict> {
    try {
      return await handler(message)
    } catch (error) {
      const { log, metrics } = this.#options
      metrics.dropped('handler-error')
      log.error('a message handler threw', { topic: message.topic, from: message.from, error: describe(error) })
      return 'ignore'
    }
  }
}
