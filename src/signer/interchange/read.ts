import { LariatError } from '../../util/errors.ts'
import type { Hex } from '../../util/hex.ts'

/** Where in a file something is, for messages. */
export interface Place {
  readonly file: string
  readonly path: string
}

export function at({ file, path }: Place, name: string): Place {
  return { file, path: path === '' ? name : `${path}.${name}` }
}

export function refuse({ file, path }: Place, what: string, mend: string): LariatError<'interchange.invalid'> {
  return new LariatError('interchange.invalid', `${file}: ${path === '' ? 'it' : path} ${what}: ${mend}`, {
    file,
    path,
  })
}

/** The fields of an object with exactly these keys. @throws LariatError `interchange.invalid` */
export function record(
  value: unknown,
  required: readonly string[],
  optional: readonly string[],
  place: Place,
): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refuse(place, 'is no object', `it must have the keys ${required.join(', ')}`)
  }
  const keys = Object.keys(value)
  const unknown = keys.find((key) => !required.includes(key) && !optional.includes(key))
  if (unknown !== undefined) throw refuse(place, `has the key ${show(unknown)}`, 'the format has no such key')
  const missing = required.find((key) => !keys.includes(key))
  if (missing !== undefined) throw refuse(place, `has no ${missing}`, 'export it again')
  return value as Readonly<Record<string, unknown>>
}

/** @throws LariatError `interchange.invalid` */
export function list(value: unknown, max: number, place: Place): readonly unknown[] {
  if (!Array.isArray(value)) throw refuse(place, 'is no list', 'export it again')
  if (value.length > max) throw refuse(place, `has ${value.length} items`, `there may be ${max}; export with --newest`)
  return value
}

/** @throws LariatError `interchange.invalid` */
export function text(value: unknown, place: Place): string {
  if (typeof value !== 'string') throw refuse(place, 'is no text', 'export it again')
  if (value.length > 100) throw refuse(place, 'is too long', 'export it again')
  return show(value)
}

/** @throws LariatError `interchange.invalid` */
export function boolean(value: unknown, place: Place): boolean {
  if (typeof value !== 'boolean') throw refuse(place, 'is neither true nor false', 'export it again')
  return value
}

/** A whole number from 0 to `max`, written as a decimal string. @throws LariatError `interchange.invalid` */
export function integer(value: unknown, max: bigint, place: Place): bigint {
  if (typeof value === 'string' && /^(0|[1-9]\d{0,19})$/.test(value)) {
    const number = BigInt(value)
    if (number <= max) return number
  }
  throw refuse(place, 'is no such number', `write it as a string, "0" to "${max}", without leading zeros`)
}

/** `size` bytes as 0x-hex; lower case is given back. @throws LariatError `interchange.invalid` */
export function bytes(value: unknown, size: number, place: Place): Hex {
  if (typeof value === 'string' && value.length === 2 + 2 * size && /^0x[0-9a-fA-F]*$/.test(value)) {
    return value.toLowerCase() as Hex
  }
  throw refuse(place, `is not ${size} bytes`, `write them as 0x and ${2 * size} hexadecimal digits`)
}

/** Keys in a JSON text without escapes: every string that a colon follows is one. */
export function keysOf(json: string): number {
  let count = 0
  for (const _ of json.matchAll(/"[ \t\r\n]*:/g)) count++
  return count
}

/** A stranger's text, so that it cannot play with a terminal. */
function show(value: string): string {
  return value.replace(/[^\x20-\x7e]/g, '?').slice(0, 100)
}
