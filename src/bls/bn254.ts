import { bn254 } from '@noble/curves/bn254.js'
import { LariatError } from '../util/errors.ts'
import { bigToBytes, bytesToBig } from '../util/hex.ts'

const { G1, G2, fields } = bn254
const { Fp, Fr } = fields

/** A point of G1, affine: y² = x³ + 3 over the base field. */
export type Bn254G1 = InstanceType<typeof G1.Point>
export type Bn254G2 = InstanceType<typeof G2.Point>

/** Bytes of key data as EigenLayer's KeyRegistrar takes it: a point of G1 and one of G2. */
export const BN254_KEY_BYTES = 192
/** Bytes of a point of G1: x and y, 32 bytes big-endian each. */
export const BN254_G1_BYTES = 64

/** `x ‖ y`, 64 bytes. */
export function encodeBn254G1(point: Bn254G1): Uint8Array {
  const { x, y } = point.toAffine()
  return Buffer.concat([bigToBytes(x, 32), bigToBytes(y, 32)])
}

/** `g1.x g1.y g2.x.c1 g2.x.c0 g2.y.c1 g2.y.c0`, 192 bytes: EIP-197's order of coordinates. */
export function encodeBn254Key(g1: Bn254G1, g2: Bn254G2): Uint8Array {
  const { x, y } = g2.toAffine()
  return Buffer.concat([encodeBn254G1(g1), ...[x.c1, x.c0, y.c1, y.c0].map((coordinate) => bigToBytes(coordinate, 32))])
}

/** A point of G1 from its 64 bytes. @throws LariatError `bn254.invalid-point` unless it is on the curve and not infinity */
export function decodeBn254G1(bytes: Uint8Array): Bn254G1 {
  try {
    if (bytes.length !== BN254_G1_BYTES) throw new RangeError('length')
    const point = G1.Point.fromAffine({ x: coordinate(bytes, 0), y: coordinate(bytes, 1) })
    point.assertValidity()
    if (point.is0()) throw new RangeError('infinity')
    return point
  } catch (error) {
    throw invalid('of G1', error)
  }
}

/** G2 of key data. @throws LariatError `bn254.invalid-point` unless it is on the curve, in the group and not infinity */
export function decodeBn254G2(key: Uint8Array): Bn254G2 {
  try {
    if (key.length !== BN254_KEY_BYTES) throw new RangeError('length')
    const [x1, x0, y1, y0] = [2, 3, 4, 5].map((i) => coordinate(key, i)) as [bigint, bigint, bigint, bigint]
    const point = G2.Point.fromAffine({ x: { c0: x0, c1: x1 }, y: { c0: y0, c1: y1 } })
    point.assertValidity()
    if (point.is0()) throw new RangeError('infinity')
    return point
  } catch (error) {
    throw invalid('of G2', error)
  }
}

/**
 * Hash of a 32-byte digest to G1 by try and increment, as EigenLayer's BN254 library has it: the first x from the digest
 * mod p on that has a point, and of its two roots β^((p+1)/4). Not constant in time: for public digests only.
 */
export function hashToBn254G1(digest: Uint8Array): Bn254G1 {
  for (let x = Fp.create(bytesToBig(digest)); ; x = Fp.add(x, 1n)) {
    const beta = Fp.add(Fp.mul(Fp.sqr(x), x), 3n)
    const y = Fp.pow(beta, (Fp.ORDER + 1n) / 4n)
    if (Fp.eql(Fp.sqr(y), beta)) return G1.Point.fromAffine({ x, y })
  }
}

/**
 * Whether `signature` (64 bytes) signs `digest` under `key` (192 bytes), and the key's two points are of one secret. As the
 * KeyRegistrar checks it; 60 ms, once in a key's life.
 * @throws LariatError `bn254.invalid-point`
 */
export function verifyBn254(key: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  const g1 = decodeBn254G1(key.subarray(0, BN254_G1_BYTES))
  const g2 = decodeBn254G2(key)
  const pair = (a: Bn254G1, b: Bn254G2) => bn254.pairing(a, b)
  const { Fp12 } = fields
  return (
    Fp12.eql(pair(decodeBn254G1(signature), G2.Point.BASE), pair(hashToBn254G1(digest), g2)) &&
    Fp12.eql(pair(g1, G2.Point.BASE), pair(G1.Point.BASE, g2))
  )
}

/** Order of the groups: a secret key is in [1, r). */
export const BN254_ORDER = Fr.ORDER

function coordinate(bytes: Uint8Array, index: number): bigint {
  const value = bytesToBig(bytes.subarray(index * 32, (index + 1) * 32))
  if (value >= Fp.ORDER) throw new RangeError('not a field element')
  return value
}

function invalid(group: string, cause: unknown): LariatError {
  return new LariatError(
    'bn254.invalid-point',
    `the bytes are no BN254 point ${group}: take key data as the KeyRegistrar has it`,
    {},
    cause,
  )
}
