import { PublicKey, Signature } from '@chainsafe/blst'
import { LariatError } from '../../util/errors.ts'
import { type Fp, type G1, type G2, library } from './start.ts'

/** Bytes of a base field element, and of the same in EIP-2537's padding. */
const FP = 48
const PADDED_FP = 64
export const G1_COMPRESSED_BYTES = FP
export const G1_BYTES = 2 * FP
export const G1_PADDED_BYTES = 2 * PADDED_FP
export const G2_COMPRESSED_BYTES = 2 * FP
export const G2_BYTES = 4 * FP
export const G2_PADDED_BYTES = 4 * PADDED_FP

/** Bits of the first byte that say how a serialised point is to be read; unpadded affine points have none. */
const FLAGS = 0xe0
/** blst writes an element of Fp2 as c1 ‖ c0, contracts as c0 ‖ c1. The swap is its own inverse. */
const SWAP = [1, 0, 3, 2] as const

export type InvalidPoint = LariatError<'bls.invalid-point'>

/**
 * A point of G1 from its 48 (compressed), 96 (`x ‖ y`) or 128 bytes (EIP-2537).
 * Validated by blst: canonical, on the curve, in the subgroup, not infinity.
 * @param what names it in the error
 * @throws LariatError `bls.invalid-point`
 */
export function decodeG1(bytes: Uint8Array, what = 'point of G1'): G1 {
  return loadG1(readG1(bytes, what, true))
}

/**
 * As `decodeG1` of 48 bytes, but it may lie outside the subgroup: for what is added up and validated as a sum.
 * @throws LariatError `bls.invalid-point`
 */
export function decodeG1Unchecked(bytes: Uint8Array, what = 'point of G1'): G1 {
  return loadG1(readG1(bytes, what, false))
}

/** A point of G2 from its 96 (compressed), 192 (`x.c0 ‖ x.c1 ‖ y.c0 ‖ y.c1`) or 256 bytes (EIP-2537), validated as in `decodeG1`. */
export function decodeG2(bytes: Uint8Array, what = 'point of G2'): G2 {
  const swapped =
    bytes.length === G2_COMPRESSED_BYTES
      ? bytes
      : swap(bytes.length === G2_PADDED_BYTES ? unpad(bytes, what) : bytes, what, G2_BYTES)
  try {
    return loadG2(Signature.fromBytes(swapped, true, true).toBytes(false))
  } catch (cause) {
    throw invalid(what, 'it is not one of the subgroup other than infinity', cause)
  }
}

/** `x ‖ y`, 96 bytes. @throws LariatError `bls.invalid-point` for infinity */
export function encodeG1(point: G1, what = 'point of G1'): Uint8Array {
  if (point.isZero()) throw invalid(what, 'it is infinity')
  const affine = library().normalize(point)
  return join([affine.getX(), affine.getY()])
}

/** `x.c0 ‖ x.c1 ‖ y.c0 ‖ y.c1`, 192 bytes. @throws LariatError `bls.invalid-point` for infinity */
export function encodeG2(point: G2, what = 'point of G2'): Uint8Array {
  if (point.isZero()) throw invalid(what, 'it is infinity')
  const affine = library().normalize(point)
  const [x, y] = [affine.getX(), affine.getY()]
  return join([x.get_a(), x.get_b(), y.get_a(), y.get_b()])
}

/** 48 bytes. @throws LariatError `bls.invalid-point` for infinity */
export function compressG1(point: G1, what = 'point of G1'): Uint8Array {
  if (point.isZero()) throw invalid(what, 'it is infinity')
  return point.serialize()
}

/** 96 bytes. @throws LariatError `bls.invalid-point` for infinity */
export function compressG2(point: G2, what = 'point of G2'): Uint8Array {
  if (point.isZero()) throw invalid(what, 'it is infinity')
  return point.serialize()
}

