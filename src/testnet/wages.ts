import type { Address } from '../util/hex.ts'
import type { OperatorFact, RoundFact } from './report.ts'

/** What those who signed one certified round get together, in the token's 10^-18. */
export const WAGE_OF_A_ROUND = 10n ** 18n

/** What one operator gets, in the token's smallest unit. */
export interface Wage {
  readonly operator: Address
  readonly amount: bigint
}

/**
 * What operators get for rounds: those who signed one divide its wage by their weight, rounded down. Who signed nothing, or
 * has no weight any more, gets nothing and is left out.
 * @param members operators with their weights in the newest epoch
 */
export function wagesOf(
  rounds: readonly Pick<RoundFact, 'signers'>[],
  members: readonly Pick<OperatorFact, 'address' | 'weight'>[],
): Wage[] {
  const amounts = new Map<string, bigint>()
  for (const { signers } of rounds) {
    const present = members.filter(({ address }) => signers.includes(address.toLowerCase()))
    const signed = present.reduce((sum, { weight }) => sum + weight, 0n)
    if (signed === 0n) continue
    for (const { address, weight } of present) {
      amounts.set(address, (amounts.get(address) ?? 0n) + (WAGE_OF_A_ROUND * weight) / signed)
    }
  }
  return members.flatMap(({ address }) => {
    const amount = amounts.get(address) ?? 0n
    return amount === 0n ? [] : [{ operator: address, amount }]
  })
}
