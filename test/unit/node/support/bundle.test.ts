import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKeys } from '../../../../src/node/keys/create.ts'
import { type Manifest, writeBundle } from '../../../../src/node/support/bundle.ts'
import { openKeyFile } from '../../../../src/signer/keyFiles.ts'
import { newMnemonic } from '../../../../src/signer/mnemonic.ts'
import { memoryLog } from '../../../support/memoryLog.ts'
import { scriptedPrompt } from '../../../support/prompt.ts'
import { filesIn, leaksIn, spellings } from '../../../support/secretSearch.ts'

const CONTRACT = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
const ENV = {
  VENUE_API_KEY: 'environment-secret-8c1f',
  GITHUB_TOKEN: 'ghp_0123456789abcdef0123456789abcdef0123',
  PATH: '/usr/bin',
}
/** Credentials of providers: as user and password, in the path, in the query. */
const URLS = [
  'https://user-7f3a:pass-91bc@one.example/v3/0123456789abcdef0123456789abcdef',
  'https://two.example/rpc?apikey=query-credential-55aa',
  'https://three.example/4f9d1c2b7e',
]
const CREDENTIALS = [
  'user-7f3a',
  'pass-91bc',
  '0123456789abcdef0123456789abcdef',
  'query-credential-55aa',
  '4f9d1c2b7e',
]

