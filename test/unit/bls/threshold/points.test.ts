import assert from 'node:assert/strict'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import fc from 'fast-check'
import { combineG1, combineG2, generatorG1, generatorG2 } from '../../../../src/bls/threshold/generators.ts'
import { hashToG1, ROUND_TAG } from '../../../../src/bls/threshold/hash.ts'
import {
  compressG1,
  compressG2,
  decodeG1,
  decodeG1Unchecked,
  decodeG2,
  encodeG1,
  encodeG2,
  padPoint,
} from '../../../../src/bls/threshold/points.ts'
import { evaluateInExponent } from '../../../../src/bls/threshold/polynomial.ts'
import { evaluate, inverse, lagrangeAtZero, modOrder, ORDER, scalar } from '../../../../src/bls/threshold/scalars.ts'
import { library, startThreshold } from '../../../../src/bls/threshold/start.ts'
import { bytesToBig } from '../../../../src/util/hex.ts'

const { G1, G2, fields } = bls12_381
const secret = fc.bigInt({ min: 1n, max: ORDER - 1n })
const P = fields.Fp.ORDER

function affineG1(point: InstanceType<typeof G1.Point>): string {
  const { x, y } = point.toAffine()
  return [x, y].map((value) => value.toString(16).padStart(96, '0')).join('')
}

function affineG2(point: InstanceType<typeof G2.Point>): string {
  const { x, y } = point.toAffine()
  return [x.c0, x.c1, y.c0, y.c1].map((value) => value.toString(16).padStart(96, '0')).join('')
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))

/** A point of the curve y² = x³ + 4 outside the subgroup, affine; nearly every one is. */
function strayG1(): string {
  const { Fp } = fields
  for (let x = 1n; ; x++) {
    const point = attempt(() => G1.Point.fromAffine({ x, y: Fp.sqrt(x ** 3n + 4n) }))
    if (point !== undefined && !point.isTorsionFree()) return affineG1(point)
  }
}

/** The same of y² = x³ + 4·(1 + i). */
function strayG2(): string {
  const { Fp2 } = fields
  for (let c0 = 1n; ; c0++) {
    const x = Fp2.create({ c0, c1: 0n })
    const square = Fp2.add(Fp2.mul(Fp2.sqr(x), x), Fp2.create({ c0: 4n, c1: 4n }))
    const point = attempt(() => G2.Point.fromAffine({ x, y: Fp2.sqrt(square) }))
    if (point !== undefined && !point.isTorsionFree()) return affineG2(point)
  }
}

/** Undefined where there is no point of an x. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}

/** The compressed form of affine bytes of G1. */
function compressed(affine: Uint8Array): Uint8Array {
  const form = affine.slice(0, 48)
  const larger = bytesToBig(affine.subarray(48)) > (P - 1n) / 2n
  form[0] = (form[0] ?? 0) | (larger ? 0xa0 : 0x80)
  return form
}

const refused = { code: 'bls.invalid-point' }

