import assert from 'node:assert/strict'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Keystore } from '@chainsafe/bls-keystore'
import { encryptKeystoreJsonSync, HDNodeWallet, Wallet } from 'ethers'
import { publicKeyFromBytes } from '../../../../src/bls/keys.ts'
import { openNodeCheckpointKey } from '../../../../src/node/checkpoints.ts'
import { checkBackup, renderBackup } from '../../../../src/node/keys/backupCheck.ts'
import {
  createCheckpointKey,
  createKeys,
  createRegistrarKey,
  createSuccessor,
} from '../../../../src/node/keys/create.ts'
import { exportKey } from '../../../../src/node/keys/export.ts'
import { type ImportOptions, importKeys } from '../../../../src/node/keys/import.ts'
import { listKeys, renderKeys } from '../../../../src/node/keys/list.ts'
import type { KeysIo } from '../../../../src/node/keys/make.ts'
import { openEcdsaAccount } from '../../../../src/signer/ecdsa.ts'
import { openKeyRing } from '../../../../src/signer/keyRing.ts'
import { openBlsKeystore } from '../../../../src/signer/keystore/bls.ts'
import { deriveBlsSecret, parseMnemonic } from '../../../../src/signer/mnemonic.ts'
import { openRegistrarKey } from '../../../../src/signer/registrarKey.ts'
import { blsPublicKey } from '../../../../src/signer/secrets.ts'
import { bytesToHex } from '../../../../src/util/hex.ts'
import { silentLog } from '../../../../src/util/log.ts'
import { Secret } from '../../../../src/util/secret.ts'
import { scriptedPrompt } from '../../../support/prompt.ts'

const MNEMONIC = 'test test test test test test test test test test test junk'
const ACCOUNT_0 = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lariat-keys-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const path = (name: string) => join(folder, name)
function write(name: string, text: string, mode = 0o600): string {
  writeFileSync(path(name), text, { mode })
  return path(name)
}
const nobody: KeysIo = {
  log: silentLog,
  prompt: scriptedPrompt([], { interactive: false }).prompt,
  strength: 'devnet',
}
const at = (prompt: KeysIo['prompt']): KeysIo => ({ ...nobody, prompt })

/** Reads the words off the screen and answers what is asked, as somebody with paper does. */
function onPaper(change = (word: string) => word) {
  const answer = (shown: readonly string[]): string => {
    const list = [...(shown.join('\n').match(/\b(\d+) ([a-z]+)/g) ?? [])]
    const [, number = ''] = /Word (\d+)/.exec(shown.at(-1) ?? '') ?? []
    return change(list.find((item) => item.startsWith(`${number} `))?.split(' ')[1] ?? '')
  }
  return scriptedPrompt(['', answer, answer, answer])
}

