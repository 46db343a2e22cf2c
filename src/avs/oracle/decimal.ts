/** Decimals of every price inside this plug-in: more than any venue gives, so that conversion loses nothing that counts. */
export const PRICE_DECIMALS = 18

/** 1 as a price. */
export const ONE = 10n ** BigInt(PRICE_DECIMALS)

/** Digits before the point that a venue may send. With 18 decimals a product of two such prices stays far below int192. */
const MAX_INTEGER_DIGITS = 15
/** Digits after the point that are read; more is no price. */
const MAX_FRACTION_DIGITS = 40

const DECIMAL = /^(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,2}))?$/

/**
 * A venue's number as a bigint with `PRICE_DECIMALS` decimals, exact; digits beyond are rounded half up. Strings are read
 * digit by digit. A JSON number is read from its shortest text, which is what the venue wrote for up to 15 significant digits.
 * @returns undefined for anything that is not a plain non-negative decimal number of sane size
 */
export function parseDecimal(value: unknown): bigint | undefined {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || text.length > MAX_INTEGER_DIGITS + MAX_FRACTION_DIGITS + 5) return undefined
  const match = DECIMAL.exec(text)
  if (match === null) return undefined
  const [, integer = '', fraction = '', exponent = '0'] = match
  if (fraction.length > MAX_FRACTION_DIGITS) return undefined
  // value = digits · 10^(exponent − fraction.length); shift is what is missing to PRICE_DECIMALS
  const digits = BigInt(integer + fraction)
  const shift = PRICE_DECIMALS + Number(exponent) - fraction.length
  const scaled = shift >= 0 ? digits * 10n ** BigInt(shift) : divideRounded(digits, 10n ** BigInt(-shift))
  return scaled < 10n ** BigInt(MAX_INTEGER_DIGITS + PRICE_DECIMALS) ? scaled : undefined
}

/** n / d rounded half up; both non-negative, d > 0. */
export function divideRounded(n: bigint, d: bigint): bigint {
  return (2n * n + d) / (2n * d)
}

/** A non-negative number of `from` decimals as one of `to` decimals, rounded half up. */
export function rescale(value: bigint, from: number, to: number): bigint {
  return to >= from ? value * 10n ** BigInt(to - from) : divideRounded(value, 10n ** BigInt(from - to))
}

/** Decimal text of `value` / 10^decimals, with exactly that many digits after the point. */
export function formatDecimal(value: bigint, decimals: number): string {
  const sign = value < 0n ? '-' : ''
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, '0')
  if (decimals === 0) return sign + digits
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
}

/** The product of two prices of `PRICE_DECIMALS`, rounded half up. */
export function multiply(a: bigint, b: bigint): bigint {
  return divideRounded(a * b, ONE)
}

/** a / b of two prices of `PRICE_DECIMALS`, rounded half up; b > 0. */
export function divide(a: bigint, b: bigint): bigint {
  return divideRounded(a * ONE, b)
}
