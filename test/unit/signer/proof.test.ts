import assert from 'node:assert/strict'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { decodeG1, decodeG2 } from '../../../src/bls/eip2537.ts'
import { publicKeyToBytes } from '../../../src/bls/keys.ts'
import { verifyPossession } from '../../../src/bls/pop.ts'
import { POSSESSION_TAG } from '../../../src/bls/tags.ts'
import { proveRegistration } from '../../../src/signer/proof.ts'
import { blsPublicKey } from '../../../src/signer/secrets.ts'
import { registrationDigest } from '../../../src/types/digest.ts'
import { bigToBytes } from '../../../src/util/hex.ts'
import { domain, operator, secret } from './fixtures.ts'

describe('proof of possession for a registration', () => {
  const { publicKey, proofOfPossession } = proveRegistration(secret, domain, operator)
  const digest = registrationDigest(domain, operator, publicKey)

  it('is over the registration digest of its key, in EIP-2537 form', () => {
    assert.equal(publicKey.length, 128)
    assert.equal(proofOfPossession.length, 256)
    assert.deepEqual(publicKeyToBytes(decodeG1(publicKey)), blsPublicKey(secret))
    assert.ok(verifyPossession(digest, decodeG1(publicKey), decodeG2(proofOfPossession)))
  })

  it('equals what noble makes, limb by limb', () => {
    const { longSignatures } = bls12_381
    const { x, y } = longSignatures.sign(longSignatures.hash(digest, POSSESSION_TAG), secret.reveal()).toAffine()
    const expected = [x.c0, x.c1, y.c0, y.c1].flatMap((limb) => [...bigToBytes(limb, 64)])
    assert.deepEqual([...proofOfPossession], expected)
    const key = longSignatures.getPublicKey(secret.reveal()).toAffine()
    assert.deepEqual([...publicKey], [...bigToBytes(key.x, 64), ...bigToBytes(key.y, 64)])
  })

  it('holds for no other chain, ServiceManager or operator', () => {
    const other = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
    const digests = [
      registrationDigest({ ...domain, chainId: 1 }, operator, publicKey),
      registrationDigest({ ...domain, serviceManager: other }, operator, publicKey),
      registrationDigest(domain, other, publicKey),
    ]
    for (const foreign of digests) {
      assert.equal(verifyPossession(foreign, decodeG1(publicKey), decodeG2(proofOfPossession)), false)
    }
  })
})