describe('points of threshold keys', function () {
  this.timeout(60_000)
  before(startThreshold)

  it('are written as @noble/curves writes them, and read back from every form', () => {
    fc.assert(
      fc.property(secret, (k) => {
        const [p, q] = [G1.Point.BASE.multiply(k), G2.Point.BASE.multiply(k)]
        const [a, b] = [combineG1([generatorG1()], [k]), combineG2([generatorG2()], [k])]
        assert.equal(hex(compressG1(a)), p.toHex(true))
        assert.equal(hex(encodeG1(a)), affineG1(p))
        assert.equal(hex(compressG2(b)), q.toHex(true))
        assert.equal(hex(encodeG2(b)), affineG2(q))
        for (const form of [compressG1(a), encodeG1(a), padPoint(encodeG1(a))]) assert.ok(decodeG1(form).isEqual(a))
        for (const form of [compressG2(b), encodeG2(b), padPoint(encodeG2(b))]) assert.ok(decodeG2(form).isEqual(b))
        assert.ok(decodeG1Unchecked(compressG1(a)).isEqual(a))
      }),
      { numRuns: 15 },
    )
  })

  it('hash a message as @noble/curves does under drand’s tag', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (message) => {
        const expected = bls12_381.shortSignatures.hash(Uint8Array.from(message), ROUND_TAG)
        assert.equal(hex(compressG1(hashToG1(message))), expected.toHex(true))
      }),
      { numRuns: 10 },
    )
  })

  it('are refused at infinity, in every form', () => {
    const zeros = (count: number) => new Uint8Array(count)
    const infinity = (count: number) => {
      const form = zeros(count)
      form[0] = 0xc0
      return form
    }
    for (const form of [infinity(48), zeros(96), zeros(128)]) {
      assert.throws(() => decodeG1(form), refused)
      assert.throws(() => decodeG1Unchecked(form), refused)
    }
    const marked = zeros(96)
    marked[0] = 0x40
    assert.throws(() => decodeG1(marked), refused)
    assert.throws(() => decodeG1Unchecked(marked), refused)
    for (const form of [infinity(96), zeros(192), zeros(256)]) assert.throws(() => decodeG2(form), refused)
    const none = combineG1([generatorG1()], [0n])
    assert.throws(() => compressG1(none), refused)
    assert.throws(() => encodeG1(none), refused)
    const none2 = combineG2([generatorG2()], [0n])
    assert.throws(() => compressG2(none2), refused)
    assert.throws(() => encodeG2(none2), refused)
  })

  it('are refused outside the subgroup, but where a sum is validated', () => {
    const [a, b] = [bytes(strayG1()), bytes(strayG2())]
    for (const form of [a, padPoint(a), compressed(a)]) {
      assert.throws(() => decodeG1(form), refused)
      assert.ok(decodeG1Unchecked(form))
    }
    assert.throws(() => decodeG2(b), refused)
    assert.throws(() => decodeG2(padPoint(b)), refused)
  })

  it('are refused when a coordinate is not canonical', () => {
    const [a, b] = [encodeG1(generatorG1()), encodeG2(generatorG2())]
    const plusP = (form: Uint8Array, index: number) => {
      const changed = form.slice()
      const value = bytesToBig(form.subarray(index * 48, (index + 1) * 48)) + P
      changed.set(bytes(value.toString(16).padStart(96, '0')), index * 48)
      return changed
    }
    for (const index of [0, 1]) {
      assert.throws(() => decodeG1(plusP(a, index)), refused)
      assert.throws(() => decodeG1(padPoint(plusP(a, index))), refused)
    }
    for (const index of [0, 1, 2, 3]) {
      assert.throws(() => decodeG2(plusP(b, index)), refused)
      assert.throws(() => decodeG2(padPoint(plusP(b, index))), refused)
    }
    for (const [form, decode] of [
      [padPoint(a), decodeG1],
      [padPoint(b), decodeG2],
    ] as const) {
      const padded = form.slice()
      padded[5] = 1
      assert.throws(() => decode(padded), refused)
    }
    for (const bit of [0x20, 0x40, 0x80]) {
      const flagged = b.slice()
      flagged[0] = (flagged[0] ?? 0) | bit
      assert.throws(() => decodeG2(flagged), refused)
      const flagged1 = a.slice()
      flagged1[0] = (flagged1[0] ?? 0) | bit
      assert.throws(() => decodeG1(flagged1), refused)
    }
  })

  it('are refused off the curve and at other lengths', () => {
    for (const [form, decode] of [
      [encodeG1(generatorG1()), decodeG1],
      [encodeG2(generatorG2()), decodeG2],
    ] as const) {
      const off = form.slice()
      off[off.length - 1] = (off[off.length - 1] ?? 0) ^ 1
      assert.throws(() => decode(off), refused)
      assert.throws(() => decode(form.subarray(1)), refused)
      assert.throws(() => decode(new Uint8Array()), refused)
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        assert.throws(() => decodeG1(noise), refused)
        assert.throws(() => decodeG2(noise), refused)
      }),
    )
  })
})

describe('scalars of threshold keys', function () {
  this.timeout(60_000)
  before(startThreshold)

  it('have the order and the arithmetic of @noble/curves', () => {
    const { Fr } = fields
    assert.equal(ORDER, Fr.ORDER)
    fc.assert(
      fc.property(fc.bigInt({ min: -(1n << 300n), max: 1n << 300n }), secret, (value, k) => {
        assert.equal(modOrder(value), Fr.create(value))
        assert.equal(inverse(k), Fr.inv(k))
        assert.equal(BigInt(`0x${hex(scalar(value).serialize())}`), Fr.create(value))
      }),
    )
    assert.throws(() => inverse(0n), RangeError)
    assert.throws(() => inverse(ORDER), RangeError)
  })

  it('interpolate a polynomial at 0 from any of its values', () => {
    fc.assert(
      fc.property(
        fc.array(secret, { minLength: 1, maxLength: 8 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 65_536 }), { minLength: 8, maxLength: 12 }),
        (coefficients, points) => {
          const xs = points.map(BigInt)
          const factors = lagrangeAtZero(xs)
          const sum = xs.reduce((all, x, i) => modOrder(all + (factors[i] ?? 0n) * evaluate(coefficients, x)), 0n)
          assert.equal(sum, coefficients[0])
        },
      ),
    )
    assert.throws(() => lagrangeAtZero([1n, 2n, 1n]), RangeError)
    assert.throws(() => lagrangeAtZero([0n, 2n]), RangeError)
  })

  it('evaluate a polynomial in the exponent as in the field', () => {
    fc.assert(
      fc.property(
        fc.array(secret, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 64 }),
        (coefficients, x) => {
          const { mul } = library()
          const commitments = coefficients.map((one) => mul(generatorG2(), scalar(one)))
          const expected = mul(generatorG2(), scalar(evaluate(coefficients, BigInt(x))))
          assert.ok(evaluateInExponent(commitments, x).isEqual(expected))
        },
      ),
      { numRuns: 20 },
    )
  })
})