/** EIP-2537's form of affine bytes (96 or 192): each coordinate padded to 64 bytes. */
export function padPoint(affine: Uint8Array): Uint8Array {
  const count = affine.length / FP
  const padded = new Uint8Array(count * PADDED_FP)
  for (let i = 0; i < count; i++) padded.set(affine.subarray(i * FP, (i + 1) * FP), (i + 1) * PADDED_FP - FP)
  return padded
}

function readG1(bytes: Uint8Array, what: string, subgroup: boolean): Uint8Array {
  const read = bytes.length === G1_PADDED_BYTES ? unpad(bytes, what) : bytes
  if (read.length !== G1_BYTES && read.length !== G1_COMPRESSED_BYTES) {
    throw invalid(what, `it has ${bytes.length} bytes, not 48, 96 or 128`)
  }
  try {
    const affine = PublicKey.fromBytes(read, subgroup).toBytes(false)
    if (((affine[0] ?? 0) & FLAGS) === 0) return affine // infinity has a flag
  } catch (cause) {
    throw invalid(what, 'it is not one of the subgroup other than infinity', cause)
  }
  throw invalid(what, 'it is infinity')
}

/** The field elements of a padded point. */
function unpad(padded: Uint8Array, what: string): Uint8Array {
  const count = padded.length / PADDED_FP
  const affine = new Uint8Array(count * FP)
  for (let i = 0; i < count; i++) {
    const element = padded.subarray(i * PADDED_FP, (i + 1) * PADDED_FP)
    if (element.subarray(0, PADDED_FP - FP).some((byte) => byte !== 0)) throw invalid(what, 'its padding is not zero')
    affine.set(element.subarray(PADDED_FP - FP), i * FP)
  }
  if (((affine[0] ?? 0) & FLAGS) !== 0) throw invalid(what, 'a coordinate is not below the field’s modulus')
  return affine
}

function swap(affine: Uint8Array, what: string, size: number): Uint8Array {
  if (affine.length !== size) throw invalid(what, `it has ${affine.length} bytes, not 96, 192 or 256`)
  const swapped = new Uint8Array(affine.length)
  for (const [to, from] of SWAP.entries()) swapped.set(affine.subarray(from * FP, (from + 1) * FP), to * FP)
  if (((swapped[0] ?? 0) & FLAGS) !== 0) throw invalid(what, 'a coordinate is not below the field’s modulus')
  return swapped
}

function loadG1(affine: Uint8Array): G1 {
  const point = new (library().G1)()
  point.setX(element(affine, 0))
  point.setY(element(affine, 1))
  point.setZ(one())
  return point
}

/** @param affine in blst's order */
function loadG2(affine: Uint8Array): G2 {
  const { G2 } = library()
  const point = new G2()
  point.setX(element2(affine, 1, 0))
  point.setY(element2(affine, 3, 2))
  const z = new (library().Fp2)()
  z.set_a(one())
  z.set_b(zero())
  point.setZ(z)
  return point
}

function element(bytes: Uint8Array, index: number): Fp {
  const result = new (library().Fp)()
  result.deserialize(bytes.subarray(index * FP, (index + 1) * FP))
  return result
}

function element2(bytes: Uint8Array, c0: number, c1: number) {
  const result = new (library().Fp2)()
  result.set_a(element(bytes, c0))
  result.set_b(element(bytes, c1))
  return result
}

function one(): Fp {
  const result = new (library().Fp)()
  result.setInt(1)
  return result
}

function zero(): Fp {
  const result = new (library().Fp)()
  result.setInt(0)
  return result
}

function join(elements: readonly Fp[]): Uint8Array {
  const bytes = new Uint8Array(elements.length * FP)
  for (const [i, value] of elements.entries()) bytes.set(value.serialize(), i * FP)
  return bytes
}

function invalid(what: string, why: string, cause?: unknown): InvalidPoint {
  return new LariatError('bls.invalid-point', `${what} refused: ${why}`, {}, cause)
}