describe('lariat keys create', () => {
  it('shows the mnemonic once, sees that it was written down, and makes keys that it gives back', async () => {
    const { prompt, shown, asked, hidden } = onPaper()
    const made = await createKeys({ dir: path('keys') }, at(prompt))
    assert.deepEqual(asked, ['Press Enter when it is written down; it is taken off the screen then. '])
    assert.equal(hidden.length, 3)
    const screen = shown.join('\n')
    assert.match(screen, /shown this once and kept nowhere/)
    const words = [...screen.matchAll(/\b\d+ ([a-z]+)/g)].map(([, word]) => word).join(' ')
    const mnemonic = parseMnemonic(new Secret(words))
    assert.equal(made.blsPublicKey, bytesToHex(blsPublicKey(deriveBlsSecret(mnemonic, 0))))
    assert.equal(made.operator, HDNodeWallet.fromPhrase(words).address)
    assert.deepEqual(made.paths, { bls: 'm/12381/60/0/0', ecdsa: "m/44'/60'/0'/0/0" })
    // cleared before the words are asked, scrollback too
    assert.equal(shown.at(-1), '\u001b[2J\u001b[3J\u001b[H')
    for (const name of readdirSync(path('keys'))) {
      assert.equal(statSync(join(path('keys'), name)).mode & 0o777, 0o600)
      assert.ok(!readFileSync(join(path('keys'), name), 'utf8').includes(words.slice(0, 12)))
    }
    const { bls, ecdsa } = made.keys
    const opened = await openBlsKeystore(bls, silentLog)
    assert.equal(bytesToHex(blsPublicKey(opened)), made.blsPublicKey)
    assert.equal((await openEcdsaAccount(ecdsa, silentLog)).address, made.operator)
  })

  it('makes nothing when the mnemonic was written down wrongly', async () => {
    const { prompt } = onPaper((word) => `${word}x`)
    await assert.rejects(createKeys({ dir: path('keys') }, at(prompt)), {
      code: 'keystore.mnemonic',
      message: /nothing was made/,
    })
    assert.deepEqual(readdirSync(folder), [])
  })

  it('without a terminal wants to be told where the mnemonic goes', async () => {
    await assert.rejects(createKeys({ dir: path('keys') }, nobody), {
      code: 'usage.keys',
      message: /--mnemonic-out FILE, or --random/,
    })
    const mnemonicOut = path('words')
    const made = await createKeys({ dir: path('keys'), mnemonicOut }, nobody)
    assert.equal(statSync(mnemonicOut).mode & 0o777, 0o600)
    const words = readFileSync(mnemonicOut, 'utf8').trim()
    assert.equal(made.operator, HDNodeWallet.fromPhrase(words).address)
  })

  it('makes keys of no mnemonic, and replaces nothing', async () => {
    const options = { dir: path('keys'), random: true }
    const made = await createKeys(options, nobody)
    assert.equal(made.paths, undefined)
    const before = readdirSync(path('keys')).map((name) => readFileSync(join(path('keys'), name), 'utf8'))
    await assert.rejects(createKeys(options, nobody), { code: 'file.exists' })
    rmSync(join(path('keys'), 'bls.json'))
    await assert.rejects(createKeys(options, nobody), { code: 'file.exists' })
    assert.equal(readdirSync(path('keys')).length, before.length - 1)
  })

  it('takes a password from a file, a descriptor or a prompt, for both keys', async () => {
    const newPasswordFile = write('chosen', 'chosen password\n')
    const one = await createKeys({ dir: path('a'), random: true, newPasswordFile }, nobody)
    assert.deepEqual([one.keys.bls.passwordFile, one.keys.ecdsa.passwordFile], [newPasswordFile, newPasswordFile])
    await openEcdsaAccount(one.keys.ecdsa, silentLog)

    const newPasswordFd = openSync(newPasswordFile, 'r')
    const two = await createKeys({ dir: path('b'), random: true, newPasswordFd }, nobody)
    assert.equal(two.keys.bls.passwordFile, undefined)
    await openBlsKeystore({ ...two.keys.bls, passwordFile: newPasswordFile }, silentLog)

    const { prompt } = scriptedPrompt(['typed twice', 'typed twice'])
    const three = await createKeys({ dir: path('c'), random: true, newPasswordPrompt: true }, at(prompt))
    const passwordFile = write('typed', 'typed twice')
    await openBlsKeystore({ ...three.keys.bls, passwordFile }, silentLog)

    await assert.rejects(createKeys({ dir: path('d'), random: true, newPasswordFile, newPasswordFd: 3 }, nobody), {
      code: 'usage.keys',
    })
    await assert.rejects(createKeys({ dir: path('d'), random: true, newPasswordFile: write('w', 'short') }, nobody), {
      code: 'keystore.weak-password',
    })
    assert.ok(!readdirSync(folder).includes('d'))
  })

  for (const kind of ['bn254', 'ecdsa'] as const) {
    it(`makes a ${kind} key for an AVS that opens, and never replaces one`, async () => {
      const made = await createRegistrarKey(kind, folder, {}, nobody)
      assert.deepEqual(readdirSync(folder).sort(), [`avs-${kind}.json`, `avs-${kind}.password`])
      const key = await openRegistrarKey(kind, made, silentLog)
      assert.equal(key.keyData, made.keyData)
      await assert.rejects(createRegistrarKey(kind, folder, {}, nobody), { code: 'file.exists' })
    })
  }

  it('makes a key of checkpoints, which a node opens unless it is an account of the operator’s', async () => {
    const made = await createCheckpointKey(folder, {}, nobody)
    assert.deepEqual(readdirSync(folder).sort(), ['checkpoints.json', 'checkpoints.password'])
    assert.equal(made.kind, 'checkpoints')
    const others = [ACCOUNT_0, undefined] as const
    const key = await openNodeCheckpointKey(made, others, silentLog)
    assert.equal(key.address, made.address)
    key.close()
    await assert.rejects(openNodeCheckpointKey(made, [ACCOUNT_0, key.address], silentLog), {
      code: 'config.mismatch',
      message: /checkpoints\.json has the operator’s own account 0x/,
    })
    await assert.rejects(createCheckpointKey(folder, {}, nobody), { code: 'file.exists' })
  })

  it('makes the key that follows another where a node looks for it', async () => {
    const { keys } = await createKeys({ dir: folder, random: true }, nobody)
    const ring = await openKeyRing(keys.bls, silentLog)
    const next = await createSuccessor(keys.bls.keystore, {}, nobody)
    assert.equal(next.keystore, path('bls-2.json'))
    await ring.reload()
    assert.deepEqual(
      ring.keys().map(({ publicKey }) => bytesToHex(publicKey)),
      [bytesToHex(blsPublicKey(await openBlsKeystore(keys.bls, silentLog))), next.public],
    )
    await assert.rejects(createSuccessor(keys.bls.keystore, { newPasswordPrompt: true }, nobody), {
      code: 'usage.keys',
    })
  })
})

