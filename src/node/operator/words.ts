import type { BlockHead } from '../../chain/types.ts'
import { durationText as duration } from '../../util/duration.ts'
import type { Address } from '../../util/hex.ts'

export { durationText as duration } from '../../util/duration.ts'

/** Times of blocks, as far as they can be foreseen. */
export interface BlockTimes {
  /** The block that all readings are of. */
  readonly now: Pick<BlockHead, 'number' | 'timestamp'>
  /** Seconds from block to block; undefined when unknown. */
  readonly seconds: number | undefined
}

/** `100,800 blocks (about 14 days)`. */
export function forBlocks(blocks: number, { seconds }: Pick<BlockTimes, 'seconds'>): string {
  const text = `${groups(blocks)} block${blocks === 1 ? '' : 's'}`
  return seconds === undefined || blocks === 0 ? text : `${text} (about ${duration(blocks * seconds)})`
}

/** `block 1,234,567 (in about 14 days, 2026-12-06 20:15 UTC)`; only the number for one in the past or of unknown time. */
export function atBlock(block: number, { now, seconds }: BlockTimes): string {
  const ahead = block - Number(now.number)
  const text = `block ${groups(block)}`
  if (ahead <= 0 || seconds === undefined) return text
  const time = new Date((Number(now.timestamp) + ahead * seconds) * 1_000).toISOString()
  return `${text} (in about ${duration(ahead * seconds)}, ${time.slice(0, 10)} ${time.slice(11, 16)} UTC)`
}

/** `1,234,567` */
export function groups(value: number | bigint): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ',')
}

/** Digits after the point that are shown of an amount; what is cut off is marked by `…`. */
const SHOWN_DIGITS = 6

/** An amount of the smallest unit as a decimal number, cut to six digits after the point. */
export function amount(value: bigint, decimals = 18): string {
  const sign = value < 0n ? '-' : ''
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, '0')
  const whole = groups(BigInt(digits.slice(0, digits.length - decimals)))
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '')
  if (fraction === '') return sign + whole
  const shown = fraction.slice(0, SHOWN_DIGITS)
  return `${sign}${whole}.${shown}${fraction.length > SHOWN_DIGITS ? '…' : ''}`
}

/** Part of `whole` in per cent with at most two digits after the point: `33.33 %`. */
export function percent(part: bigint, whole: bigint): string {
  if (whole === 0n) return '0 %'
  return `${amount((part * 10_000n) / whole, 2)} %`
}

/** `0x1234…cdef`: for tables; sentences give addresses whole. */
export function shortAddress(address: Address): string {
  return `${address.slice(0, 6)}…${address.slice(-4)}`
}

/** `a`, `a and b`, `a, b and c` */
export function list(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}
