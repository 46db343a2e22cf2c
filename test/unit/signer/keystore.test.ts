import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Keystore } from '@chainsafe/bls-keystore'
import { Wallet } from 'ethers'
import { verifyMessage } from 'viem'
import { derivePublicKey } from '../../../src/bls/secret/key.ts'
import { createEcdsaKeystore, generateEcdsaSecret, openEcdsaAccount } from '../../../src/signer/ecdsa.ts'
import { createBlsKeystore, openBlsKeystore } from '../../../src/signer/keystore/bls.ts'
import { decryptV3, parseV3 } from '../../../src/signer/keystore/v3.ts'
import { generateBlsSecret } from '../../../src/signer/secrets.ts'
import { bytesToHex } from '../../../src/util/hex.ts'
import { silentLog } from '../../../src/util/log.ts'
import { Secret } from '../../../src/util/secret.ts'
import vectors from '../../vectors/keystores.json' with { type: 'json' }
import { type LogLine, recordingLog } from './fixtures.ts'

const password = new Secret<string>('correct horse battery staple')
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lariat-keys-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const path = (name: string) => join(folder, name)
function write(name: string, content: unknown, mode = 0o600): string {
  writeFileSync(path(name), typeof content === 'string' ? content : JSON.stringify(content), { mode })
  chmodSync(path(name), mode)
  return path(name)
}
const passwordFile = (text = password.reveal()) => write('password', `${text}\n`)

describe('EIP-2335 keystores', function () {
  this.timeout(30_000) // published vectors use full-cost key derivation

  for (const { name, keystore } of vectors.eip2335.keystores) {
    it(`opens the published ${name} vector`, async () => {
      const location = { keystore: write('bls.json', keystore), passwordFile: passwordFile(vectors.eip2335.password) }
      const secret = await openBlsKeystore(location, silentLog)
      assert.equal(bytesToHex(secret.reveal()), vectors.eip2335.secret)
    })
  }

  for (const strength of ['devnet', 'strong'] as const) {
    it(`gives back what it was made of, ${strength}`, async () => {
      const secret = generateBlsSecret()
      await createBlsKeystore({ file: path('made/bls.json'), password, secret, strength })
      assert.equal(statSync(path('made/bls.json')).mode & 0o777, 0o600)
      assert.equal(statSync(path('made')).mode & 0o777, 0o700)
      const opened = await openBlsKeystore({ keystore: path('made/bls.json'), passwordFile: passwordFile() }, silentLog)
      assert.deepEqual(opened.reveal(), secret.reveal())
      const json = JSON.parse(readFileSync(path('made/bls.json'), 'utf8'))
      assert.equal(json.version, 4)
      assert.equal(json.crypto.kdf.params.c, strength === 'strong' ? 262_144 : 1_024)
    })
  }

  it('are opened by @chainsafe/bls-keystore', async () => {
    const secret = generateBlsSecret()
    await createBlsKeystore({ file: path('ours.json'), password, secret, strength: 'strong', path: 'm/12381/60/4/0' })
    const theirs = Keystore.parse(readFileSync(path('ours.json'), 'utf8'))
    assert.equal(theirs.path, 'm/12381/60/4/0')
    assert.equal(theirs.pubkey, Buffer.from(derivePublicKey(secret.reveal()).toBytes(true)).toString('hex'))
    assert.deepEqual(Uint8Array.from(await theirs.decrypt(password.reveal())), secret.reveal())
    await assert.rejects(theirs.decrypt('another'))
  })

  it('of @chainsafe/bls-keystore are opened by us, whatever characters the password has', async () => {
    for (const text of ['Å𝔱𝔢𝔰𝔱', 'a\u0007b\u0080c\u007f', 'ﬁ²', '  space  ']) {
      const secret = generateBlsSecret()
      const publicKey = derivePublicKey(secret.reveal()).toBytes(true)
      const theirs = await Keystore.create(text, secret.reveal(), publicKey, 'm/12381/60/0/0', 'theirs', {
        function: 'pbkdf2',
        params: { dklen: 32, c: 1_024, prf: 'hmac-sha256', salt: '5a'.repeat(32) },
      })
      const keystore = write('theirs.json', theirs.stringify())
      const opened = await openBlsKeystore({ keystore, passwordFile: passwordFile(text) }, silentLog)
      assert.deepEqual(opened.reveal(), secret.reveal())
    }
  })

  it('that others may read give a warning', async () => {
    const made = { file: path('bls.json'), password, secret: generateBlsSecret(), strength: 'devnet' } as const
    await createBlsKeystore(made)
    const lines: LogLine[] = []
    const location = { keystore: made.file, passwordFile: passwordFile() }
    await openBlsKeystore(location, recordingLog(lines))
    assert.equal(lines.length, 0)
    chmodSync(made.file, 0o644)
    await openBlsKeystore(location, recordingLog(lines))
    assert.match(lines.map(({ message }) => message).join(), /keystore file is open to other users: chmod 600 it/)
  })

  it('never replaces a keystore that is there', async () => {
    const options = { file: path('bls.json'), password, strength: 'devnet' } as const
    await createBlsKeystore({ ...options, secret: generateBlsSecret() })
    const before = readFileSync(path('bls.json'))
    await assert.rejects(createBlsKeystore({ ...options, secret: generateBlsSecret() }), { code: 'file.exists' })
    assert.deepEqual(readFileSync(path('bls.json')), before)
  })

  it('refuses a key that is not the one of its pubkey', async () => {
    await createBlsKeystore({ file: path('a.json'), password, secret: generateBlsSecret(), strength: 'devnet' })
    const json = JSON.parse(readFileSync(path('a.json'), 'utf8'))
    for (const pubkey of [vectors.eip2335.keystores[0]?.keystore.pubkey, 'ff'.repeat(48)]) {
      const keystore = write('b.json', { ...json, pubkey })
      await assert.rejects(openBlsKeystore({ keystore, passwordFile: passwordFile() }, silentLog), {
        code: 'keystore.mismatch',
      })
    }
  })
})

