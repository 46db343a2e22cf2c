import type { Connection } from '@libp2p/interface'
import type { Clock, Timer } from '../util/clock.ts'
import type { Log } from '../util/log.ts'
import type { Connections } from './connections.ts'

export interface GossipWatchOptions {
  readonly clock: Clock
  readonly log: Log
  readonly connections: Connections
  /** Whether gossip flows both ways over a connection. */
  readonly isGossiping: (connection: Connection) => boolean
  /** ms that a new connection has to get gossip flowing. */
  readonly startMs: number
}

/** ms between looks. */
const EVERY_MS = 1_000
/** ms without gossip after it once flowed, long enough for gossipsub to replace a stream itself. */
const BROKEN_MS = 2_000
/** Cuts connections on which gossip broke, so that they are dialled anew: gossipsub does not mend a broken stream. */
export class GossipWatch {
  readonly #options: GossipWatchOptions
  /** When a look last found gossip flowing, by connection id. */
  #seen = new Map<string, number>()
  #timer: Timer | undefined

  constructor(options: GossipWatchOptions) {
    this.#options = options
  }

  start(): void {
    this.#timer = this.#options.clock.after(EVERY_MS, () => {
      this.#look()
      this.start()
    })
  }

  stop(): void {
    this.#timer?.cancel()
  }

  #look(): void {
    const { clock, connections, isGossiping, log, startMs } = this.#options
    const seen = new Map<string, number>()
    for (const peer of connections.peers()) {
      const connection = connections.newest(peer)
      if (connection === undefined) continue
      const last = isGossiping(connection) ? clock.now() : this.#seen.get(connection.id)
      if (last !== undefined) seen.set(connection.id, last)
      const broken = last === undefined ? connections.ageMs(peer) > startMs : clock.now() - last > BROKEN_MS
      if (!broken) continue
      log.warn('no gossip with a peer: connecting anew', { peer })
      connections.abort(peer, 'gossip broke')
    }
    this.#seen = seen
  }
}
