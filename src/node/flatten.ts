import { LariatError } from '../util/errors.ts'
import { bytesToHex } from '../util/hex.ts'

/** Longest string of a log entry, in characters: one entry must not fill a disk. */
const MAX_STRING = 4_096
/** Longest list or object of a log entry, in items. */
const MAX_ITEMS = 64
/** Deepest nesting of a log entry. */
const MAX_DEPTH = 6
/** Longest chain of causes that is told. */
const MAX_CAUSES = 5
/** Frames of the stack of an error that is not one of ours. */
const MAX_FRAMES = 8

/**
 * `value` as plain JSON data for a log: bigints as decimal strings, bytes as hex, errors as code, message, details and the
 * chain of their causes, everything bounded. What has `toJSON` decides for itself, so a Secret stays redacted.
 */
export function flatten(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return scrubUserinfo(text(value))
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`
  if (typeof value !== 'object' || value === null) return value
  if (depth >= MAX_DEPTH) return '[deep]'
  if (value instanceof Error) return flattenError(value)
  if (value instanceof Uint8Array) return text(bytesToHex(value.subarray(0, MAX_STRING / 2)))
  if ('toJSON' in value && typeof value.toJSON === 'function') return flatten(value.toJSON(), depth + 1)
  if (Array.isArray(value) || value instanceof Set) {
    return [...value].slice(0, MAX_ITEMS).map((item) => flatten(item, depth + 1))
  }
  const entries: [string, unknown][] =
    value instanceof Map ? [...value].map(([k, v]) => [String(k), v]) : Object.entries(value)
  return Object.fromEntries(entries.slice(0, MAX_ITEMS).map(([key, item]) => [key, flatten(item, depth + 1)]))
}

/** An error in a log. `causes` goes from the direct cause inwards. */
export interface FlatError {
  readonly code?: string
  readonly message: string
  readonly details?: unknown
  readonly stack?: readonly string[]
  readonly causes?: readonly FlatError[]
}

function flattenError(error: Error): FlatError {
  const causes: FlatError[] = []
  for (let e = error.cause; e !== undefined && e !== null && causes.length < MAX_CAUSES; ) {
    causes.push(e instanceof Error ? one(e) : { message: scrubUrls(text(String(e))) })
    e = e instanceof Error ? e.cause : undefined
  }
  return { ...one(error), ...(causes.length === 0 ? {} : { causes }) }
}

function one(error: Error): FlatError {
  const code =
    'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? `${error.code}` : undefined
  if (error instanceof LariatError) {
    const details = Object.keys(error.details).length === 0 ? {} : { details: flatten(error.details, 1) }
    return { code: error.code, message: scrubUserinfo(text(error.message)), ...details }
  }
  // Foreign errors print the URLs they were given, and an RPC provider's URL often holds its key.
  const short = 'shortMessage' in error && typeof error.shortMessage === 'string' ? error.shortMessage : error.message
  const stack = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, MAX_FRAMES)
    .map((line) => line.trim())
  return { ...(code === undefined ? {} : { code }), message: `${error.name}: ${scrubUrls(text(short))}`, stack }
}

function text(value: string): string {
  return value.length <= MAX_STRING ? value : `${value.slice(0, MAX_STRING)}… (${value.length} characters)`
}

/** Removes user and password from URLs. */
function scrubUserinfo(value: string): string {
  return value.replace(/([a-z][a-z0-9+.-]{0,15}:\/\/)[^\s/@]+@/gi, '$1')
}

/** Cuts URLs down to their origin. */
function scrubUrls(value: string): string {
  return scrubUserinfo(value).replace(/\b((?:https?|wss?):\/\/[^\s/?#"']+)[/?#][^\s"']*/gi, '$1/…')
}
