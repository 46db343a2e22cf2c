import { LariatError } from '../util/errors.ts'
import { type Hex, hexToBytes } from '../util/hex.ts'

/** How much of each service is kept; the rest goes, oldest slot first. */
export interface DataLimits {
  /** Slot records of one service. */
  readonly journalPerService: number
  /** Certificates of one service. */
  readonly certificatesPerService: number
}

/**
 * 100,000 slot records are 55 hours of a 2-second service at 0.3 kB each; 20,000 certificates are 11 hours, at some
 * kilobytes each for a hundred feeds. Names of services and cursors come from configuration, never from the network.
 */
export const DEFAULT_DATA_LIMITS: DataLimits = { journalPerService: 100_000, certificatesPerService: 20_000 }

/** Bytes of a certificate's value: ten thousand feeds are below it; more would be a mistake of a plug-in. */
export const MAX_VALUE_BYTES = 1 << 20

/** Most rows that one `list` returns, whatever its limit says. */
export const MAX_LIST_ROWS = 10_000

/**
 * Largest slot, epoch or cursor that is stored: SQLite's integers are signed 64-bit, and ordered integers are what pruning
 * and ranges need. A uint64 above it is refused rather than wrapped; no clock, index or block gets there.
 */
export const MAX_STORED_INTEGER = (1n << 63n) - 1n

/** @throws LariatError `store.out-of-range` */
export function checkInteger(name: string, value: bigint): bigint {
  if (value < 0n || value > MAX_STORED_INTEGER) {
    throw new LariatError('store.out-of-range', `${name} ${value} is not stored: it must lie in [0, 2^63)`, {
      name,
      value,
    })
  }
  return value
}

/** The bytes of `hex`. @throws LariatError `store.out-of-range` when it is not `size` bytes of hexadecimal */
export function checkBytes(name: string, hex: Hex, size: number): Uint8Array {
  let bytes: Uint8Array | undefined
  try {
    bytes = hexToBytes(hex)
  } catch {
    // refused below
  }
  if (bytes?.length !== size) {
    throw new LariatError('store.out-of-range', `${name} ${hex} is not ${size} bytes of hexadecimal`, { name })
  }
  return bytes
}

/** @throws LariatError `store.out-of-range` */
export function checkValueSize(value: Uint8Array): void {
  if (value.length > MAX_VALUE_BYTES) {
    throw new LariatError(
      'store.out-of-range',
      `a certificate's value of ${value.length} bytes is over ${MAX_VALUE_BYTES}`,
    )
  }
}

/** @throws LariatError `store.closed` */
export function refuseClosed(what: string): never {
  throw new LariatError('store.closed', `${what} was used after it was closed`, { what })
}

/** Rows that a list may return. */
export function listLimit(limit: number): number {
  return Math.max(0, Math.min(MAX_LIST_ROWS, Math.floor(limit)))
}
