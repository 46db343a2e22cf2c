import assert from 'node:assert/strict'
import { PublicKey as BlstPublicKey, Signature as BlstSignature } from '@chainsafe/blst'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { decodeG1, decodeG2, encodeG1, encodeG2 } from '../../../src/bls/eip2537.ts'
import { publicKeyFromBytes, publicKeyToBytes, signatureFromBytes } from '../../../src/bls/keys.ts'
import { derivePublicKey, secretFromEntropy, signerOf } from '../../../src/bls/secret/key.ts'
import { verifySameMessage } from '../../../src/bls/verify.ts'
import { LariatError } from '../../../src/util/errors.ts'
import { bigToBytes } from '../../../src/util/hex.ts'
import { offSubgroupG1, offSubgroupG2 } from './points.ts'

const secret = secretFromEntropy(new Uint8Array(32).fill(7))
const key = derivePublicKey(secret)
const signature = signerOf(secret)(new Uint8Array(32).fill(1))

describe('bls keys and signatures', () => {
  it('round trips 48 and 96 bytes', () => {
    const full = publicKeyToBytes(key)
    assert.equal(full.length, 96)
    assert.deepEqual(publicKeyToBytes(publicKeyFromBytes(full)), full)
    assert.deepEqual(publicKeyToBytes(publicKeyFromBytes(key.toBytes(true))), full)
  })

  const g1 = (first: number, size: number) => Uint8Array.of(first, ...new Uint8Array(size - 1))
  const badKeys: Record<string, Uint8Array> = {
    'no bytes': new Uint8Array(),
    'a length between': new Uint8Array(64),
    'compressed infinity': g1(0xc0, 48),
    'uncompressed infinity': g1(0x40, 96),
    'x = y = 0': new Uint8Array(96),
    'a point of the curve outside the subgroup': offSubgroupG1(),
    'an uncompressed point with the flag of a compressed one': withBits(publicKeyToBytes(key), 0x80),
    'half of an uncompressed point': publicKeyToBytes(key).slice(0, 48),
    'x not below the modulus': new Uint8Array(48).fill(0xff),
  }
  for (const [name, bytes] of Object.entries(badKeys)) {
    it(`refuses a public key: ${name}`, () => {
      assert.throws(() => publicKeyFromBytes(bytes), { name: 'LariatError', code: 'bls.invalid-key' })
    })
  }

  const badSignatures: Record<string, Uint8Array> = {
    'no bytes': new Uint8Array(),
    infinity: g1(0xc0, 96),
    zeros: new Uint8Array(96),
    'a point outside the subgroup': offSubgroupG2(),
    'the uncompressed form': decodeToUncompressed(signature),
    'a flipped bit': withBits(signature, 0, 0x01, 95),
  }
  for (const [name, bytes] of Object.entries(badSignatures)) {
    it(`refuses a signature: ${name}`, () => {
      assert.throws(() => signatureFromBytes(bytes), { name: 'LariatError', code: 'bls.invalid-signature' })
      assert.equal(verifySameMessage(new Uint8Array(32).fill(1), [{ publicKey: key, signature: bytes }]), false)
    })
  }

  it('is tried with points off the subgroup that are points of the curve', () => {
    assert.ok(BlstPublicKey.fromBytes(offSubgroupG1(), false))
    assert.ok(BlstSignature.fromBytes(offSubgroupG2(), false))
  })

  it('refuses EIP-2537 points with dirty padding, flag bits or a wrong length', () => {
    const point = encodeG1(key)
    for (const bad of [withBits(point, 0x01), withBits(point, 0, 0x80, 16), point.slice(1), new Uint8Array(128)]) {
      assert.throws(() => decodeG1(bad), { code: 'bls.invalid-key' })
    }
    const proof = encodeG2(signatureFromBytes(signature))
    for (const bad of [withBits(proof, 0x01), withBits(proof, 0, 0x80, 16), proof.slice(1), new Uint8Array(256)]) {
      assert.throws(() => decodeG2(bad), { code: 'bls.invalid-signature' })
    }
  })

  it('refuses secrets that are no scalar, without repeating them', () => {
    const order = bls12_381.fields.Fr.ORDER
    for (const bad of [new Uint8Array(32), bigToBytes(order, 32), new Uint8Array(31).fill(1), new Uint8Array(33)]) {
      for (const use of [derivePublicKey, signerOf]) {
        assert.throws(
          () => use(bad),
          (error: Error) => error instanceof LariatError && error.code === 'bls.invalid-secret' && !error.cause,
        )
      }
    }
  })
})

function withBits(bytes: Uint8Array, first: number, bits = 0, at = 0): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[0] = (copy[0] ?? 0) ^ first
  copy[at] = (copy[at] ?? 0) ^ bits
  return copy
}

function decodeToUncompressed(compressed: Uint8Array): Uint8Array {
  return bls12_381.G2.Point.fromBytes(compressed).toBytes(false)
}
