import type { Address, Timer } from 'lariat/avs'
import type { Round } from '../rounds/store.ts'
import { type BeaconPorts, tell } from './node.ts'
import { type BeaconSharing, holdersOf, isSame } from './sharings.ts'
import { encodeRounds } from './wire.ts'

/**
 * A round goes by gossip so long after a member has it, ms, for operators that the first teller is not connected to; member k
 * after it waits k times the stagger longer, and all are silent once it was heard.
 */
const GOSSIP_MS = 400
const GOSSIP_STAGGER_MS = 150

/**
 * Who is told what, in which order. Each round has a first teller, the members taking turns: partials go to it before all others,
 * so that one node has a round as soon as that can be, and it tells all others at once, whom that spares the combining. Nobody waits
 * for it: partials go to everybody, and who has enough of them combines.
 */
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

  /** Sends our partials to all other members that own shares; true when they went to all. */
  async spread(sharing: BeaconSharing, round: bigint, messages: readonly Uint8Array[]): Promise<boolean> {
    const [first, ...others] = inTurn(sharing, round)
    const sent = first === undefined ? [] : this.#send([first], messages)
    // whatever has come for us meanwhile goes before: we may be the first teller, and the others lose nothing that shows
    await new Promise<void>((resolve) => setImmediate(resolve))
    sent.push(...this.#send(others, messages))
    return (await Promise.all(sent)).every((went) => went)
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

  #send(to: readonly Address[], messages: readonly Uint8Array[]): Promise<boolean>[] {
    const { messages: port, operator, log } = this.#ports
    return to
      .filter((holder) => !isSame(holder, operator))
      .flatMap((holder) =>
        messages.map((data) => tell(log, 'a partial', port.send('partial', { operator: holder }, data))),
      )
  }
}

/** Members that own shares, the first teller of the round first. */
function inTurn(sharing: BeaconSharing, round: bigint): readonly Address[] {
  const holders = holdersOf(sharing)
  const first = Number(round % BigInt(holders.length))
  return [...holders.slice(first), ...holders.slice(0, first)]
}
