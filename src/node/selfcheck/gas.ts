import type { Address } from '../../util/hex.ts'
import { amount } from '../operator/words.ts'
import { CHAIN_EVERY_MS, CHAIN_TRUST_MS } from './registration.ts'
import { type Finding, fail, type SelfCheck, warn } from './types.ts'

/** Gas of a transaction of ours: an update of a few prices. A page of an epoch takes 20 times as much, once in a while. */
const GAS = 500_000n
/** Transactions that the balance should pay for at the present price, before it warns and before it fails. */
const LOW = 100n
const TOO_LOW = 5n

export interface Funds {
  readonly account: Address
  /** Wei. */
  readonly balance: bigint
  /** Wei for a unit of gas. */
  readonly gasPrice: bigint
}

/** The account that sends can pay. `least`: wei that it must have (`checks.minBalance`). */
export function gasCheck(
  funds: () => Promise<Funds>,
  least: bigint | undefined,
  measured: (funds: Funds) => void = () => {},
): SelfCheck {
  return {
    name: 'gas',
    everyMs: CHAIN_EVERY_MS,
    trustMs: CHAIN_TRUST_MS,
    async run() {
      const found = await funds()
      measured(found)
      return findFunds(found, least)
    },
  }
}

export function findFunds({ account, balance, gasPrice }: Funds, least: bigint | undefined): Finding | undefined {
  const has = `${account} has ${amount(balance)} ETH`
  if (least !== undefined && balance < least) {
    return fail(`${has}, less than checks.minBalance (${amount(least)} ETH): send it some`)
  }
  const cost = GAS * gasPrice
  if (balance < TOO_LOW * cost || balance === 0n) {
    return fail(`${has}, too little for ${TOO_LOW} transactions at the present gas price: send it some`)
  }
  return balance < LOW * cost
    ? warn(`${has}, enough for about ${balance / cost} transactions at the present gas price: send it some`)
    : undefined
}
