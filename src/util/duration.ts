import { LariatError } from './errors.ts'

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** A decimal number with one of the units ms, s, m, h, d. */
export const DURATION_PATTERN = /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d)$/

/**
 * Milliseconds of a duration such as `500ms`, `2s`, `1.5m`, `1h`, `7d`.
 * @throws LariatError `duration.invalid`
 */
export function parseDuration(text: string): number {
  const match = DURATION_PATTERN.exec(text.trim())
  if (match === null) {
    throw new LariatError(
      'duration.invalid',
      `"${text}" is not a duration: write a number and a unit (ms, s, m, h, d), such as 2s`,
    )
  }
  const [, amount, unit] = match
  return Number(amount) * UNITS[unit as keyof typeof UNITS]
}

/** `ms` in the largest unit that holds it without a fraction: 2000 → `2s`. */
export function formatDuration(ms: number): string {
  for (const [unit, factor] of Object.entries(UNITS).reverse()) {
    if (ms !== 0 && ms % factor === 0) return `${ms / factor}${unit}`
  }
  return `${ms}ms`
}

const WORDS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

/** Seconds in words, one second at the least: `14 days`, `3.5 hours`, `40 seconds`. */
export function durationText(seconds: number): string {
  for (const [unit, size] of WORDS) {
    if (seconds >= 2 * size || (unit !== 'minute' && seconds >= size)) {
      const amount = Math.round((seconds / size) * 10) / 10
      return `${amount} ${unit}${amount === 1 ? '' : 's'}`
    }
  }
  const whole = Math.max(1, Math.round(seconds))
  return `${whole} second${whole === 1 ? '' : 's'}`
}
