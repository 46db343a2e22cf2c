import { InvalidArgumentError } from 'commander'

/** Parser of a whole number on the command line. */
export const integer = (least: number, most: number) => (text: string) => {
  const value = Number(text)
  if (!/^\d{1,10}$/.test(text) || value < least || value > most) {
    throw new InvalidArgumentError(`expected a whole number from ${least} to ${most}`)
  }
  return value
}

/** Of a number above 0, with six digits on either side of the point at most. */
export function positive(text: string): number {
  const value = Number(text)
  if (!/^\d{1,6}(\.\d{1,6})?$/.test(text) || value <= 0) throw new InvalidArgumentError('expected a positive number')
  return value
}

/** Of a time, in ISO 8601 or Unix seconds. @returns Unix seconds */
export function instant(text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text)
  const ms = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ms)) throw new InvalidArgumentError('expected a time such as 2023-03-11T11:48:00Z, or Unix seconds')
  return ms / 1_000
}
