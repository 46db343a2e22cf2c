import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import fc from 'fast-check'
import { signWithShare } from '../../../../src/bls/secret/partial.ts'
import { chainHash, chainInfo } from '../../../../src/bls/threshold/chain.ts'
import { generatorG2 } from '../../../../src/bls/threshold/generators.ts'
import { combine, groupKeyBytes, openGroupKey, verifyRound } from '../../../../src/bls/threshold/group.ts'
import { hashRound, ROUND_TAG } from '../../../../src/bls/threshold/hash.ts'
import { findBadPartials, lieTogether, verifyPartial } from '../../../../src/bls/threshold/partials.ts'
import { compressG1, decodeG1, decodeG1Unchecked, encodeG2 } from '../../../../src/bls/threshold/points.ts'
import { encodePolynomial, openPolynomial, sharePublicKey } from '../../../../src/bls/threshold/polynomial.ts'
import { randomness, roundAt, roundMessage, roundTime } from '../../../../src/bls/threshold/rounds.ts'
import { evaluate, scalar } from '../../../../src/bls/threshold/scalars.ts'
import { library, startThreshold } from '../../../../src/bls/threshold/start.ts'
import type { PartialRound } from '../../../../src/bls/threshold/types.ts'
import { bytesToHex, type Hex, hexToBytes } from '../../../../src/util/hex.ts'

interface Quicknet {
  chain: {
    hash: Hex
    publicKey: Hex
    period: number
    genesis: number
    groupHash: Hex
    beaconId: string
    scheme: string
  }
  rounds: { round: number; signature: Hex; randomness: Hex; source: string }[]
}
const { chain, rounds } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../vectors/quicknet.json'), 'utf8'),
) as Quicknet
const quicknet = {
  schedule: { genesis: BigInt(chain.genesis), period: chain.period },
  publicKey: hexToBytes(chain.publicKey),
  groupHash: chain.groupHash,
  beaconId: chain.beaconId,
}

/** A polynomial of a sharing with t = 4 and m = 7, its public side, and what its shares sign. */
const SECRETS = [7_777n, 1n << 200n, 3n ** 120n, 5n ** 100n]
const ROUND = 42n
const THRESHOLD = SECRETS.length
const SHARES = 7

function sharing() {
  const { mul } = library()
  const bytes = encodePolynomial(SECRETS.map((secret) => mul(generatorG2(), scalar(secret))))
  const partials: PartialRound[] = Array.from({ length: SHARES }, (_, index) => ({
    index,
    signature: signWithShare(evaluate(SECRETS, BigInt(index + 1)), ROUND),
  }))
  return { bytes, polynomial: openPolynomial(bytes), key: openGroupKey(bytes.slice(0, 192)), partials }
}

