import {
  type Address,
  type Clock,
  combine,
  describe,
  findBadPartials,
  type KeyValueStore,
  LariatError,
  type Log,
  lieTogether,
  type Messages,
  openGroupKey,
  openPolynomial,
  type PeerTime,
  roundAt,
  roundTime,
  type Shares,
  type Timer,
  verifyRound,
} from 'lariat/avs'
import { appendOnly, schemeChecked, timed, writtenLater } from '../rounds/layers.ts'
import { type Round, type RoundStore, storedRounds } from '../rounds/store.ts'
import type { PartialScheme } from './gathering.ts'
import type { BeaconMetrics } from './metrics.ts'
import type { Group, SharingSource } from './sharings.ts'

/** What the beacon of one node rests on. */
export interface BeaconPorts {
  readonly operator: Address
  readonly clock: Clock
  readonly peerTime: PeerTime
  readonly log: Log
  readonly metrics: BeaconMetrics
  readonly messages: Messages
  readonly shares: Pick<Shares, 'sign'>
  readonly sharings: SharingSource
  readonly store: KeyValueStore
}

/** Most pairing checks that a search for bad partials may take, 9 ms each: it finds eight bad ones among 64. */
const MAX_CHECKS = 64

/** The crypto of partials. */
export const partialScheme: PartialScheme = {
  combine,
  lieTogether,
  findBad: (sharing, round, partials) =>
    findBadPartials(openPolynomial(sharing.polynomial), round, partials, MAX_CHECKS),
}

/** How long after a round it is written, ms: when nobody waits for it any more. */
const WRITE_AFTER_MS = 500

/** The chain of one group on this node: its times and its rounds. A new group has a new one. */
export class Chain {
  readonly group: Group
  readonly rounds: RoundStore
  readonly #clock: Clock
  readonly #metrics: BeaconMetrics
  readonly #waiting = new Set<(round: Round) => void>()
  readonly #log: Log
  readonly #flush: () => void
  #writing: Timer | undefined
  #latest: Round | undefined

  constructor(group: Group, { store, clock, metrics, log }: Pick<BeaconPorts, 'store' | 'clock' | 'metrics' | 'log'>) {
    const key = openGroupKey(group.publicKey)
    const kept = writtenLater(storedRounds(store, group.chainHash), (flush) => {
      this.#writing = clock.after(WRITE_AFTER_MS, () => this.#write(flush))
    })
    this.group = group
    this.#log = log
    this.#flush = kept.flush
    this.#clock = clock
    this.#metrics = metrics
    this.rounds = appendOnly(
      timed(
        schemeChecked(kept, (round, signature) => verifyRound(key, round, signature)),
        group.schedule,
        clock,
      ),
    )
    this.#latest = kept.latest()
  }

  /** ms since the epoch. */
  timeOf(round: bigint): number {
    return roundTime(this.group.schedule, round)
  }

  /** The newest round by our clock; 0 before genesis. */
  current(): bigint {
    return roundAt(this.group.schedule, this.#clock.now())
  }

  get latest(): Round | undefined {
    return this.#latest
  }

  /**
   * Verifies and keeps a round; who waits for it is told.
   * @returns false when it was there already
   * @throws LariatError `rounds.…`
   */
  keep(round: Round): boolean {
    const known = this.rounds.get(round.round) !== undefined
    this.rounds.put(round)
    if (known) return false
    if (round.round > (this.#latest?.round ?? 0n)) {
      this.#latest = round
      this.#metrics.latest.set({}, Number(round.round))
    }
    for (const tell of [...this.#waiting]) tell(round)
    return true
  }

  /** The round, as soon as it is there. Rejects with the signal's reason. */
  wait(round: bigint, signal: AbortSignal): Promise<Round> {
    const kept = this.rounds.get(round)
    if (kept !== undefined) return Promise.resolve(kept)
    return new Promise((resolve, reject) => {
      const end = () => {
        this.#waiting.delete(tell)
        signal.removeEventListener('abort', onAbort)
      }
      const onAbort = () => {
        end()
        reject(signal.reason)
      }
      const tell = (one: Round) => {
        if (one.round !== round) return
        end()
        resolve(one)
      }
      if (signal.aborted) return reject(signal.reason)
      this.#waiting.add(tell)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** Writes what is kept. Call it last. */
  close(): void {
    this.#writing?.cancel()
    this.#write(this.#flush)
  }

  #write(flush: () => void): void {
    try {
      flush()
    } catch (error) {
      this.#log.error(
        'rounds of the beacon could not be written: they stay in memory, and are tried again with the next',
        {
          error: describe(error),
        },
      )
    }
  }

  get waiters(): number {
    return this.#waiting.size
  }
}

/** True for the refusal of a round that is false or contradicts a kept one: no honest peer tells it. */
export function isFalse(error: unknown): boolean {
  return error instanceof LariatError && (error.code === 'rounds.false' || error.code === 'rounds.conflict')
}

/** Sends without waiting; who cannot be reached is told of at debug level. True when it went out. */
export async function tell(log: Log, what: string, sending: Promise<void>): Promise<boolean> {
  try {
    await sending
    return true
  } catch (error) {
    log.debug(`${what} could not be sent`, { error: describe(error) })
    return false
  }
}
