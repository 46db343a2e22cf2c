import { bls12_381 } from '@noble/curves/bls12-381.js'
import { bigToBytes, bytesToBig } from '../../src/util/hex.ts'

/** Points of G2 as they should not be; all take and give `x.c0 ‖ x.c1 ‖ y.c0 ‖ y.c1`, 192 bytes. */

const { Fp, Fp2 } = bls12_381.fields
const COORDINATE = 48

/** One bit of y is another. */
export function notOnTheCurve(point: Uint8Array): Uint8Array {
  return point.map((byte, i) => (i === point.length - 1 ? byte ^ 1 : byte))
}

/** On the curve, y² = x³ + 4(1 + i), and not in the subgroup, whose order is a 2^-253rd of the curve's. */
export function outOfTheSubgroup(): Uint8Array {
  for (let c0 = 1n; ; c0++) {
    const x = Fp2.fromBigTuple([c0, 0n])
    const square = Fp2.add(Fp2.mul(Fp2.sqr(x), x), Fp2.fromBigTuple([4n, 4n]))
    try {
      const y = Fp2.sqrt(square)
      if (bls12_381.G2.Point.fromAffine({ x, y }).isTorsionFree()) continue
      return Buffer.concat([x.c0, x.c1, y.c0, y.c1].map((value) => bigToBytes(value, COORDINATE)))
    } catch {
      // no square: no point has this x
    }
  }
}

/** The same point with x.c0 + p in place of x.c0. */
export function pastTheModulus(point: Uint8Array): Uint8Array {
  const copy = point.slice()
  copy.set(bigToBytes(bytesToBig(point.subarray(0, COORDINATE)) + Fp.ORDER, COORDINATE))
  return copy
}
