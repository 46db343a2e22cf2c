import type { Address, Clock } from 'lariat/avs'
import { keccak256, stringToBytes } from 'viem'

/** Places in an order that differ in time: who comes later acts with the last of these, as few of the operators may relay at all. */
const MAX_PLACES = 8
/** Things to be done that are remembered: epochs and revocations of one destination, of which few wait at a time. */
const MAX_THINGS = 128

/**
 * Our place in an order that all operators compute, drawn anew for each thing to be done. The last place for one that is not among
 * them.
 */
export function placeOf(thing: string, operators: readonly Address[], own: Address): number {
  const order = [...new Set(operators.map((operator) => operator.toLowerCase()))]
    .map((operator) => ({ operator, draw: keccak256(stringToBytes(`${thing}/${operator}`)) }))
    .sort((a, b) => (a.draw < b.draw ? -1 : 1))
  const place = order.findIndex(({ operator }) => operator === own.toLowerCase())
  return Math.min(place === -1 ? order.length : place, MAX_PLACES)
}

/** When it is our turn to do what any operator may do. It is asked again and again and never waits. */
export class Turns {
  readonly #clock: Clock
  readonly #own: Address
  readonly #staggerMs: number
  /** When each thing was first wanted, ms since the epoch. */
  readonly #since = new Map<string, number>()

  /** @param staggerMs what each place leaves to the one before it */
  constructor(clock: Clock, own: Address, staggerMs: number) {
    this.#clock = clock
    this.#own = own
    this.#staggerMs = staggerMs
  }

  /** When it is ours, if it is wanted from now on, ms since the epoch. */
  at(thing: string, operators: readonly Address[]): number {
    return this.#clock.now() + this.#staggerMs * placeOf(thing, operators, this.#own)
  }

  /** Whether those before us have had their time. The first question begins it. */
  isOurs(thing: string, operators: readonly Address[]): boolean {
    const now = this.#clock.now()
    const since = this.#since.get(thing) ?? now
    this.#since.set(thing, since)
    const [oldest] = this.#since.keys()
    if (this.#since.size > MAX_THINGS && oldest !== undefined) this.#since.delete(oldest)
    return now - since >= this.#staggerMs * placeOf(thing, operators, this.#own)
  }
}
