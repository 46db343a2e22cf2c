import type { Address, Clock } from 'lariat/avs'
import { keccak256, stringToBytes } from 'viem'

/**
 * Our place in an order that all operators compute, drawn anew for each thing to be done: who comes before us has that much time
 * to do it. The last place for one that is not among them.
 */
export function placeOf(seed: string, operators: readonly Address[], own: Address): number {
  const order = [...new Set(operators.map((operator) => operator.toLowerCase()))]
    .map((operator) => ({ operator, draw: keccak256(stringToBytes(`${seed}/${operator}`)) }))
    .sort((a, b) => (a.draw < b.draw ? -1 : 1))
  const place = order.findIndex(({ operator }) => operator === own.toLowerCase())
  return place === -1 ? order.length : place
}

/** Things to be done that are remembered: a session has a few, and a complaint for each bad dealer at the most. */
const MAX_THINGS = 128

/** When it is our turn to do what anyone may do. It is asked again and again and never waits: other things go on meanwhile. */
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
