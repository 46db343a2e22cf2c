import { bytesToHex } from './hex.ts'

/** JSON text of `value`: bigints become decimal strings, bytes 0x-hex, maps objects, sets lists. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, plain, indent)
}

/** A `JSON.stringify` replacer for the types that JSON lacks. */
export function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return bytesToHex(value)
  if (value instanceof Map) return Object.fromEntries(value)
  if (value instanceof Set) return [...value]
  return value
}
