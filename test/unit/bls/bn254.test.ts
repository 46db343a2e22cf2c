import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { bn254 } from '@noble/curves/bn254.js'
import fc from 'fast-check'
import {
  BN254_ORDER,
  decodeBn254G1,
  decodeBn254G2,
  encodeBn254G1,
  hashToBn254G1,
  verifyBn254,
} from '../../../src/bls/bn254.ts'
import { bn254SecretFromEntropy, deriveBn254Key, signBn254 } from '../../../src/bls/secret/bn254.ts'
import { LariatError } from '../../../src/util/errors.ts'
import { bigToBytes, bytesToHex, type Hex, hexToBytes } from '../../../src/util/hex.ts'

const { keys } = JSON.parse(readFileSync(new URL('../../vectors/bn254-keys.json', import.meta.url), 'utf8')) as {
  keys: { secret: Hex; keyData: Hex; digest: Hex; hash: Hex; signature: Hex }[]
}
const hasCode = (code: string) => (error: unknown) => error instanceof LariatError && error.code === code

describe('BN254 keys', function () {
  this.timeout(60_000) // pairings take 60 ms on an idle machine

  it('give keys, hashes and signatures of the vector', () => {
    for (const { secret, keyData, digest, hash, signature } of keys) {
      assert.equal(bytesToHex(deriveBn254Key(hexToBytes(secret))), keyData)
      assert.equal(bytesToHex(encodeBn254G1(hashToBn254G1(hexToBytes(digest)))), hash)
      assert.equal(bytesToHex(signBn254(hexToBytes(secret), hexToBytes(digest))), signature)
      assert.ok(verifyBn254(hexToBytes(keyData), hexToBytes(digest), hexToBytes(signature)))
    }
  })

  it('have EIP-197’s order of coordinates: the generator of its text', () => {
    const [, , x1, x0, y1, y0] = [0, 1, 2, 3, 4, 5].map((i) =>
      BigInt(bytesToHex(deriveBn254Key(bigToBytes(1n, 32)).subarray(i * 32, (i + 1) * 32))),
    )
    assert.equal(x1, 11559732032986387107991004021392285783925812861821192530917403151452391805634n)
    assert.equal(x0, 10857046999023057135944570762232829481370756359578518086990519993285655852781n)
    assert.equal(y1, 4082367875863433681332203403145435568316851327593401208105741076214120093531n)
    assert.equal(y0, 8495653923123431417604973247489272438418190587263600148770280649306958101930n)
  })

  it('sign nothing that another key, digest or G2 point would pass for', () => {
    const [one, two] = [hexToBytes(keys[1]?.keyData ?? '0x'), hexToBytes(keys[2]?.keyData ?? '0x')]
    const digest = hexToBytes(keys[1]?.digest ?? '0x')
    const signature = hexToBytes(keys[1]?.signature ?? '0x')
    assert.equal(verifyBn254(two, digest, signature), false)
    assert.equal(verifyBn254(one, new Uint8Array(32), signature), false)
    const mixed = Buffer.concat([one.subarray(0, 64), two.subarray(64)])
    assert.equal(verifyBn254(mixed, digest, signature), false)
    const mixedOtherWay = Buffer.concat([two.subarray(0, 64), one.subarray(64)])
    assert.equal(verifyBn254(mixedOtherWay, digest, signature), false)
  })

  it('hash every digest to the curve', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (digest) => {
        hashToBn254G1(digest).assertValidity()
      }),
      { numRuns: 50 },
    )
    // x starts over below p
    const order = bn254.fields.Fp.ORDER
    assert.deepEqual(
      encodeBn254G1(hashToBn254G1(bigToBytes(order + 5n, 32))),
      encodeBn254G1(hashToBn254G1(bigToBytes(5n, 32))),
    )
  })

  it('refuse bytes that are no point', () => {
    const key = hexToBytes(keys[2]?.keyData ?? '0x')
    const off = Uint8Array.from(key)
    off[63] = (off[63] ?? 0) ^ 1
    off[191] = (off[191] ?? 0) ^ 1
    const big = Buffer.concat([bigToBytes(bn254.fields.Fp.ORDER + 1n, 32), bigToBytes(2n, 32)])
    for (const bytes of [off.subarray(0, 64), new Uint8Array(64), new Uint8Array(63), big]) {
      assert.throws(() => decodeBn254G1(bytes), hasCode('bn254.invalid-point'))
    }
    for (const bytes of [off, new Uint8Array(192), key.subarray(1)]) {
      assert.throws(() => decodeBn254G2(bytes), hasCode('bn254.invalid-point'))
    }
  })

  it('refuse secrets outside of the order, and show none', () => {
    for (const secret of [0n, BN254_ORDER, BN254_ORDER + 1n]) {
      assert.throws(() => deriveBn254Key(bigToBytes(secret, 32)), hasCode('bn254.invalid-secret'))
    }
    assert.throws(() => signBn254(new Uint8Array(31).fill(1), new Uint8Array(32)), hasCode('bn254.invalid-secret'))
    assert.throws(() => bn254SecretFromEntropy(new Uint8Array(47)), RangeError)
    const least = bn254SecretFromEntropy(new Uint8Array(48))
    assert.equal(BigInt(bytesToHex(least)), 1n)
    const most = bn254SecretFromEntropy(bigToBytes(BN254_ORDER - 2n, 48))
    assert.equal(BigInt(bytesToHex(most)), BN254_ORDER - 1n)
  })
})
