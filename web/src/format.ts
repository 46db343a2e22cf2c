/** `0x8EF4…8CcE8` */
export function short(text: string, head = 6, tail = 4): string {
  return text.length <= head + tail + 1 ? text : `${text.slice(0, head)}…${text.slice(-tail)}`
}

/** Seconds in words: `12 s`, `3 min`, `2 h 5 min`, `4 d 3 h`. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds))
  if (s < 100) return `${s} s`
  const min = Math.floor(s / 60)
  if (min < 100) return `${min} min`
  const h = Math.floor(min / 60)
  if (h < 48) return `${h} h ${min % 60} min`
  return `${Math.floor(h / 24)} d ${h % 24} h`
}

export function ms(value: number): string {
  if (value < 9.95) return `${value.toFixed(1)} ms`
  return value < 9_995 ? `${Math.round(value)} ms` : `${(value / 1_000).toFixed(1)} s`
}

/** Time of day of Unix seconds, in the reader's zone. */
export function clockTime(seconds: number): string {
  return new Date(seconds * 1_000).toLocaleTimeString('en-GB')
}

/** Wei, as a decimal string, in ether with `digits` after the point. */
export function ether(wei: string, digits = 2): string {
  const negative = wei.startsWith('-')
  const text = wei.replace('-', '').padStart(19, '0')
  const whole = Number(text.slice(0, -18)).toLocaleString('en-US')
  return `${negative ? '-' : ''}${whole}${digits === 0 ? '' : `.${text.slice(-18).slice(0, digits)}`}`
}

export function percent(part: number, digits = 1): string {
  return `${(part * 100).toFixed(digits)} %`
}

/** A price with as many digits as tell it apart: `39,948.91`, `1.00027`. */
export function price(text: string): string {
  const value = Number(text)
  const digits = Math.abs(value) >= 1_000 ? 2 : Math.abs(value) >= 10 ? 3 : 5
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}