describe('rounds of drand’s quicknet', function () {
  this.timeout(60_000)
  before(startThreshold)

  for (const { round, signature, randomness: expected } of rounds) {
    it(`verify: round ${round}`, () => {
      const key = openGroupKey(quicknet.publicKey)
      const bytes = hexToBytes(signature)
      assert.ok(verifyRound(key, BigInt(round), bytes))
      assert.equal(bytesToHex(randomness(bytes)), expected)
      assert.equal(verifyRound(key, BigInt(round) + 1n, bytes), false)
      const tampered = bytes.slice()
      tampered[47] = (tampered[47] ?? 0) ^ 1
      assert.equal(verifyRound(key, BigInt(round), tampered), false)
    })
  }

  it('verify with @noble/curves too, under the same message and tag', () => {
    const { shortSignatures, G1, G2 } = bls12_381
    const key = G2.Point.fromBytes(quicknet.publicKey)
    for (const { round, signature } of [rounds[0], rounds.at(-1)].flatMap((one) => one ?? [])) {
      const hash = shortSignatures.hash(roundMessage(BigInt(round)), ROUND_TAG)
      assert.equal(hash.toHex(true), Buffer.from(compressG1(hashRound(BigInt(round)))).toString('hex'))
      assert.ok(shortSignatures.verify(G1.Point.fromBytes(hexToBytes(signature)), hash, key))
    }
  })

  it('are judged as @noble/curves judges them, whatever is put in their place', () => {
    const { shortSignatures, G1, G2 } = bls12_381
    const key = openGroupKey(quicknet.publicKey)
    const nobleKey = G2.Point.fromBytes(quicknet.publicKey)
    const judged = (round: bigint, signature: Uint8Array): boolean => {
      try {
        const point = G1.Point.fromBytes(signature)
        point.assertValidity() // on the curve and in the subgroup, which reading does not look at
        return shortSignatures.verify(point, shortSignatures.hash(roundMessage(round), ROUND_TAG), nobleKey)
      } catch {
        return false
      }
    }
    const [one] = rounds
    if (one === undefined) throw new Error('no rounds')
    const [round, signature] = [BigInt(one.round), hexToBytes(one.signature)]
    const infinity = new Uint8Array(48)
    infinity[0] = 0xc0
    const point = decodeG1(signature)
    const { add, neg } = library()
    const signFlipped = signature.slice()
    signFlipped[0] = (signFlipped[0] ?? 0) ^ 0x20
    for (const [what, bytes, expected] of [
      ['itself', signature, true],
      ['its negative', compressG1(neg(point)), false],
      ['the other root', signFlipped, false],
      ['infinity', infinity, false],
      ['infinity with the sign of a root', infinity.map((byte, i) => (i === 0 ? 0xe0 : byte)), false],
      ['no flag of compression', signature.map((byte, i) => (i === 0 ? byte & 0x7f : byte)), false],
      ['a point outside the subgroup', compressG1(strayPoint()), false],
      ['itself and a point outside the subgroup', compressG1(add(point, strayPoint())), false],
      ['x beyond the modulus', signature.map((byte, i) => (i === 0 ? 0x9f : i < 16 ? 0xff : byte)), false],
      ['a byte too few', signature.subarray(1), false],
    ] as const) {
      assert.equal(verifyRound(key, round, Uint8Array.from(bytes)), expected, what)
      assert.equal(judged(round, Uint8Array.from(bytes)), expected, `${what}, by @noble/curves`)
    }
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 383 }), (bit) => {
        const flipped = signature.slice()
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        assert.equal(verifyRound(key, round, flipped), false)
        assert.equal(judged(round, flipped), false)
      }),
      { numRuns: 6 },
    )
  })

  it('are signed, combined and verified alike by @noble/curves, for any key and round', () => {
    const { shortSignatures, G2 } = bls12_381
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 1n << 250n }),
        fc.bigInt({ min: 1n, max: (1n << 64n) - 1n }),
        (share, round) => {
          const hash = shortSignatures.hash(roundMessage(round), ROUND_TAG)
          const expected = hash.multiply(share)
          assert.equal(Buffer.from(signWithShare(share, round)).toString('hex'), expected.toHex(true))
          const nobleKey = G2.Point.BASE.multiply(share)
          assert.ok(verifyRound(openGroupKey(nobleKey.toBytes(true)), round, expected.toBytes(true)))
          assert.ok(shortSignatures.verify(expected, hash, nobleKey))
        },
      ),
      { numRuns: 3 },
    )
  })

  it('have the published chain hash', () => {
    assert.equal(chainHash(quicknet), chain.hash)
    assert.deepEqual(chainInfo(quicknet), {
      public_key: chain.publicKey.slice(2),
      period: chain.period,
      genesis_time: chain.genesis,
      hash: chain.hash.slice(2),
      groupHash: chain.groupHash.slice(2),
      schemeID: chain.scheme,
      metadata: { beaconID: chain.beaconId },
    })
    assert.notEqual(chainHash({ ...quicknet, beaconId: 'default' }), chain.hash)
    const { beaconId: _, ...unnamed } = quicknet
    assert.equal(chainHash({ ...quicknet, beaconId: 'default' }), chainHash(unnamed))
  })

  it('are refused when they are no signature at all', () => {
    const key = openGroupKey(quicknet.publicKey)
    for (const noise of [new Uint8Array(), new Uint8Array(48), new Uint8Array(96), hexToBytes(chain.publicKey)]) {
      assert.equal(verifyRound(key, 1n, noise), false)
    }
    assert.throws(() => roundMessage(0n), RangeError)
    assert.throws(() => roundMessage(1n << 64n), RangeError)
  })
})

