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

interface Entry {
  readonly connection: Connection
  readonly openedAt: number
}

/** The open connections of each peer, at most one of which is to last. */
export class Connections {
  readonly #clock: Clock
  readonly #self: string
  readonly #byPeer = new Map<string, Entry[]>()

  constructor(clock: Clock, self: string) {
    this.#clock = clock
    this.#self = self
  }

  /** True when it is the peer's first. */
  add(connection: Connection): boolean {
    const peer = connection.remotePeer.toString()
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
    for (const { connection } of [...(this.#byPeer.get(peer) ?? [])]) connection.abort(new Error(reason))
  }

  /**
   * Decides about a new connection to a peer, which is refused when there is one already. The first one is cut too, unless
   * it is very young, as a peer that dials us anew has lost it, which we may not have noticed yet; both sides then dial
   * again. When two dials crossed the first one stays if it is the one that the smaller peer id made: both sides come to
   * the same end. A new connection never takes over at once, because gossipsub mixes up the streams of the two.
   */
  admit(peer: string, dialledBy: 'us' | 'them'): boolean {
    const first = this.newest(peer)
    if (first === undefined) return true
    const smaller = this.#self < peer ? 'us' : 'them'
    const madeFirst = first.direction === 'outbound' ? 'us' : 'them'
    const crossed = this.ageMs(peer) < SIMULTANEOUS_MS && madeFirst !== dialledBy
    const stays = crossed ? madeFirst === smaller : this.ageMs(peer) < BELIEVED_MS
    if (!stays) this.abort(peer, 'the peer has dialled anew')
    return false
  }
}
