import assert from 'node:assert/strict'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { decodeG1, decodeG2, encodeG1, encodeG2 } from '../../../src/bls/eip2537.ts'
import { publicKeyFromBytes, publicKeyToBytes, signatureFromBytes, signatureToBytes } from '../../../src/bls/keys.ts'
import { assertNative } from '../../../src/bls/native.ts'
import { verifyPossession } from '../../../src/bls/pop.ts'
import { derivePublicKey, provePossession, signerOf } from '../../../src/bls/secret/key.ts'
import { POSSESSION_TAG, SIGNING_TAG } from '../../../src/bls/tags.ts'
import { aggregateSignatures, verify, verifyAggregate } from '../../../src/bls/verify.ts'
import { bigToBytes, bytesToHex, type Hex, hexToBytes } from '../../../src/util/hex.ts'
import vectors from '../../vectors/bls.json' with { type: 'json' }

const { longSignatures, G1, G2 } = bls12_381
const bytes = (hex: string) => hexToBytes(hex as Hex)

describe('bls against public vectors and @noble/curves', () => {
  const { secretKeys, publicKeys, messages } = vectors.signing

  it('runs on native blst', () => assertNative())

  it('derives public keys', () => {
    for (const [i, secret] of secretKeys.entries()) {
      assert.equal(bytesToHex(derivePublicKey(bytes(secret)).toBytes(true)), publicKeys[i])
      assert.equal(bytesToHex(longSignatures.getPublicKey(bytes(secret)).toBytes(true)), publicKeys[i])
    }
  })

  for (const { message, signatures, aggregate } of messages) {
    it(`signs and aggregates ${message.slice(0, 6)}… as published, and noble agrees both ways`, () => {
      const keys = publicKeys.map((key) => publicKeyFromBytes(bytes(key)))
      const hashed = longSignatures.hash(bytes(message), SIGNING_TAG)
      for (const [i, secret] of secretKeys.entries()) {
        const ours = signerOf(bytes(secret))(bytes(message))
        assert.equal(bytesToHex(ours), signatures[i])
        const key = keys[i]
        assert.ok(key)
        assert.ok(verify(bytes(message), key, signatureFromBytes(longSignatures.sign(hashed, bytes(secret)).toBytes())))
        assert.ok(longSignatures.verify(G2.Point.fromBytes(ours), hashed, G1.Point.fromBytes(key.toBytes(true))))
      }
      const sum = aggregateSignatures(signatures.map((signature) => signatureFromBytes(bytes(signature))))
      assert.equal(bytesToHex(signatureToBytes(sum)), aggregate)
      assert.ok(verifyAggregate(bytes(message), keys, sum))
      const nobleSum = longSignatures.aggregateSignatures(signatures.map((s) => G2.Point.fromBytes(bytes(s))))
      assert.equal(bytesToHex(nobleSum.toBytes()), aggregate)
      assert.ok(
        longSignatures.verify(
          G2.Point.fromBytes(signatureToBytes(sum)),
          hashed,
          longSignatures.aggregatePublicKeys(publicKeys.map((key) => G1.Point.fromBytes(bytes(key)))),
        ),
      )
    })
  }

  it('hashes to G2 as RFC 9380 says (the hash of noble, which makes proofs of possession)', () => {
    for (const { message, x, y } of vectors.hashToG2.cases) {
      const point = longSignatures.hash(Buffer.from(message), vectors.hashToG2.tag).toAffine()
      assert.deepEqual([point.x.c0, point.x.c1, point.y.c0, point.y.c1].map(fp), [...x, ...y])
    }
  })

  it('hashes to G2 under the signing tag as noble does: the signature by the secret key 1 is the hash itself', () => {
    const one = bigToBytes(1n, 32)
    for (const { message } of messages) {
      const hashed = longSignatures.hash(bytes(message), SIGNING_TAG).toBytes()
      assert.equal(bytesToHex(signerOf(one)(bytes(message))), bytesToHex(hashed))
    }
  })

  it('hashes to G2 under the possession tag and proves possession as published', () => {
    const { secretKey, message, proof } = vectors.possession
    const key = derivePublicKey(bytes(secretKey))
    const ours = provePossession(bytes(secretKey), bytes(message))
    assert.equal(bytesToHex(signatureToBytes(ours)), proof)
    assert.ok(verifyPossession(bytes(message), key, signatureFromBytes(bytes(proof))))
    const one = bigToBytes(1n, 32)
    const hashed = longSignatures.hash(bytes(message), POSSESSION_TAG).toBytes()
    assert.equal(bytesToHex(signatureToBytes(provePossession(one, bytes(message)))), bytesToHex(hashed))
  })

  it('keeps the two tags apart: no signature is a proof of possession', () => {
    const { secretKey, message, proof } = vectors.possession
    const key = derivePublicKey(bytes(secretKey))
    assert.equal(verify(bytes(message), key, signatureFromBytes(bytes(proof))), false)
    assert.equal(
      verifyPossession(bytes(message), key, signatureFromBytes(signerOf(bytes(secretKey))(bytes(message)))),
      false,
    )
  })

  it("writes the generators in EIP-2537's form and reads them back", () => {
    const { g1, g2 } = vectors.eip2537
    const key = publicKeyFromBytes(bytes(g1.compressed))
    assert.equal(bytesToHex(encodeG1(key)), g1.point)
    assert.equal(bytesToHex(decodeG1(bytes(g1.point)).toBytes(true)), g1.compressed)
    assert.equal(bytesToHex(decodeG1(publicKeyToBytes(key)).toBytes(true)), g1.compressed)
    assert.equal(bytesToHex(encodeG2(signatureFromBytes(bytes(g2.compressed)))), g2.point)
    assert.equal(bytesToHex(signatureToBytes(decodeG2(bytes(g2.point)))), g2.compressed)
  })
})

function fp(value: bigint): string {
  return bytesToHex(bigToBytes(value, 48))
}