describe('the time of rounds', () => {
  it('has round 1 at genesis, and a round at every time after it', () => {
    const schedule = { genesis: 1_692_803_367n, period: 3 }
    assert.equal(roundTime(schedule, 1n), 1_692_803_367_000)
    assert.equal(roundAt(schedule, 1_692_803_367_000), 1n)
    assert.equal(roundAt(schedule, 1_692_803_366_999.9), 0n)
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 8n }), fc.integer({ min: 1, max: 3_600 }), (round, period) => {
        const at = { genesis: 1_692_803_367n, period }
        const time = roundTime(at, round)
        assert.equal(roundAt(at, time), round)
        assert.equal(roundAt(at, time - 1), round - 1n)
        assert.equal(roundAt(at, time + period * 1_000 - 1), round)
      }),
    )
  })
})

describe('partials', function () {
  this.timeout(120_000)
  before(startThreshold)

  it('make the one signature of the group, whichever threshold of them is combined', () => {
    const { key, partials } = sharing()
    const expected = signWithShare(SECRETS[0] ?? 0n, ROUND)
    fc.assert(
      fc.property(fc.shuffledSubarray(partials, { minLength: THRESHOLD }), (some) => {
        assert.deepEqual(combine(some, THRESHOLD), expected)
      }),
      { numRuns: 60 },
    )
    assert.ok(verifyRound(key, ROUND, expected))
    assert.equal(groupKeyBytes(key).length, 96)
  })

  it('are refused when they are too few, twice the same, or none', () => {
    const { partials } = sharing()
    const [one, two, three, four] = partials as [PartialRound, PartialRound, PartialRound, PartialRound]
    const invalid = { code: 'bls.invalid-partials' }
    assert.throws(() => combine([one, two, three], THRESHOLD), invalid)
    assert.throws(() => combine([], 0), invalid)
    assert.throws(() => combine([one, two, three, { ...four, index: one.index }], THRESHOLD), invalid)
    assert.throws(() => combine([one, two, three, { ...four, index: -1 }], THRESHOLD), invalid)
    assert.throws(() => combine([one, two, three, { ...four, signature: new Uint8Array(96) }], THRESHOLD), invalid)
    assert.throws(() => combine([one, two, three, { ...four, signature: new Uint8Array(48) }], THRESHOLD), {
      code: 'bls.invalid-point',
    })
  })

  it('hold one by one under the public key of their share', () => {
    const { polynomial, partials } = sharing()
    for (const partial of partials) {
      assert.ok(verifyPartial(polynomial, ROUND, partial))
      assert.equal(verifyPartial(polynomial, ROUND + 1n, partial), false)
      assert.equal(verifyPartial(polynomial, ROUND, { ...partial, index: (partial.index + 1) % SHARES }), false)
    }
    const expected = library().mul(generatorG2(), scalar(evaluate(SECRETS, 6n)))
    assert.ok(sharePublicKey(polynomial, 5).isEqual(expected))
    assert.equal(verifyPartial(polynomial, ROUND, { index: 0, signature: new Uint8Array(48) }), false)
  })

  it('that are bad are found, and no others', async () => {
    const { polynomial, key, partials } = sharing()
    const other = signWithShare(99n, ROUND)
    await fc.assert(
      fc.asyncProperty(fc.subarray([...partials.keys()]), async (bad) => {
        const changed = partials.map((partial, i) =>
          bad.includes(i) ? { ...partial, signature: i % 2 === 0 ? other : new Uint8Array(48) } : partial,
        )
        assert.deepEqual(await findBadPartials(polynomial, ROUND, changed, 64), { invalid: bad, exhausted: false })
      }),
      { numRuns: 12 },
    )
    const { add, sub } = library()
    const [one, two, ...rest] = partials as [PartialRound, PartialRound, ...PartialRound[]]
    const difference = decodeG1(other)
    // two that cancel out in a plain sum
    const pair = [
      { ...one, signature: compressG1(add(decodeG1(one.signature), difference)) },
      { ...two, signature: compressG1(sub(decodeG1(two.signature), difference)) },
    ]
    assert.deepEqual((await findBadPartials(polynomial, ROUND, [...pair, ...rest], 64)).invalid, [0, 1])
    assert.equal((await findBadPartials(polynomial, ROUND, [...pair, ...rest], 1)).exhausted, true)
    assert.equal(verifyRound(key, ROUND, combine([...pair, ...rest], THRESHOLD)), false)
  })

  it('lie together with the signature when all are true, and with one that is not they do not', async () => {
    const { partials } = sharing()
    const signature = signWithShare(SECRETS[0] ?? 0n, ROUND)
    const other = signWithShare(99n, ROUND)
    const stray = compressG1(library().add(decodeG1(partials[1]?.signature ?? other), strayPoint()))
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([...partials.keys()], { minLength: THRESHOLD }),
        fc.integer({ min: -1, max: SHARES - 1 }),
        fc.constantFrom(other, new Uint8Array(48), new Uint8Array(), stray),
        async (some, bad, instead) => {
          const given = some.map((index) => ({
            index,
            signature: index === bad ? instead : (partials[index]?.signature ?? other),
            used: index % 2 === 0 && index !== bad,
          }))
          assert.equal(await lieTogether(signature, given, THRESHOLD), !some.includes(bad))
          assert.equal(await lieTogether(other, given, THRESHOLD), false)
        },
      ),
      { numRuns: 40 },
    )
    // with as few as these any values lie on one polynomial: nothing can be told
    const few = partials.slice(0, THRESHOLD - 1).map((one) => ({ ...one, used: false }))
    assert.equal(await lieTogether(signature, few, THRESHOLD), false)
  })

  it('of a share outside the subgroup do not make a signature that is taken', async () => {
    const { polynomial, key, partials } = sharing()
    const stray = strayPoint()
    const [one, ...rest] = partials as [PartialRound, ...PartialRound[]]
    const added = compressG1(library().add(decodeG1(one.signature), stray))
    const changed = [{ ...one, signature: added }, ...rest]
    assert.equal(verifyRound(key, ROUND, combine(changed, THRESHOLD)), false)
    assert.deepEqual((await findBadPartials(polynomial, ROUND, changed, 64)).invalid, [0])
  })

  it('of another sharing of the same key do not mix', () => {
    const { key, partials } = sharing()
    const coefficients = [SECRETS[0] ?? 0n, 11n, 12n, 13n]
    const others = partials.map(({ index }) => ({
      index,
      signature: signWithShare(evaluate(coefficients, BigInt(index + 1)), ROUND),
    }))
    assert.deepEqual(combine(others, THRESHOLD), combine(partials, THRESHOLD))
    const mixed = [...partials.slice(0, THRESHOLD - 1), ...others.slice(THRESHOLD - 1)]
    assert.equal(verifyRound(key, ROUND, combine(mixed, THRESHOLD)), false)
  })

  it('of a polynomial that is none are refused', () => {
    const { bytes } = sharing()
    assert.throws(() => openPolynomial(bytes.slice(1)), { code: 'bls.invalid-point' })
    assert.throws(() => openPolynomial(new Uint8Array()), { code: 'bls.invalid-point' })
    assert.throws(() => openPolynomial(new Uint8Array(192)), { code: 'bls.invalid-point' })
    assert.equal(openPolynomial(bytes), openPolynomial(bytes), 'is decoded once')
    assert.equal(encodeG2(openPolynomial(bytes).coefficients[0] ?? generatorG2()).length, 192)
  })
})

/** A point of the curve y² = x³ + 4 outside the subgroup. */
function strayPoint() {
  const { Fp } = bls12_381.fields
  for (let x = 1n; ; x++) {
    const square = Fp.create(x ** 3n + 4n)
    const y = Fp.pow(square, (Fp.ORDER + 1n) / 4n) // the root, where there is one
    if (Fp.sqr(y) === square) {
      return decodeG1Unchecked(hexToBytes(`0x${[x, y].map((one) => one.toString(16).padStart(96, '0')).join('')}`))
    }
  }
}
