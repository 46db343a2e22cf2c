import { hexToBytes as fromHex, bytesToHex as toHex } from '@noble/hashes/utils.js'

export type Hex = `0x${string}`
/** A checksummed 20-byte address. */
export type Address = `0x${string}`

export function bytesToHex(bytes: Uint8Array): Hex {
  return `0x${toHex(bytes)}`
}

/** @throws when `hex` has an odd length or a character that is not hexadecimal */
export function hexToBytes(hex: Hex): Uint8Array {
  return fromHex(hex.slice(2))
}

const MAX_UINT64 = 0xffff_ffff_ffff_ffffn

/** `value` as `size` big-endian bytes. @throws RangeError when it does not fit */
export function bigToBytes(value: bigint, size: number): Uint8Array {
  if (size >= 8 && value >= 0n && value <= MAX_UINT64) {
    const bytes = new Uint8Array(size)
    new DataView(bytes.buffer).setBigUint64(size - 8, value)
    return bytes
  }
  if (value < 0n || value >> BigInt(size * 8) !== 0n) throw new RangeError(`${value} does not fit ${size} bytes`)
  return fromHex(value.toString(16).padStart(size * 2, '0'))
}

export function bytesToBig(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${toHex(bytes)}`)
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0
}
