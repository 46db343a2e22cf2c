import {
  decodeSignature,
  invalidKey,
  invalidSignature,
  type PublicKey,
  publicKeyFromBytes,
  type Signature,
} from './keys.ts'

/** Bytes of a base field element, and of the same padded to EIP-2537's 64. */
const FP = 48
const PADDED_FP = 64
const PADDING = PADDED_FP - FP
/** Bytes of points in EIP-2537 form. */
export const EIP2537_G1_BYTES = 2 * PADDED_FP
export const EIP2537_G2_BYTES = 4 * PADDED_FP
/** EIP-2537 writes an element of Fp2 as c0‖c1; blst's uncompressed form is c1‖c0. The swap is its own inverse. */
const G2_ORDER = [1, 0, 3, 2] as const
const G1_ORDER = [0, 1] as const

/** EIP-2537 G1 point, 128 bytes: x, y, each padded to 64 bytes big-endian. */
export function encodeG1(publicKey: PublicKey): Uint8Array {
  return pad(publicKey.toBytes(false), G1_ORDER)
}

/** EIP-2537 G2 point, 256 bytes: x.c0, x.c1, y.c0, y.c1, each padded to 64 bytes big-endian. */
export function encodeG2(signature: Signature): Uint8Array {
  return pad(signature.toBytes(false), G2_ORDER)
}

/**
 * A validated public key from the contracts' forms: 96 bytes (rows of an epoch) or 128 (EIP-2537).
 * @throws LariatError `bls.invalid-key`
 */
export function decodeG1(bytes: Uint8Array): PublicKey {
  if (bytes.length === 2 * FP) return publicKeyFromBytes(bytes)
  if (bytes.length !== EIP2537_G1_BYTES) throw invalidKey(`it has ${bytes.length} bytes, not 96 or 128`)
  const limbs = unpad(bytes, G1_ORDER)
  if (limbs === undefined) throw invalidKey('its EIP-2537 padding is not zero')
  return publicKeyFromBytes(limbs)
}

/** A validated signature from its EIP-2537 form, 256 bytes. @throws LariatError `bls.invalid-signature` */
export function decodeG2(bytes: Uint8Array): Signature {
  if (bytes.length !== EIP2537_G2_BYTES) throw invalidSignature(`it has ${bytes.length} bytes, not 256`)
  const limbs = unpad(bytes, G2_ORDER)
  if (limbs === undefined) throw invalidSignature('its EIP-2537 padding is not zero')
  return decodeSignature(limbs)
}

function pad(limbs: Uint8Array, order: readonly number[]): Uint8Array {
  const padded = new Uint8Array(order.length * PADDED_FP)
  for (const [to, from] of order.entries()) {
    padded.set(limbs.subarray(from * FP, (from + 1) * FP), to * PADDED_FP + PADDING)
  }
  return padded
}

/** Undefined when padding is not zero or a limb has flag bits, which only serialised points may have. */
function unpad(padded: Uint8Array, order: readonly number[]): Uint8Array | undefined {
  const limbs = new Uint8Array(order.length * FP)
  for (const [from, to] of order.entries()) {
    const start = from * PADDED_FP
    if (padded.subarray(start, start + PADDING).some((byte) => byte !== 0)) return undefined
    const limb = padded.subarray(start + PADDING, start + PADDED_FP)
    if (((limb[0] ?? 0) & 0xe0) !== 0) return undefined
    limbs.set(limb, to * FP)
  }
  return limbs
}
