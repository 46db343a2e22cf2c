import type { Timer } from 'lariat/avs'
import type { Round } from '../rounds/store.ts'
import { type BeaconPorts, tell } from './node.ts'
import { type BeaconSharing, inTurn, isSame } from './sharings.ts'
import { encodeRounds } from './wire.ts'

/**
 * A round goes by gossip so long after a member has it, ms, for operators that the first teller is not connected to; member k
 * after it waits k times the stagger longer, and all are silent once it was heard.
 */
const GOSSIP_MS = 400
const GOSSIP_STAGGER_MS = 150

/** Tells of rounds that we have come to have: as a round's first teller everybody at once; by gossip later who else may listen. */
export class Telling {
  readonly #ports: BeaconPorts
  readonly #track: (work: Promise<void>) => void
  /** Rounds that somebody gossiped. */
  readonly #heard = new Set<bigint>()
  readonly #timers = new Set<Timer>()

  /** @param track takes care of what is under way */
  constructor(ports: BeaconPorts, track: (work: Promise<void>) => void) {
    this.#ports = ports
    this.#track = track
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel()
  }

  /** Somebody gossiped this round: we need not. */
  heard(round: bigint): void {
    this.#heard.add(round)
  }

  /** Tells of a round that we have just come to have, when it is our turn. @param isOwn whether we combined it ourselves */
  onRound(round: Round, sharing: BeaconSharing | undefined, isOwn: boolean): void {
    const { messages, operator, log, clock } = this.#ports
    const rank = sharing === undefined ? -1 : inTurn(sharing, round.round).findIndex((one) => isSame(one, operator))
    if (rank < 0) return
    const data = encodeRounds([round])
    if (rank === 0 && isOwn) {
      for (const peer of messages.connected()) {
        if (messages.operatorOf(peer) === undefined) continue
        this.#track(tell(log, 'a round', messages.send('round', { peer }, data)).then(() => undefined))
      }
    }
    const timer = clock.after(GOSSIP_MS + rank * GOSSIP_STAGGER_MS, () => {
      this.#timers.delete(timer)
      if (this.#heard.has(round.round)) return
      this.#track(tell(log, 'a round', messages.publish('round', data)).then(() => undefined))
    })
    this.#timers.add(timer)
  }

  /** Forgets rounds that are over. */
  tidy(isOver: (round: bigint) => boolean): void {
    for (const round of this.#heard) if (isOver(round)) this.#heard.delete(round)
  }
}
