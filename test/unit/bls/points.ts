import { bls12_381 } from '@noble/curves/bls12-381.js'
import { bigToBytes } from '../../../src/util/hex.ts'

const { G1, G2, fields } = bls12_381

/** A point of the curve E1 outside the subgroup of order r, compressed, 48 bytes. */
export function offSubgroupG1(): Uint8Array {
  const { Fp } = fields
  for (let x = 1n; ; x++) {
    const ySquared = Fp.add(Fp.pow(x, 3n), 4n)
    let y: bigint
    try {
      y = Fp.sqrt(ySquared)
    } catch {
      continue
    }
    const point = G1.Point.fromAffine({ x, y })
    if (!point.isTorsionFree()) {
      const bytes = bigToBytes(x, 48)
      bytes[0] = 0x80 | (y * 2n > Fp.ORDER ? 0x20 : 0)
      return bytes
    }
  }
}

/** A point of the curve E2 outside the subgroup of order r, compressed, 96 bytes. */
export function offSubgroupG2(): Uint8Array {
  const { Fp2 } = fields
  const b = Fp2.fromBigTuple([4n, 4n])
  for (let c0 = 1n; ; c0++) {
    const x = Fp2.fromBigTuple([c0, 1n])
    let y: ReturnType<typeof Fp2.sqrt>
    try {
      y = Fp2.sqrt(Fp2.add(Fp2.pow(x, 3n), b))
    } catch {
      continue
    }
    const point = G2.Point.fromAffine({ x, y })
    if (!point.isTorsionFree()) {
      const bytes = Uint8Array.of(...bigToBytes(x.c1, 48), ...bigToBytes(x.c0, 48))
      bytes[0] = 0x80 // either sign of y will do
      return bytes
    }
  }
}
