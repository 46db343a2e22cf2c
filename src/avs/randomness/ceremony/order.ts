import type { Address } from 'lariat/avs'
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
