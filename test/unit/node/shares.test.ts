import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { exportNodeShares, importNodeShares } from '../../../src/node/shareBackup.ts'
import { sharesOf } from '../../../src/node/shares.ts'
import { openShareVault } from '../../../src/signer/shares/open.ts'
import type { ShareVault } from '../../../src/signer/shares/vault.ts'
import { systemClock } from '../../../src/util/clock.ts'
import { silentLog } from '../../../src/util/log.ts'
import { Secret } from '../../../src/util/secret.ts'
import { scriptedPrompt } from '../../support/prompt.ts'

const OPERATOR = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const CONTRACT = '0x5FbDB2315678afecb367f032d93F642f64180aa3'

describe('key shares of a node', () => {
  it('make no partials while a self-check stops signing, and give a plug-in no way to a backup', async () => {
    let why: string | undefined
    const vault = { sign: async () => [], export: async () => 'all of it' } as unknown as ShareVault
    const shares = sharesOf(vault, { refusal: () => why }, 'randomness')
    assert.deepEqual(await shares.sign(1n, 1n), [])
    why = 'the clock is off'
    await assert.rejects(shares.sign(1n, 1n), { code: 'sign.halted' })
    assert.ok(!('export' in shares))
  })
})

describe('backup of key shares', function () {
  this.timeout(60_000)
  let folder: string
  const io = { log: silentLog, prompt: scriptedPrompt([]).prompt }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lariat-shares-'))
    for (const name of ['one', 'two']) {
      await mkdir(join(folder, name))
      for (const file of ['bls.json', 'ecdsa.json', 'deployment.json']) await writeFile(join(folder, name, file), '{}')
      await writeFile(join(folder, name, 'password'), 'the vault of this machine\n', { mode: 0o600 })
      await writeFile(join(folder, name, 'node.yaml'), configOf('randomness'))
    }
    await writeFile(join(folder, 'backup-password'), 'another password\n', { mode: 0o600 })
  })
  after(() => rm(folder, { recursive: true }))

  const configOf = (use: string, operator = OPERATOR) => `dataDir: ./data
chain: {id: 31337, rpc: [{url: "http://127.0.0.1:8545"}], deployment: deployment.json, singleProvider: true}
operator: {address: "${operator}"}
keys:
  bls: {keystore: bls.json, passwordFile: password}
  ecdsa: {keystore: ecdsa.json, passwordFile: password}
  shares: {passwordFile: password}
services:
  - {use: ${use}, contract: "${CONTRACT}"}
`
  const options = (name: string) => ({
    config: join(folder, name, 'node.yaml'),
    service: 'randomness',
    passwordFile: join(folder, 'backup-password'),
  })
  const out = () => join(folder, 'shares.json')

  it('is nothing before there are any', async () => {
    await assert.rejects(exportNodeShares({ ...options('one'), out: out() }, io), { code: 'shares.none' })
  })

  it('goes to another machine, encrypted, with a password of its own', async () => {
    const vault = await openShareVault({
      folder: join(folder, 'one', 'data', 'shares', 'randomness'),
      scope: { chainId: 31_337, genesisHash: `0x${'7'.repeat(64)}`, keyGeneration: CONTRACT, operator: OPERATOR },
      password: new Secret('the vault of this machine'),
      clock: systemClock,
      peers: { now: () => undefined },
      log: silentLog,
      metrics: createMetrics(),
      strength: 'devnet',
    })
    await vault.encryptionKey()
    await vault.close()

    const exported = await exportNodeShares({ ...options('one'), out: out() }, io)
    assert.deepEqual(exported, { file: out(), sharings: [], encryptionKeys: 1 })
    assert.equal((await stat(out())).mode & 0o777, 0o600)
    assert.equal(JSON.parse(await readFile(out(), 'utf8')).format, 'lariat-shares')
    await assert.rejects(exportNodeShares({ ...options('one'), out: out() }, io), { code: 'file.exists' })

    await importNodeShares({ ...options('two'), file: out() }, io)
    const again = await exportNodeShares({ ...options('two'), out: join(folder, 'again.json') }, io)
    assert.equal(again.encryptionKeys, 1)
  })

  it('is refused to another operator, by a node that serves no such service, and when it is none', async () => {
    const [node, file] = [join(folder, 'two', 'node.yaml'), join(folder, 'none.json')]
    await writeFile(file, '{"format": "something"}')
    await assert.rejects(importNodeShares({ ...options('two'), file }, io), { code: 'shares.invalid' })
    await writeFile(node, configOf('randomness', '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'))
    await assert.rejects(importNodeShares({ ...options('two'), file: out() }, io), { code: 'shares.other-scope' })
    await assert.rejects(importNodeShares({ ...options('one'), service: 'prices', file: out() }, io), {
      code: 'config.mismatch',
    })
  })

  it('needs a password in the configuration of who serves it', async () => {
    const node = join(folder, 'one', 'node.yaml')
    await writeFile(node, configOf('randomness').replace('  shares: {passwordFile: password}\n', ''))
    await assert.rejects(exportNodeShares({ ...options('one'), out: out() }, io), (error: Error) => {
      assert.match(error.message, /keys\.shares.*the service randomness keeps key shares/)
      return true
    })
  })
})
