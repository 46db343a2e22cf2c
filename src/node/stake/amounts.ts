import { LariatError } from '../../util/errors.ts'
import { amount as show } from '../operator/words.ts'

/** An amount of 18 decimals in its smallest unit, or all that there is. */
export type Amount = bigint | 'all'

/** Digits before the point: more than there is of anything. */
const MAX_DIGITS = 12

/** @throws LariatError `usage.amount` */
export function parseAmount(text: string): Amount {
  if (text.toLowerCase() === 'all') return 'all'
  const [, whole, fraction = ''] = new RegExp(`^(\\d{1,${MAX_DIGITS}})(?:\\.(\\d{1,18}))?$`).exec(text) ?? []
  const value = whole === undefined ? 0n : BigInt(whole + fraction.padEnd(18, '0'))
  if (value === 0n) {
    throw new LariatError('usage.amount', `${text} is not an amount: write a number above 0 such as 10 or 0.5, or all`)
  }
  return value
}

/**
 * How much is meant, of what there is.
 * @param what is counted, such as stETH
 * @throws LariatError `stake.balance`
 */
export function resolveAmount(wanted: Amount, available: bigint, what: string, account: string): bigint {
  if (available === 0n) throw new LariatError('stake.balance', `${account} has no ${what}`)
  if (wanted === 'all') return available
  if (wanted > available) {
    throw new LariatError(
      'stake.balance',
      `${account} has ${exact(available)} ${what}, less than ${exact(wanted)}: name at most that, or all`,
    )
  }
  return wanted
}

/** All digits: for refusals, in which a cut-off figure would mislead. */
function exact(value: bigint): string {
  const digits = value.toString().padStart(19, '0')
  const fraction = digits.slice(-18).replace(/0+$/, '')
  return `${digits.slice(0, -18)}${fraction === '' ? '' : `.${fraction}`}`
}

/** `10 stETH` */
export const of = (value: bigint, symbol: string) => `${show(value)} ${symbol}`