describe('a support bundle', function () {
  this.timeout(60_000)
  let folder: string
  let node: Server
  let secrets: Uint8Array[]
  let words: string
  let log: string
  const path = (name: string) => join(folder, name)

  /** Everything of the node, with every secret in every spelling in its log, in what it answers, and in its configuration. */
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lariat-support-'))
    const io = {
      log: memoryLog(),
      prompt: scriptedPrompt([], { interactive: false }).prompt,
      strength: 'devnet' as const,
    }
    await createKeys({ dir: path('keys'), random: true }, io)
    mkdirSync(path('data'))
    const identity = Buffer.from(Array.from({ length: 68 }, (_, i) => (i * 37 + 11) % 256))
    writeFileSync(path('data/p2p.key'), identity, { mode: 0o600 })
    const passwords = ['bls', 'ecdsa'].map((name) => readFileSync(path(`keys/${name}.password`), 'utf8').trim())
    const keys = await Promise.all(
      (['bls', 'ecdsa'] as const).map((kind) =>
        openKeyFile(kind, { keystore: path(`keys/${kind}.json`), passwordFile: path(`keys/${kind}.password`) }, io.log),
      ),
    )
    const texts = [...passwords, ENV.VENUE_API_KEY, ENV.GITHUB_TOKEN, ...CREDENTIALS]
    secrets = [...texts.map((text) => Buffer.from(text)), ...keys.map((key) => key.reveal()), identity]
    words = newMnemonic().reveal()
    log = [
      ...secrets.flatMap((secret) =>
        spellings(secret).map((one) => `{"message":"it was ${one.toString('utf8')} there"}`),
      ),
      ...URLS.map((url) => `asked ${url} and ${encodeURIComponent(url)}`),
      `the words are ${words}.`,
      'Authorization: Bearer unknown-bearer-token-3333 password=unknown-password-4444 {"secret":"unknown-secret-5555"}',
      'peer at 10.1.2.3, 192.168.7.9:9510, fd12:3456:789a::1, signer.internal, and 203.0.113.7',
    ].join('\n')
    node = createServer((_, response) => response.end(log)).listen(0, '127.0.0.1')
    await new Promise((resolve) => node.once('listening', resolve))
    const { port } = node.address() as AddressInfo
    writeFileSync(
      path('data/api.json'),
      JSON.stringify({ version: 1, pid: 1, url: `http://127.0.0.1:${port}`, host: '', port }),
    )
    writeFileSync(path('node.log'), log)
    writeFileSync(
      path('node.yaml'),
      `# the password is ${passwords[0]}
dataDir: ./data
chain: {id: 1, rpc: [${URLS.map((url) => `{url: "${url}"}`).join(', ')}], deployment: ./none.json}
operator: {address: '${CONTRACT}'}
keys:
  bls: {keystore: ./keys/bls.json, passwordFile: ./keys/bls.password}
  ecdsa: {keystore: ./keys/ecdsa.json, passwordFile: ./keys/ecdsa.password}
  password: ${passwords[1]}
services: [{use: randomness, contract: '${CONTRACT}'}]
`,
    )
  })
  after(() => {
    node.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function unpacked(name: string, withAddresses = false): Promise<{ at: string; manifest: Manifest }> {
    const { file, manifest } = await writeBundle(
      { config: path('node.yaml'), out: path(`${name}.tar.gz`), log: path('node.log'), withAddresses },
      ENV,
    )
    assert.equal(statSync(file).mode & 0o777, 0o600)
    mkdirSync(path(name))
    const { status, stderr } = spawnSync('tar', ['-xzf', file, '--strip-components=1', '-C', path(name)], {
      encoding: 'utf8',
    })
    assert.deepEqual([status, stderr], [0, ''])
    return { at: path(name), manifest }
  }

  it('has no secret in any spelling, whatever it stood in', async () => {
    const { at, manifest } = await unpacked('plain')
    assert.deepEqual(leaksIn(at, secrets), [])
    for (const file of filesIn(at)) {
      const text = readFileSync(file, 'utf8')
      for (const part of [
        'unknown-bearer',
        'unknown-password',
        'unknown-secret',
        words.split(' ').slice(0, 4).join(' '),
      ]) {
        assert.ok(!text.includes(part), `${file}: ${part}`)
      }
      for (const part of ['10.1.2.3', '192.168.7.9', 'fd12:3456', 'signer.internal'])
        assert.ok(!text.includes(part), `${file}: ${part}`)
    }
    // and the search finds what is there
    assert.equal(
      leaksIn(folder, secrets).some((file) => file.endsWith('node.log')),
      true,
    )
    const told = readFileSync(join(at, 'log.txt'), 'utf8')
    assert.match(told, /203\.0\.113\.7/)
    assert.match(told, /https:\/\/one\.example\/\[redacted\]/)
    assert.ok(
      manifest.files.every(
        ({ name, redacted }) => name === 'versions.json' || name === 'data-folder.json' || redacted.secrets >= 0,
      ),
    )
  })

  it('has none that only the environment or a credential of systemd leads to', async () => {
    mkdirSync(path('credentials'))
    copyFileSync(path('keys/bls.password'), path('credentials/keys.bls.passwordFile'))
    writeFileSync(
      path('environment.yaml'),
      'dataDir: ./data\nkeys: {bls: {keystore: ./keys/bls.json}, ecdsa: {keystore: ./keys/ecdsa.json}}\n',
    )
    const env = {
      ...ENV,
      CREDENTIALS_DIRECTORY: path('credentials'),
      LARIAT_KEYS_ECDSA_PASSWORD_FILE: path('keys/ecdsa.password'),
    }
    const out = path('environment.tar.gz')
    await writeBundle({ config: path('environment.yaml'), out, log: path('node.log') }, env)
    mkdirSync(path('environment'))
    assert.equal(spawnSync('tar', ['-xzf', out, '--strip-components=1', '-C', path('environment')]).status, 0)
    assert.deepEqual(
      leaksIn(
        path('environment'),
        secrets.filter((secret) => !CREDENTIALS.includes(Buffer.from(secret).toString())),
      ),
      [],
    )
  })

  it('says in its manifest what is in it and what was taken out', async () => {
    const { at, manifest } = await unpacked('told')
    assert.deepEqual(JSON.parse(readFileSync(join(at, 'manifest.json'), 'utf8')), JSON.parse(JSON.stringify(manifest)))
    const names = manifest.files.map(({ name }) => name)
    assert.deepEqual(names, [
      ...['versions.json', 'config.yaml', 'doctor.json', 'data-folder.json'],
      ...['health.json', 'status.json', 'slots.json', 'metrics.txt', 'log.txt'],
    ])
    assert.deepEqual(
      filesIn(at)
        .map((file) => file.slice(at.length + 1))
        .sort(),
      ['manifest.json', ...names].sort(),
    )
    for (const { name, bytes } of manifest.files) assert.equal(statSync(join(at, name)).size, bytes)
    const { redacted } = manifest.files.find(({ name }) => name === 'log.txt') ?? assert.fail()
    assert.ok(redacted.secrets > 20 && redacted.urls >= 3 && redacted.addresses === 4, JSON.stringify(redacted))
    assert.match(readFileSync(join(at, 'config.yaml'), 'utf8'), /passwordFile: \.\/keys\/bls\.password/)
  })

  it('leaves private addresses in when they are asked for', async () => {
    const { at } = await unpacked('addresses', true)
    assert.match(readFileSync(join(at, 'log.txt'), 'utf8'), /10\.1\.2\.3, 192\.168\.7\.9:9510/)
    assert.deepEqual(leaksIn(at, secrets), [])
  })

  it('can be had with a configuration that is wrong and without a node; nothing is replaced', async () => {
    writeFileSync(path('wrong.yaml'), 'dataDir: [')
    const { manifest } = await writeBundle({ config: path('wrong.yaml'), out: path('wrong.tar.gz') }, {})
    assert.deepEqual(
      manifest.missing.map(({ name }) => name),
      ['config.yaml', 'health.json', 'status.json', 'slots.json', 'metrics.txt', 'log.txt'],
    )
    await assert.rejects(writeBundle({ config: path('wrong.yaml'), out: path('wrong.tar.gz') }, {}), {
      code: 'file.exists',
    })
  })
})
