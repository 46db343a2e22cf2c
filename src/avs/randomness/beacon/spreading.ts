import type { Address, Timer } from 'lariat/avs'
import { type BeaconPorts, tell } from './node.ts'
import { type BeaconSharing, inTurn, isSame } from './sharings.ts'

/** How long the first teller has before partials go to all others too, ms: as long as an attempt's leader has before its second. */
const HEDGE_MS = 100
/**
 * A timer that fires so much too late tells that this node is busy, not that the first teller is slow: what it was sent may lie unread.
 * It looks again a little later, a few times.
 */
const LATE_MS = 5
const LOOK_AGAIN_MS = 50
const MAX_LOOKS = 4
/** Where the round is there by then, partials go out for the count of who takes part, in this part of the period, members in turn. */
const LEISURE_FROM = 0.2
const LEISURE_TO = 0.4
/** Without the round in this part of the period partials go by gossip too, members in turn: a direct stream may have lost them unseen. */
const FALLBACK_FROM = 0.5
const FALLBACK_TO = 0.75

/** Our partials of one round. */
export interface OwnRound {
  readonly sharing: BeaconSharing
  readonly round: bigint
  /** The round's time, ms since the epoch. */
  readonly time: number
  readonly periodMs: number
  /** Encoded. */
  readonly messages: readonly Uint8Array[]
  /** Whether the round is there. */
  readonly isSettled: () => boolean
}

/**
 * Hands out our partials. They go to the round's first teller, the members taking turns, which combines them and tells everybody; as
 * long as it does, a round costs every other member one message and one check. To all others they go when the round does not come
 * soon, or, where it came, at leisure: they show who takes part. A first teller that is out of reach, or took no part in the last
 * rounds, is not waited for.
 */
export class Spreading {
  readonly #ports: BeaconPorts
  readonly #track: (work: Promise<void>) => void
  readonly #takesPart: (operator: Address) => boolean
  readonly #timers = new Set<Timer>()

  /**
   * @param track takes care of what is under way
   * @param takesPart whether partials of the operator came in one of the last rounds
   */
  constructor(ports: BeaconPorts, track: (work: Promise<void>) => void, takesPart: (operator: Address) => boolean) {
    this.#ports = ports
    this.#track = track
    this.#takesPart = takesPart
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel()
  }

  start(own: OwnRound): void {
    const { operator, clock } = this.#ports
    const members = inTurn(own.sharing, own.round)
    const rank = members.findIndex((member) => isSame(member, operator))
    const [first] = members
    const teller = rank === 0 ? undefined : first
    const others = members.filter((member, i) => i !== rank && member !== teller)
    const turn = (from: number, to: number) => own.time + own.periodMs * (from + ((to - from) * rank) / members.length)

    let isPublished = false
    const publish = () => {
      if (isPublished) return
      isPublished = true
      for (const data of own.messages) this.#track(this.#publish(data))
    }
    let areTold = false
    const tellOthers = () => {
      if (areTold) return
      areTold = true
      this.#track(this.#send(own, others, publish).then(() => undefined))
    }
    if (teller !== undefined) {
      const sending = this.#send(own, [teller], publish).then((went) => {
        if (!went || !this.#takesPart(teller)) tellOthers()
      })
      this.#track(sending)
    }
    const look = (due: number, looks: number) => {
      this.#at(due, () => {
        const now = clock.now()
        if (own.isSettled()) this.#at(turn(LEISURE_FROM, LEISURE_TO), tellOthers)
        else if (now - due > LATE_MS && looks < MAX_LOOKS) look(now + LOOK_AGAIN_MS, looks + 1)
        else tellOthers()
      })
    }
    look(clock.now() + HEDGE_MS, 1)
    this.#at(turn(FALLBACK_FROM, FALLBACK_TO), () => {
      if (!own.isSettled()) publish()
    })
  }

  /** True when it went to all. What goes not, to one that takes part, goes by gossip. */
  async #send({ messages }: OwnRound, to: readonly Address[], publish: () => void): Promise<boolean> {
    const { messages: port, log } = this.#ports
    const went = await Promise.all(
      to.map(async (operator) => {
        const sent = messages.map((data) => tell(log, 'a partial', port.send('partial', { operator }, data)))
        return (await Promise.all(sent)).every((one) => one)
      }),
    )
    if (to.some((operator, i) => went[i] === false && this.#takesPart(operator))) publish()
    return went.every((one) => one)
  }

  async #publish(data: Uint8Array): Promise<void> {
    const { messages, log } = this.#ports
    await tell(log, 'a partial', messages.publish('partial', data))
  }

  /** @param time ms since the epoch; what is over is done at once */
  #at(time: number, run: () => void): void {
    const { clock } = this.#ports
    const timer = clock.after(Math.max(0, time - clock.now()), () => {
      this.#timers.delete(timer)
      run()
    })
    this.#timers.add(timer)
  }
}
