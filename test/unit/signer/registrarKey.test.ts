import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getAddress, recoverAddress } from 'viem'
import { verifyBn254 } from '../../../src/bls/bn254.ts'
import { keyRegistrationDigest, registrarKeyHash } from '../../../src/chain/keyRegistration.ts'
import { createEcdsaKeystore, generateEcdsaSecret } from '../../../src/signer/ecdsa.ts'
import { createBlsKeystore } from '../../../src/signer/keystore/bls.ts'
import { createBn254Keystore, openBn254Keystore } from '../../../src/signer/keystore/bn254.ts'
import { bn254KeyData, generateBn254Secret, openRegistrarKey } from '../../../src/signer/registrarKey.ts'
import { generateBlsSecret } from '../../../src/signer/secrets.ts'
import { LariatError } from '../../../src/util/errors.ts'
import { bytesToHex, hexToBytes } from '../../../src/util/hex.ts'
import { silentLog } from '../../../src/util/log.ts'
import { Secret } from '../../../src/util/secret.ts'

const password = new Secret<string>('correct horse battery staple')
const subject = {
  chainId: 31_337,
  keyRegistrar: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
  version: '1.12.0',
  operator: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  set: { avs: '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC', id: 7 },
} as const
const hasCode = (code: string) => (error: unknown) => error instanceof LariatError && error.code === code

describe('keys for the KeyRegistrar', function () {
  this.timeout(30_000)
  let folder = ''
  const path = (name: string) => join(folder, name)
  const location = (name: string) => {
    writeFileSync(path('password'), password.reveal(), { mode: 0o600 })
    return { keystore: path(name), passwordFile: path('password') }
  }
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lariat-keys-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('of BN254 are kept encrypted and prove themselves', async () => {
    const secret = generateBn254Secret()
    await createBn254Keystore({ file: path('bn254.json'), password, secret, strength: 'devnet' })
    assert.equal(statSync(path('bn254.json')).mode & 0o777, 0o600)
    assert.ok(!readFileSync(path('bn254.json'), 'utf8').includes(Buffer.from(secret.reveal()).toString('hex')))
    const key = await openRegistrarKey('bn254', location('bn254.json'), silentLog)
    assert.equal(key.keyData, bytesToHex(bn254KeyData(secret)))
    const digest = hexToBytes(keyRegistrationDigest('bn254', key.keyData, subject))
    assert.ok(verifyBn254(hexToBytes(key.keyData), digest, hexToBytes(await key.prove(subject))))
    const other = { ...subject, operator: subject.set.avs }
    assert.equal(verifyBn254(hexToBytes(key.keyData), digest, hexToBytes(await key.prove(other))), false)
  })

  it('of ECDSA are accounts of their own', async () => {
    const address = await createEcdsaKeystore({
      file: path('ecdsa.json'),
      password,
      secret: generateEcdsaSecret(),
      strength: 'devnet',
    })
    const key = await openRegistrarKey('ecdsa', location('ecdsa.json'), silentLog)
    assert.equal(getAddress(key.keyData), address)
    const hash = keyRegistrationDigest('ecdsa', key.keyData, subject)
    assert.equal(await recoverAddress({ hash, signature: await key.prove(subject) }), address)
  })

  it('of one kind do not pass for another', async () => {
    const bls = { file: path('bls.json'), password, secret: generateBlsSecret(), strength: 'devnet' } as const
    await createBlsKeystore(bls)
    await assert.rejects(openBn254Keystore(location('bls.json'), silentLog), hasCode('keystore.mismatch'))
    await assert.rejects(openRegistrarKey('ecdsa', location('bls.json'), silentLog), hasCode('keystore.invalid'))
    await assert.rejects(openBn254Keystore(location('none.json'), silentLog), hasCode('keystore.missing-file'))
  })

  it('are refused when the file states another key, and with a wrong password', async () => {
    const made = { password, secret: generateBn254Secret(), strength: 'devnet' } as const
    await createBn254Keystore({ ...made, file: path('bn254.json') })
    const keystore = JSON.parse(readFileSync(path('bn254.json'), 'utf8'))
    writeFileSync(path('other.json'), JSON.stringify({ ...keystore, pubkey: '11'.repeat(48) }))
    await assert.rejects(openBn254Keystore(location('other.json'), silentLog), hasCode('keystore.mismatch'))
    const wrong = location('bn254.json')
    writeFileSync(path('password'), 'wrong')
    await assert.rejects(openBn254Keystore(wrong, silentLog), hasCode('keystore.wrong-password'))
    await assert.rejects(createBn254Keystore({ ...made, file: path('bn254.json') }), hasCode('file.exists'))
  })

  it('are remembered by the hash of their G1 point or address', () => {
    const keyData = bytesToHex(bn254KeyData(generateBn254Secret()))
    const swapped = `${keyData.slice(0, 2 + 128)}${'00'.repeat(128)}` as const
    assert.equal(registrarKeyHash('bn254', keyData), registrarKeyHash('bn254', swapped as `0x${string}`))
    assert.equal(
      registrarKeyHash('ecdsa', '0x70997970c51812dc3a010c7d01b50e0d17dc79c8'),
      '0x00314e565e0574cb412563df634608d76f5c59d9f817e85966100ec1d48005c0',
    )
  })
})
