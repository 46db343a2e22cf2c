import assert from 'node:assert/strict'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import fc from 'fast-check'
import { findInvalid } from '../../../src/bls/blame.ts'
import { type PublicKey, type Signature, signatureFromBytes, signatureToBytes } from '../../../src/bls/keys.ts'
import { derivePublicKey, secretFromEntropy, signerOf } from '../../../src/bls/secret/key.ts'
import {
  aggregateSignatures,
  type Share,
  verify,
  verifyAggregate,
  verifyDistinct,
  verifySameMessage,
} from '../../../src/bls/verify.ts'

interface Signer {
  publicKey: PublicKey
  sign: (digest: Uint8Array) => Signature
}

const digest = new Uint8Array(32).fill(0x11)
const other = new Uint8Array(32).fill(0x22)
const signers: Signer[] = Array.from({ length: 16 }, (_, i) => {
  const secret = secretFromEntropy(new Uint8Array(32).fill(i + 1))
  const sign = signerOf(secret)
  return { publicKey: derivePublicKey(secret), sign: (message) => signatureFromBytes(sign(message)) }
})
const [a, b] = signers as [Signer, Signer, ...Signer[]]
const share = (signer: Signer, message = digest): Share => ({
  publicKey: signer.publicKey,
  signature: signer.sign(message),
})

describe('bls verification', () => {
  it('verifies one signature', () => {
    assert.ok(verify(digest, a.publicKey, a.sign(digest)))
    assert.equal(verify(other, a.publicKey, a.sign(digest)), false)
    assert.equal(verify(digest, b.publicKey, a.sign(digest)), false)
  })

  it('verifies an aggregate of exactly its keys', () => {
    const keys = signers.map((signer) => signer.publicKey)
    const sum = aggregateSignatures(signers.map((signer) => signer.sign(digest)))
    assert.ok(verifyAggregate(digest, keys, sum))
    assert.equal(verifyAggregate(digest, keys.slice(1), sum), false)
    assert.equal(verifyAggregate(digest, [...keys, a.publicKey], sum), false)
    assert.equal(verifyAggregate(other, keys, sum), false)
    assert.equal(verifyAggregate(digest, [], sum), false)
    assert.throws(() => aggregateSignatures([]), RangeError)
  })

  for (const size of [1, 2, 16]) {
    it(`verifies ${size} shares of one message, as bytes and as objects`, () => {
      const shares = signers.slice(0, size).map((signer) => share(signer))
      const raw = shares.map(({ publicKey, signature }) => ({
        publicKey,
        signature: signatureToBytes(signature as Signature),
      }))
      assert.ok(verifySameMessage(digest, shares))
      assert.ok(verifySameMessage(digest, raw))
      assert.equal(verifySameMessage(other, shares), false)
      assert.equal(verifySameMessage(digest, [...shares.slice(1), share(a, other)]), false)
    })
    it(`verifies ${size} signatures of messages of their own`, () => {
      const signed = signers.slice(0, size).map((signer, i) => {
        const message = new Uint8Array(32).fill(i)
        return { digest: message, publicKey: signer.publicKey, signature: signer.sign(message) }
      })
      assert.ok(verifyDistinct(signed))
      assert.equal(verifyDistinct(signed.map((entry) => ({ ...entry, digest }))), false)
    })
  }

  it('accepts no empty batch', () => {
    assert.equal(verifySameMessage(digest, []), false)
    assert.equal(verifyDistinct([]), false)
  })

  it('sees shares that cancel out, which a plain aggregate does not', () => {
    const offset = bls12_381.G2.Point.BASE.multiply(12345n)
    const shift = (signature: Signature, by: typeof offset) =>
      signatureFromBytes(bls12_381.G2.Point.fromBytes(signatureToBytes(signature)).add(by).toBytes(true))
    const bad = [
      { publicKey: a.publicKey, signature: shift(a.sign(digest), offset) },
      { publicKey: b.publicKey, signature: shift(b.sign(digest), offset.negate()) },
    ]
    const keys = [a.publicKey, b.publicKey]
    assert.ok(verifyAggregate(digest, keys, aggregateSignatures(bad.map(({ signature }) => signature))))
    assert.equal(verifySameMessage(digest, bad), false)
    assert.equal(verifyDistinct(bad.map((entry) => ({ ...entry, digest }))), false)
    const all = [...bad, ...signers.slice(2).map((signer) => share(signer))]
    const blame = findInvalid(all, (subset) => verifySameMessage(digest, subset), 32)
    assert.deepEqual(blame, { invalid: [0, 1], exhausted: false })
  })
})

describe('findInvalid', () => {
  it('finds exactly the bad ones, within 2·k·log2(n) + 1 checks', () => {
    const seed = Number(process.env.FC_SEED ?? Date.now() & 0x7fffffff)
    console.log(`      fast-check seed ${seed} (FC_SEED repeats it)`)
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (good) => {
        let checks = 0
        const check = (subset: readonly boolean[]) => {
          checks++
          assert.ok(subset.length > 0)
          return subset.every((ok) => ok)
        }
        const { invalid, exhausted } = findInvalid(good, check, 1000)
        assert.equal(exhausted, false)
        assert.deepEqual(
          invalid,
          [...good.keys()].filter((i) => !good[i]),
        )
        const bound = Math.ceil(Math.log2(Math.max(2, good.length)))
        assert.ok(checks <= 1 + 2 * invalid.length * bound, `${checks} checks for ${invalid.length} of ${good.length}`)
      }),
      { seed, numRuns: 300 },
    )
  })

  it('stops at maxChecks and blames nobody wrongly', () => {
    for (let max = 1; max < 40; max++) {
      let checks = 0
      const shares = Array.from({ length: 32 }, (_, i) => i % 3 !== 0)
      const { invalid, exhausted } = findInvalid(shares, (subset) => ++checks > 0 && subset.every((ok) => ok), max)
      assert.ok(checks <= max)
      assert.ok(invalid.every((i) => shares[i] === false))
      assert.equal(exhausted, invalid.length < 11)
    }
  })
})