describe('v3 keystores', function () {
  this.timeout(30_000)

  for (const { name, keystore } of vectors.v3.keystores) {
    it(`opens the published ${name} vector`, async () => {
      const secret = await decryptV3(parseV3('vector', keystore), new Secret(vectors.v3.password))
      assert.ok(secret)
      assert.equal(bytesToHex(secret.reveal()), vectors.v3.secret)
    })
  }

  it('are opened by ethers', async () => {
    const secret = generateEcdsaSecret()
    const address = await createEcdsaKeystore({ file: path('ours.json'), password, secret, strength: 'strong' })
    const json = readFileSync(path('ours.json'), 'utf8')
    assert.deepEqual(pick(JSON.parse(json).crypto.kdfparams, ['n', 'r', 'p', 'dklen']), {
      n: 131_072,
      r: 8,
      p: 1,
      dklen: 32,
    })
    const wallet = await Wallet.fromEncryptedJson(json, password.reveal())
    assert.equal(wallet.address, address)
    assert.ok('privateKey' in wallet && wallet.privateKey === bytesToHex(secret.reveal()))
  })

  it('of ethers are opened by us, and the account signs', async () => {
    const wallet = Wallet.createRandom()
    const keystore = write('theirs.json', await wallet.encrypt(password.reveal()))
    const account = await openEcdsaAccount({ keystore, passwordFile: passwordFile() }, silentLog)
    assert.equal(account.address, wallet.address)
    const signature = await account.signMessage({ message: 'lariat' })
    assert.ok(await verifyMessage({ address: account.address, message: 'lariat', signature }))
  })

  it('gives back what it was made of at devnet cost, mode 0600, and never replaces it', async () => {
    const options = { file: path('k.json'), password, strength: 'devnet' } as const
    const address = await createEcdsaKeystore({ ...options, secret: generateEcdsaSecret() })
    assert.equal(statSync(path('k.json')).mode & 0o777, 0o600)
    const account = await openEcdsaAccount({ keystore: path('k.json'), passwordFile: passwordFile() }, silentLog)
    assert.equal(account.address, address)
    await assert.rejects(createEcdsaKeystore({ ...options, secret: generateEcdsaSecret() }), { code: 'file.exists' })
  })

  it('refuses a key that is not the one of its address, and one that is no key', async () => {
    await createEcdsaKeystore({ file: path('k.json'), password, secret: generateEcdsaSecret(), strength: 'devnet' })
    const json = JSON.parse(readFileSync(path('k.json'), 'utf8'))
    const keystore = write('wrong.json', { ...json, address: '00'.repeat(20) })
    await assert.rejects(openEcdsaAccount({ keystore, passwordFile: passwordFile() }, silentLog), {
      code: 'keystore.mismatch',
    })
    const none = new Secret(new Uint8Array(32))
    await assert.rejects(createEcdsaKeystore({ file: path('n.json'), password, secret: none, strength: 'devnet' }), {
      code: 'keystore.invalid',
    })
  })
})

