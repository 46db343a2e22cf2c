import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publicKeyFromBytes, signatureFromBytes } from '../../../src/bls/keys.ts'
import { verify } from '../../../src/bls/verify.ts'
import { MAX_SUCCESSORS, openKeyRing, successorOf } from '../../../src/signer/keyRing.ts'
import { createBlsKeystore } from '../../../src/signer/keystore/bls.ts'
import { createLocalSigner } from '../../../src/signer/local.ts'
import { blsPublicKey, generateBlsSecret } from '../../../src/signer/secrets.ts'
import { statementDigest } from '../../../src/types/digest.ts'
import { silentLog } from '../../../src/util/log.ts'
import { Secret } from '../../../src/util/secret.ts'
import { bytes32, domain, request, signerOptions, statement } from './fixtures.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lariat-ring-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Puts a keystore `name`.json with its password beside it; returns its public key. */
async function put(name: string, secret = generateBlsSecret()): Promise<Uint8Array> {
  const password = new Secret<string>(`password of ${name}`)
  writeFileSync(join(folder, `${name}.password`), password.reveal(), { mode: 0o600 })
  await createBlsKeystore({ file: join(folder, `${name}.json`), password, secret, strength: 'devnet' })
  return blsPublicKey(secret)
}
const locate = (name: string) => ({
  keystore: join(folder, `${name}.json`),
  passwordFile: join(folder, `${name}.password`),
})

describe('the ring of BLS keys', () => {
  it('knows which keystore follows which', () => {
    const names = {
      'bls.json': 'bls-2',
      'bls-2.json': 'bls-3',
      'a-b-9.json': 'a-b-10',
      'key.v2.json': 'key.v2-2',
      k: 'k-2',
    }
    for (const [name, next] of Object.entries(names)) {
      assert.deepEqual(successorOf(`/keys/${name}`), {
        keystore: `/keys/${next}.json`,
        passwordFile: `/keys/${next}.password`,
      })
    }
  })

  it('opens the configured key and those that follow, and later ones by reload', async () => {
    const keys = [await put('bls'), await put('bls-2')]
    const ring = await openKeyRing(locate('bls'), silentLog)
    const open = () => ring.keys().map(({ publicKey }) => publicKey)
    assert.deepEqual(open(), keys)
    assert.equal(await ring.reload(), 0)
    keys.push(await put('bls-3'))
    assert.deepEqual(await Promise.all([ring.reload(), ring.reload()]), [1, 1]) // one and the same reload
    assert.deepEqual(open(), keys)
    const later = await openKeyRing(locate('bls-2'), silentLog)
    assert.deepEqual(
      later.keys().map(({ publicKey }) => publicKey),
      keys.slice(1),
    )
  })

  it('keeps what is open when one that follows cannot be opened', async () => {
    const first = await put('bls')
    const ring = await openKeyRing(locate('bls'), silentLog)
    await put('bls-2')
    writeFileSync(locate('bls-2').passwordFile, 'wrong')
    await assert.rejects(ring.reload(), { code: 'keystore.wrong-password' })
    assert.deepEqual(
      ring.keys().map(({ publicKey }) => publicKey),
      [first],
    )
    writeFileSync(locate('bls-2').passwordFile, 'password of bls-2')
    assert.equal(await ring.reload(), 1)
  })

  it('refuses a key that is there twice, and a chain without end', async () => {
    const secret = generateBlsSecret()
    await put('bls', secret)
    await put('bls-2', secret)
    await assert.rejects(openKeyRing(locate('bls'), silentLog), { code: 'keystore.mismatch' })
    for (let i = 0; i <= MAX_SUCCESSORS + 1; i++) await put(i === 0 ? 'k' : `k-${i + 1}`)
    await assert.rejects(openKeyRing(locate('k'), silentLog), { code: 'keystore.invalid', message: /name a later one/ })
  })
})

describe('a signer with several keys', () => {
  it('signs with the one that it is told to, the first unless told', async () => {
    const keys = [await put('bls'), await put('bls-2')]
    const ring = await openKeyRing(locate('bls'), silentLog)
    const signer = createLocalSigner(signerOptions({ secret: ring }).options)
    assert.deepEqual(signer.publicKeys(), keys)
    assert.deepEqual(signer.publicKey, keys[0])
    const digest = statementDigest(domain, statement())
    for (const publicKey of [undefined, ...keys]) {
      const signature = signatureFromBytes(await signer.sign(request({}, { publicKey })))
      const by = keys.map((key) => verify(digest, publicKeyFromBytes(key), signature))
      assert.deepEqual(by, [publicKey !== keys[1], publicKey === keys[1]])
    }
    const third = await put('bls-3')
    await assert.rejects(signer.sign(request({}, { publicKey: third })), { code: 'signer.unknown-key' })
    await ring.reload()
    await signer.sign(request({}, { publicKey: third }))
  })

  it('keeps the law whichever key signs, and records nothing that no key can sign', async () => {
    await put('bls')
    const second = await put('bls-2')
    const ring = await openKeyRing(locate('bls'), silentLog)
    const { options } = signerOptions({ secret: ring })
    const signer = createLocalSigner(options)
    await signer.sign(request())
    const other = request({ payload: bytes32(0xb), epoch: 2n }, { publicKey: second })
    await assert.rejects(signer.sign(other), { code: 'guard.conflict' })
    const unknown = blsPublicKey(generateBlsSecret())
    await assert.rejects(signer.sign(request({ slot: 101n }, { publicKey: unknown })), { code: 'signer.unknown-key' })
    await signer.sign(request({ slot: 101n, payload: bytes32(0xc) }))
  })
})