describe('lariat keys import', () => {
  const load = (options: Partial<ImportOptions>, io = nobody) => importKeys({ index: 0, dir: folder, ...options }, io)

  it('takes the keys of a mnemonic, from a file, a descriptor or a prompt', async () => {
    const mnemonicFile = write('words', `${MNEMONIC}\n`)
    const bls = bytesToHex(blsPublicKey(deriveBlsSecret(new Secret(MNEMONIC), 0)))
    const expected = [
      { kind: 'bls', public: bls },
      { kind: 'ecdsa', public: ACCOUNT_0 },
    ]
    const facts = (made: Awaited<ReturnType<typeof load>>) =>
      made.map(({ kind, public: key }) => ({ kind, public: key }))
    assert.deepEqual(facts(await load({ dir: path('a'), mnemonicFile })), expected)
    assert.deepEqual(facts(await load({ dir: path('b'), mnemonicFd: openSync(mnemonicFile, 'r') })), expected)
    const { prompt, hidden } = scriptedPrompt([MNEMONIC.toUpperCase()])
    assert.deepEqual(facts(await load({ dir: path('c') }, at(prompt))), expected)
    assert.deepEqual(hidden, ['Mnemonic (it is not shown): '])
    const [second, ...more] = await load({ dir: path('d'), mnemonicFile, index: 1, kind: 'ecdsa' })
    assert.equal(second?.public, HDNodeWallet.fromPhrase(MNEMONIC, undefined, "m/44'/60'/0'/0/1").address)
    assert.deepEqual(more, [])
  })

  it('takes the next key of a mnemonic as the one that follows', async () => {
    const mnemonicFile = write('words', MNEMONIC)
    await load({ mnemonicFile, kind: 'bls' })
    const [next] = await load({ dir: undefined, after: path('bls.json'), mnemonicFile, index: 1 })
    assert.equal(next?.keystore, path('bls-2.json'))
    assert.equal(JSON.parse(readFileSync(path('bls-2.json'), 'utf8')).path, 'm/12381/60/1/0')
    const ring = await openKeyRing({ keystore: path('bls.json'), passwordFile: path('bls.password') }, silentLog)
    assert.equal(ring.keys().length, 2)
  })

  it('takes keystores of ethers and of @chainsafe/bls-keystore, and encrypts them anew', async () => {
    const wallet = Wallet.createRandom()
    const passwordFile = write('their.password', 'their password')
    const cheap = { scrypt: { N: 1_024, r: 8, p: 1 } }
    const theirs = encryptKeystoreJsonSync(
      { address: wallet.address, privateKey: wallet.privateKey },
      'their password',
      cheap,
    )
    const [account] = await load({ keystore: write('theirs.json', theirs), passwordFile })
    assert.equal(account?.public, wallet.address)
    assert.ok(
      !readFileSync(path('ecdsa.json'), 'utf8').includes(
        JSON.parse(theirs).Crypto?.mac ?? JSON.parse(theirs).crypto?.mac,
      ),
    )
    const secret = deriveBlsSecret(new Secret(MNEMONIC), 3)
    const publicKey = blsPublicKey(secret)
    const compressed = publicKeyFromBytes(publicKey).toBytes(true)
    const keystore = await Keystore.create('their password', secret.reveal(), compressed, 'm/12381/60/3/0', 'theirs', {
      function: 'pbkdf2',
      params: { dklen: 32, c: 1_024, prf: 'hmac-sha256', salt: '5a'.repeat(32) },
    })
    const [bls] = await load({ keystore: write('bls-theirs.json', keystore.stringify()), passwordFile })
    assert.equal(bls?.public, bytesToHex(publicKey))
    assert.equal(JSON.parse(readFileSync(path('bls.json'), 'utf8')).path, 'm/12381/60/3/0')
  })

  it('takes bare secret keys of each kind, and says where one is wrong without repeating it', async () => {
    const wallet = Wallet.createRandom()
    const [account] = await load({ secretFile: write('hex', `${wallet.privateKey}\n`), kind: 'ecdsa' })
    assert.equal(account?.public, wallet.address)
    const small = `${'00'.repeat(31)}05`
    for (const kind of ['bls', 'bn254'] as const) {
      const [key] = await load({ secretFile: write(`hex-${kind}`, small), kind })
      assert.equal(key?.kind, kind)
    }
    const bad = { 'not hex': 'zz'.repeat(32), short: 'ab'.repeat(31), zero: '00'.repeat(32), large: 'ff'.repeat(32) }
    for (const [name, text] of Object.entries(bad)) {
      for (const kind of ['bls', 'ecdsa', 'bn254'] as const) {
        await assert.rejects(load({ dir: path('none'), secretFile: write('bad', text), kind }), (error: Error) => {
          assert.match(error.name, /LariatError/, name)
          assert.ok(!error.message.includes(text))
          return true
        })
      }
    }
    assert.ok(!readdirSync(folder).includes('none'))
  })

  it('refuses what does not go together', async () => {
    const file = write('f', MNEMONIC)
    const wrong: Partial<ImportOptions>[] = [
      { dir: undefined },
      { after: path('bls.json') },
      { secretFile: file },
      { secretFile: file, mnemonicFile: file },
      { mnemonicFile: file, mnemonicFd: 3 },
      { secretFile: file, secretFd: 3, kind: 'bls' },
      { mnemonicFile: file, kind: 'bn254' },
      { dir: undefined, after: path('bls.json'), mnemonicFile: file, newPasswordFile: file },
      { dir: undefined, after: path('bls.json'), mnemonicFile: file, kind: 'ecdsa' },
    ]
    for (const options of wrong) await assert.rejects(load(options), { code: 'usage.keys' }, JSON.stringify(options))
  })
})

