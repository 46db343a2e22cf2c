import type { RandomnessRequest } from './requests.ts'

/**
 * Gas of bringing a round, and of each request beside what its callback may take: a little above what `npm run bench -- gas beacon`
 * measures (174,450; 39,342 of a transaction with one, and half of that for each further one).
 */
export const ROUND_GAS = 180_000n
export const REQUEST_GAS = 45_000n
/** Most gas that one transaction is made for; the protocol's cap is 16,777,216 (EIP-7825). */
export const MAX_PAGE_GAS = 10_000_000n

/** What a request may cost whoever fulfills it, gas, the round not counted. */
export function gasOf({ gasLimit }: RandomnessRequest): bigint {
  return REQUEST_GAS + BigInt(gasLimit)
}

/** Whether its fee pays for its own gas at `price`, wei per gas. */
export function paysItself(request: RandomnessRequest, price: bigint): boolean {
  return request.fee >= gasOf(request) * price
}

/**
 * The requests of one round that are worth a transaction: those that pay for themselves, the best first, as many as fit; none
 * unless together they pay for the round too, where it has to be brought.
 * @param price wei per gas, with the margin that the operator wants; at 0 all are worth it
 */
export function choosePage(
  requests: readonly RandomnessRequest[],
  { price, isDelivered }: { readonly price: bigint; readonly isDelivered: boolean },
): readonly RandomnessRequest[] {
  const perGas = (request: RandomnessRequest) => (request.fee * 1_000_000n) / gasOf(request)
  const sorted = requests
    .filter((request) => paysItself(request, price))
    .sort((a, b) => (perGas(a) === perGas(b) ? Number(a.id - b.id) : perGas(a) > perGas(b) ? -1 : 1))
  let gas = isDelivered ? 0n : ROUND_GAS
  const page: RandomnessRequest[] = []
  for (const request of sorted) {
    if (gas + gasOf(request) > MAX_PAGE_GAS) continue
    gas += gasOf(request)
    page.push(request)
  }
  const paid = page.reduce((sum, { fee }) => sum + fee, 0n)
  return paid >= gas * price ? page : []
}