describe('key files: errors name the file and the mend', () => {
  const kinds = {
    'EIP-2335': {
      open: openBlsKeystore,
      make: () =>
        createBlsKeystore({ file: path('key.json'), password, secret: generateBlsSecret(), strength: 'devnet' }),
    },
    v3: {
      open: openEcdsaAccount,
      make: () =>
        createEcdsaKeystore({ file: path('key.json'), password, secret: generateEcdsaSecret(), strength: 'devnet' }),
    },
  }
  for (const [kind, { open, make }] of Object.entries(kinds)) {
    const fails = (code: string, message: RegExp, keystore = path('key.json'), file = path('password')) =>
      assert.rejects(open({ keystore, passwordFile: file }, silentLog), { name: 'LariatError', code, message })

    it(`${kind}: missing files`, async () => {
      passwordFile()
      await fails('keystore.missing-file', /nowhere\.json: there is no such file; name the/, path('nowhere.json'))
      await make()
      await fails(
        'keystore.missing-password',
        /nothing: there is no such file; name/,
        path('key.json'),
        path('nothing'),
      )
    })

    it(`${kind}: a wrong password`, async () => {
      await make()
      passwordFile('wrong')
      await fails('keystore.wrong-password', /key\.json: the password in .*password does not open it/)
    })

    it(`${kind}: an empty password file`, async () => {
      await make()
      write('password', '\n')
      await fails('keystore.invalid', /password: the password file is empty/)
    })

    it(`${kind}: what is not such a keystore`, async () => {
      passwordFile()
      const other = kind === 'v3' ? vectors.eip2335.keystores[0]?.keystore : vectors.v3.keystores[0]?.keystore
      for (const content of ['', 'hello', '{}', '[]', 'null', '"x"', other, 'x'.repeat(70_000)]) {
        await fails('keystore.invalid', /bad\.json: /, write('bad.json', content))
      }
      await fails('keystore.unreadable', /cannot be read \(EISDIR\)/, folder)
    })

    it(`${kind}: key derivations that would hang or exhaust the process`, async () => {
      passwordFile()
      const salt = '00'.repeat(32)
      const scrypt = (n: number, r = 8, p = 1, dklen = 32) => ({ dklen, n, r, p, salt })
      const pbkdf2 = (c: number, dklen = 32) => ({ dklen, c, prf: 'hmac-sha256', salt })
      const bad = [
        { kdf: 'scrypt', params: scrypt(2 ** 26) },
        { kdf: 'scrypt', params: scrypt(2 ** 12, 8, 2 ** 20) },
        { kdf: 'scrypt', params: scrypt(1_000) },
        { kdf: 'scrypt', params: scrypt(1) },
        { kdf: 'scrypt', params: scrypt(0) },
        { kdf: 'scrypt', params: scrypt(1024, 8, 1, 64) },
        { kdf: 'pbkdf2', params: pbkdf2(1e9) },
        { kdf: 'pbkdf2', params: pbkdf2(0) },
        { kdf: 'pbkdf2', params: pbkdf2(1024, 16) },
      ]
      await make()
      const json = JSON.parse(readFileSync(path('key.json'), 'utf8'))
      for (const { kdf, params } of bad) {
        const crypto =
          kind === 'v3'
            ? { ...json.crypto, kdf, kdfparams: params }
            : { ...json.crypto, kdf: { function: kdf, params, message: '' } }
        await fails('keystore.invalid', /bad\.json: /, write('bad.json', { ...json, crypto }))
      }
    })
  }
})

function pick(from: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, from[name]]))
}
