import assert from 'node:assert/strict'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { publicKeyFromBytes, signatureFromBytes } from '../../../src/bls/keys.ts'
import { SIGNING_TAG } from '../../../src/bls/tags.ts'
import { verify } from '../../../src/bls/verify.ts'
import { createLocalSigner } from '../../../src/signer/local.ts'
import { blsPublicKey, blsSecretFromSeed, generateBlsSecret } from '../../../src/signer/secrets.ts'
import { statementDigest } from '../../../src/types/digest.ts'
import { Kind } from '../../../src/types/statement.ts'
import { Secret } from '../../../src/util/secret.ts'
import { bytes32, domain, metricValue, operator, request, secret, signerOptions, statement } from './fixtures.ts'

describe('local signer', () => {
  it('signs the digest of the statement under the domain: blst and noble agree', async () => {
    const { options } = signerOptions()
    const signer = createLocalSigner(options)
    assert.equal(signer.operator, operator)
    assert.deepEqual(signer.publicKey, blsPublicKey(secret))
    assert.equal(signer.publicKey.length, 96)
    const signature = await signer.sign(request())
    const digest = statementDigest(domain, statement())
    assert.ok(verify(digest, publicKeyFromBytes(signer.publicKey), signatureFromBytes(signature)))
    const { longSignatures } = bls12_381
    assert.ok(longSignatures.verify(signature, longSignatures.hash(digest, SIGNING_TAG), blsPoint(signer.publicKey)))
  })

  it('repeats a signature, and refuses the second payload', async () => {
    const { options, metrics } = signerOptions()
    const signer = createLocalSigner(options)
    const first = await signer.sign(request())
    assert.deepEqual(await signer.sign(request()), first)
    await assert.rejects(signer.sign(request({ payload: bytes32(0xb) })), { code: 'guard.conflict' })
    await signer.sign(request({ kind: Kind.observe }))
    assert.equal(await metricValue(metrics, 'lariat_guard_signatures_total{kind="certify"}'), 2)
    assert.equal(await metricValue(metrics, 'lariat_guard_signatures_total{kind="observe"}'), 1)
    assert.equal(await metricValue(metrics, 'lariat_guard_write_seconds_count'), 4)
  })

  it('two signers on one record keep the law between them', async () => {
    const { options } = signerOptions()
    const [a, b] = [createLocalSigner(options), createLocalSigner(options)]
    await a.sign(request())
    await assert.rejects(b.sign(request({ payload: bytes32(0xb) })), { code: 'guard.conflict' })
  })

  it('makes secrets that are valid, fresh, and repeat with a seed', () => {
    const seed = new Uint8Array(32).fill(9)
    assert.deepEqual(blsPublicKey(blsSecretFromSeed(seed)), blsPublicKey(secret))
    assert.notDeepEqual(generateBlsSecret().reveal(), generateBlsSecret().reveal())
    assert.equal(blsPublicKey(generateBlsSecret()).length, 96)
  })

  it('refuses a secret that is none', () => {
    const { options } = signerOptions({ secret: new Secret(new Uint8Array(32)) })
    assert.throws(() => createLocalSigner(options), { code: 'bls.invalid-secret' })
  })
})

function blsPoint(uncompressed: Uint8Array) {
  return bls12_381.G1.Point.fromBytes(publicKeyFromBytes(uncompressed).toBytes(true))
}
