import type { Connection } from '@libp2p/interface'
import type { Clock, Timer } from '../util/clock.ts'
import { LariatError } from '../util/errors.ts'
import type { Log } from '../util/log.ts'
import type { Connections } from './connections.ts'
import { ANSWER_MS, type ClockReading, MAX_ROUND_TRIP_MS, TimeAsker } from './time.ts'

/** ms between looks at who is connected. */
const LOOK_MS = 1_000
/** ms between questions on each connection: a dead machine is noticed after this and `ANSWER_MS`. */
const EVERY_MS = 5_000

export interface ClocksOptions {
  readonly clock: Clock
  readonly log: Log
  readonly connections: Connections
}

interface Entry {
  readonly asker: TimeAsker
  askedAt: number
}

/** Asks each connected peer for its time: who does not answer is dead, and its connection is cut. */
export class Clocks {
  readonly #options: ClocksOptions
  /** By connection id. */
  readonly #entries = new Map<string, Entry>()
  #timer: Timer | undefined

  constructor(options: ClocksOptions) {
    this.#options = options
  }

  start(): void {
    this.#timer = this.#options.clock.after(LOOK_MS, () => {
      this.#look()
      this.start()
    })
  }

  stop(): void {
    this.#timer?.cancel()
  }

  /** @throws LariatError `p2p.unreachable`, `p2p.time` when it does not answer soon enough, or nonsense */
  async of(peer: string): Promise<ClockReading> {
    const connection = this.#options.connections.newest(peer)
    if (connection === undefined) throw new LariatError('p2p.unreachable', `${peer} is not connected`, { peer })
    const reading = await this.#ask(connection)
    if (reading.roundTripMs <= MAX_ROUND_TRIP_MS) return reading
    throw new LariatError('p2p.time', `${peer} took too long to tell its time`, { peer, ms: reading.roundTripMs })
  }

  #look(): void {
    const { clock, connections } = this.#options
    const open = connections.peers().flatMap((peer) => connections.newest(peer) ?? [])
    const ids = new Set(open.map(({ id }) => id))
    for (const id of this.#entries.keys()) if (!ids.has(id)) this.#entries.delete(id)
    for (const connection of open) {
      if (clock.now() - this.#entryOf(connection).askedAt >= EVERY_MS) void this.#check(connection)
    }
  }

  /** A refusal is an answer too: only silence is death. */
  async #check(connection: Connection): Promise<void> {
    const { clock, log, connections } = this.#options
    const from = clock.now()
    try {
      await this.#ask(connection)
    } catch {
      const peer = connection.remotePeer.toString()
      if (clock.now() - from < ANSWER_MS || connections.newest(peer) !== connection) return
      log.warn('a peer does not answer: connecting anew', { peer })
      connections.abort(peer, 'the peer does not answer')
    }
  }

  #ask(connection: Connection): Promise<ClockReading> {
    const entry = this.#entryOf(connection)
    entry.askedAt = this.#options.clock.now()
    return entry.asker.ask()
  }

  #entryOf(connection: Connection): Entry {
    const { clock } = this.#options
    let entry = this.#entries.get(connection.id)
    if (entry === undefined) {
      entry = { asker: new TimeAsker(connection, clock), askedAt: clock.now() }
      this.#entries.set(connection.id, entry)
    }
    return entry
  }
}