describe('lariat keys export', () => {
  it('encrypts a key anew, as other implementations open it', async () => {
    const { operator, keys } = await createKeys({ dir: path('keys'), mnemonicOut: path('words') }, nobody)
    const newPasswordFile = write('other', 'another password')
    const v3 = await exportKey({ keystore: keys.ecdsa.keystore, out: path('v3.json'), newPasswordFile }, nobody)
    assert.equal(v3.public, operator)
    const wallet = await Wallet.fromEncryptedJson(readFileSync(path('v3.json'), 'utf8'), 'another password')
    assert.equal(wallet.address, operator)
    await exportKey({ keystore: keys.bls.keystore, out: path('2335.json'), newPasswordFile }, nobody)
    const theirs = Keystore.parse(readFileSync(path('2335.json'), 'utf8'))
    const ours = await openBlsKeystore(keys.bls, silentLog)
    assert.deepEqual(Uint8Array.from(await theirs.decrypt('another password')), ours.reveal())
    assert.equal(theirs.path, 'm/12381/60/0/0')
    await assert.rejects(exportKey({ keystore: keys.bls.keystore, out: path('2335.json'), newPasswordFile }, nobody), {
      code: 'file.exists',
    })
    await assert.rejects(exportKey({ keystore: path('words'), out: path('x.json') }, nobody), {
      code: 'keystore.invalid',
    })
  })
})

