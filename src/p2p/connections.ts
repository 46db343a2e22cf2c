import type { Connection } from '@libp2p/interface'
import type { Clock } from '../util/clock.ts'

/** ms within which two connections that both sides made count as dialled at the same time. */
const SIMULTANEOUS_MS = 3_000

/**
 * ms for which a connection is believed to live although its peer dials anew. Two instances of one operator with one peer id
 * would otherwise cut each other's before a word is said over them; so they take turns that are long enough to hear of the
 * other. A machine that died so soon after it connected is let in again that much later.
 */
const BELIEVED_MS = 1_000

/** ms within which a connection that was cut must be gone for another to take over. */
const CLOSING_MS = 500

/** ms that a connection which takes over has until it is open; others of the peer are refused for so long. */
const OPENING_MS = 1_000

interface Entry {
  readonly connection: Connection
  readonly openedAt: number
}

/** The open connections of each peer, at most one of which is to last. */
export class Connections {
  readonly #clock: Clock
  readonly #self: string
  readonly #byPeer = new Map<string, Entry[]>()
  /** When a connection of the peer began to take over. */
  readonly #takeovers = new Map<string, number>()
  /** Who waits for the peer's last connection to be gone. */
  readonly #waiting = new Map<string, () => void>()

  constructor(clock: Clock, self: string) {
    this.#clock = clock
    this.#self = self
  }

  /** True when it is the peer's first. */
  add(connection: Connection): boolean {
    const peer = connection.remotePeer.toString()
    this.#takeovers.delete(peer)
    const entries = this.#byPeer.get(peer) ?? []
    entries.push({ connection, openedAt: this.#clock.now() })
    this.#byPeer.set(peer, entries)
    return entries.length === 1
  }

  /** ms for which the connection was open, when it was the peer's last; undefined when others are left. */
  remove(connection: Connection): number | undefined {
    const peer = connection.remotePeer.toString()
    const entries = this.#byPeer.get(peer)
    const entry = entries?.find((candidate) => candidate.connection.id === connection.id)
    if (entries === undefined || entry === undefined) return undefined
    entries.splice(entries.indexOf(entry), 1)
    if (entries.length > 0) return undefined
    this.#byPeer.delete(peer)
    this.#waiting.get(peer)?.()
    return this.#clock.now() - entry.openedAt
  }

  peers(): string[] {
    return [...this.#byPeer.keys()]
  }

  has(peer: string): boolean {
    return this.#byPeer.has(peer)
  }

  /** The peer's newest connection. */
  newest(peer: string): Connection | undefined {
    return this.#byPeer.get(peer)?.at(-1)?.connection
  }

  /** ms since the peer's newest connection was opened; 0 when there is none. */
  ageMs(peer: string): number {
    const entry = this.#byPeer.get(peer)?.at(-1)
    return entry === undefined ? 0 : this.#clock.now() - entry.openedAt
  }

  /** Cuts all connections of the peer. */
  abort(peer: string, reason: string): void {
    for (const { connection } of [...(this.#byPeer.get(peer) ?? [])]) cut(connection, new Error(reason))
  }

  /**
   * Decides about a new connection to a peer. While there is none it is let in. When two dials crossed the one that the
   * smaller peer id made stays: both sides come to the same end. Otherwise a peer that dials us anew has lost the first one,
   * which we may not have noticed yet: the new one takes over, unless the first is very young.
   *
   * It takes over only once the first one is gone, as gossipsub mixes up the streams of two. Of two instances with one peer
   * id the later one is let in at once by this: it hears of the other while that one dials.
   */
  async admit(peer: string, dialledBy: 'us' | 'them'): Promise<boolean> {
    const first = this.newest(peer)
    const begun = this.#takeovers.get(peer)
    if (begun !== undefined && this.#clock.now() - begun < OPENING_MS) return false
    if (first === undefined) return true
    const smaller = this.#self < peer ? 'us' : 'them'
    const madeFirst = first.direction === 'outbound' ? 'us' : 'them'
    const crossed = this.ageMs(peer) < SIMULTANEOUS_MS && madeFirst !== dialledBy
    if (crossed) {
      if (madeFirst !== smaller) this.abort(peer, 'the peer has dialled anew')
      return false
    }
    if (this.ageMs(peer) < BELIEVED_MS) return false
    this.#takeovers.set(peer, this.#clock.now())
    await this.#cut(peer)
    if (!this.has(peer)) return true
    this.#takeovers.delete(peer)
    return false
  }

  /** Cuts the peer's connections, and waits until libp2p has told everybody that they are gone, or in vain. */
  async #cut(peer: string): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      const timer = this.#clock.after(CLOSING_MS, resolve)
      this.#waiting.set(peer, () => {
        timer.cancel()
        // a turn of the event loop later gossipsub has heard of it too
        setImmediate(resolve)
      })
    })
    this.abort(peer, 'the peer has dialled anew')
    await gone
    this.#waiting.delete(peer)
  }
}

/**
 * libp2p's `abort` says goodbye by the muxer first, and throws when the peer has closed its end already, with the socket still open.
 * The second time the muxer counts as ended and is passed over.
 */
function cut(connection: Connection, reason: Error): void {
  try {
    connection.abort(reason)
  } catch {
    connection.abort(reason)
  }
}
