import assert from 'node:assert/strict'
import { encodeG1 } from '../../../../src/bls/eip2537.ts'
import { publicKeyFromBytes } from '../../../../src/bls/keys.ts'
import { findKey } from '../../../../src/node/selfcheck/registration.ts'
import type { ServiceStanding } from '../../../../src/node/selfcheck/standing.ts'
import { blsPublicKey, generateBlsSecret } from '../../../../src/signer/secrets.ts'
import { bytesToHex } from '../../../../src/util/hex.ts'

describe('the key on chain', () => {
  const [old, next] = [generateBlsSecret(), generateBlsSecret()].map(blsPublicKey) as [Uint8Array, Uint8Array]
  const standing = (key: Uint8Array | undefined) =>
    ({ key: key === undefined ? '0x' : bytesToHex(encodeG1(publicKeyFromBytes(key))) }) as ServiceStanding
  const found = (...[key, keys, inUse]: [Uint8Array | undefined, Uint8Array[], Uint8Array | undefined]) =>
    findKey('prices', standing(key), keys, inUse)?.status

  it('is well when the signer holds it, or when there is none', () => {
    assert.equal(found(old, [old], old), undefined)
    assert.equal(found(next, [old, next], old), undefined)
    assert.equal(found(undefined, [old], undefined), undefined)
  })

  it('warns, and stops nothing, while the epoch still has the key that is being replaced', () => {
    assert.equal(found(next, [old], old), 'warn')
  })

  it('fails when the epoch has it too, or has none of ours', () => {
    assert.equal(found(next, [old], next), 'fail')
    assert.equal(found(next, [old], undefined), 'fail')
  })
})