describe('lariat keys list', () => {
  it('tells what there is without a password, and whose rights are too wide', async () => {
    const made = await createKeys({ dir: folder, mnemonicOut: path('words.txt') }, nobody)
    await createRegistrarKey('bn254', folder, {}, nobody)
    write('other.json', '{"version": 1}')
    write('broken.json', '{')
    const keys = await listKeys(folder)
    assert.deepEqual(
      keys.map(({ kind, address, path: at, passwordFile }) => ({ kind, address, path: at, passwordFile })),
      [
        { kind: 'bn254', address: undefined, path: undefined, passwordFile: path('avs-bn254.password') },
        { kind: 'bls', address: undefined, path: 'm/12381/60/0/0', passwordFile: path('bls.password') },
        { kind: 'ecdsa', address: made.operator, path: undefined, passwordFile: path('ecdsa.password') },
      ],
    )
    assert.deepEqual(
      keys.flatMap(({ warnings }) => warnings),
      [],
    )
    chmodSync(path('bls.password'), 0o640)
    const text = renderKeys(await listKeys(folder))
    assert.match(text, /mode 640: open to other users; chmod 600 .*bls\.password/)
    assert.match(text, new RegExp(made.operator))
    assert.equal(renderKeys([]), 'no key files')
    await assert.rejects(listKeys(path('nowhere')), { code: 'usage.keys' })
  })
})

describe('lariat keys backup-check', () => {
  it('passes with the mnemonic of the keys, and tells which keys it does not give back', async () => {
    const dir = path('keys')
    const mnemonicFile = path('words')
    await createKeys({ dir, mnemonicOut: mnemonicFile }, nobody)
    const good = await checkBackup({ dir, mnemonicFile }, nobody)
    assert.deepEqual(
      good.map(({ kind, ok }) => [kind, ok]),
      [
        ['bls', true],
        ['ecdsa', true],
      ],
    )
    assert.match(renderBackup(good), /^ok {4}bls .*gives it back, --index 0$/m)
    await createSuccessor(join(dir, 'bls.json'), {}, nobody)
    await createRegistrarKey('bn254', dir, {}, nobody)
    const more = await checkBackup({ dir, mnemonicFile }, nobody)
    assert.deepEqual(
      more.map(({ ok }) => ok),
      [false, false, true, true], // avs-bn254, bls-2, bls, ecdsa
    )
    const other = await checkBackup({ dir, mnemonicFile: write('other', MNEMONIC) }, nobody)
    assert.ok(other.every(({ ok }) => !ok))
    assert.match(renderBackup(other), /FAIL .*is of another one, or of none/)
  })

  it('opens copies: one that is missing, damaged, or does not open is told', async () => {
    const dir = path('keys')
    const backup = path('backup')
    mkdirSync(backup)
    await createKeys({ dir, random: true }, nobody)
    await createRegistrarKey('bn254', dir, {}, nobody)
    const results = async () => (await checkBackup({ dir, backup }, nobody)).map(({ ok, how }) => (ok ? 'ok' : how))
    assert.match((await results()).join(), /no copy of it: lariat keys export makes one/)
    for (const name of readdirSync(dir)) copyFileSync(join(dir, name), join(backup, name))
    assert.deepEqual(await results(), ['ok', 'ok', 'ok'])
    await assert.rejects(checkBackup({ dir, backup, passwordFd: 3 }, nobody), { code: 'usage.keys' })
    writeFileSync(join(backup, 'bls.password'), 'wrong')
    const text = readFileSync(join(backup, 'ecdsa.json'), 'utf8')
    writeFileSync(join(backup, 'ecdsa.json'), text.slice(0, 100))
    const [bn254, bls, ecdsa] = await results()
    assert.equal(bn254, 'ok')
    assert.match(bls ?? '', /does not open it/)
    assert.match(ecdsa ?? '', /no copy of it/)
  })

  it('does not believe a copy that states the key and holds another', async () => {
    const [dir, backup] = [path('keys'), path('backup')]
    await createKeys({ dir, random: true }, nobody)
    await createKeys({ dir: backup, random: true }, nobody)
    const stated = JSON.parse(readFileSync(join(dir, 'bls.json'), 'utf8')).pubkey
    const copy = JSON.parse(readFileSync(join(backup, 'bls.json'), 'utf8'))
    writeFileSync(join(backup, 'bls.json'), JSON.stringify({ ...copy, pubkey: stated }))
    const [bls] = await checkBackup({ dir, backup }, nobody)
    assert.equal(bls?.ok, false)
    assert.match(bls?.how ?? '', /the key inside is not the one of its pubkey/)
  })
})
