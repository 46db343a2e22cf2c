import assert from 'node:assert/strict'
import {
  closeSync,
  copyFileSync,
  cpSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { inspect } from 'node:util'
import { openSealedFolder } from '../../../../src/signer/shares/folder.ts'
import { openShareVault } from '../../../../src/signer/shares/open.ts'
import { VaultState } from '../../../../src/signer/shares/state.ts'
import { toJson } from '../../../../src/util/json.ts'
import type { LogFields } from '../../../../src/util/log.ts'
import { Secret } from '../../../../src/util/secret.ts'
import { SimClock } from '../../../../src/util/simclock.ts'
import { contains, filesIn } from '../../../support/secretSearch.ts'
import {
  Folders,
  openNodes,
  operatorOf,
  PASSWORD,
  runSession,
  SCHEDULE,
  scopeOf,
  sessionOf,
  vaultOptions,
} from './fixtures.ts'

const folders = new Folders()

/** Every secret in a vault's folder, read with its password. */
async function secretsOf(folder: string, i: number): Promise<Uint8Array[]> {
  const sealed = await openSealedFolder({ folder, scope: scopeOf(i), password: PASSWORD, strength: 'devnet' })
  const state = await VaultState.load(sealed)
  return [
    ...state.encryption.map(({ secret }) => secret.reveal()),
    ...state.seeds.map(({ seed }) => seed.reveal()),
    ...state.sharings.flatMap(({ shares }) => [...shares.values()].map((share) => share.reveal())),
  ]
}

function recording() {
  const lines: string[] = []
  const write = (message: string, fields?: LogFields) => {
    lines.push(`${message} ${inspect(fields, { depth: null })} ${toJson(fields)}`)
  }
  const log = { debug: write, info: write, warn: write, error: write, child: () => log }
  return { lines, log }
}

describe('secrecy of shares', function () {
  this.timeout(120_000)
  afterEach(() => folders.clean())

  it('has no secret in any file, nor in a log, an error or what is given out', async () => {
    const clock = new SimClock(Number(SCHEDULE.genesis) * 1_000)
    const nodes = await openNodes(folders, 3, clock)
    const first = await runSession(nodes, nodes, { session: 1n, threshold: 2, shares: [2, 1, 0] })
    const session = await sessionOf(nodes, { session: 2n, threshold: 2, previous: first.sharing })
    const node = nodes[0]
    assert.ok(node)
    const { lines, log } = recording()
    const vault = await openShareVault(vaultOptions(node.folder, 0, { clock, log }))
    const outputs: unknown[] = []
    const errors: unknown[] = []
    const attempt = async (work: () => Promise<unknown>) => {
      try {
        outputs.push(await work())
      } catch (error) {
        errors.push(error)
      }
    }
    await attempt(() => vault.encryptionKey())
    await attempt(() => vault.deal(session))
    await attempt(() => vault.examine(first.session, first.dealt))
    await attempt(() => vault.sign(1n, 1n))
    await attempt(() => vault.sign(1n, 2n))
    await attempt(() => vault.sign(9n, 1n))
    await attempt(async () => vault.sharings())
    await attempt(async () => vault)
    const [dealt] = first.dealt
    assert.ok(dealt)
    await attempt(() => vault.complain(first.session, dealt, { polynomial: 0, shareIndex: 0 }))
    await attempt(() => vault.assemble(first.session, first.dealt.slice(1), { ...first.outcome, sharing: 4n }))
    await attempt(() => vault.deal(first.session))
    const exported = await vault.export(new Secret('another password'))
    await attempt(() => vault.import(exported, new Secret('a wrong one')))
    assert.ok(errors.length >= 5 && outputs.length >= 6, `${errors.length} errors, ${outputs.length} results`)

    const secrets = await secretsOf(node.folder, 0)
    assert.equal(secrets.length, 2 + 1 + 2, 'two encryption secrets, a seed, two shares')
    const shown = [...outputs, ...errors].map(
      (value) => `${inspect(value, { depth: null, maxArrayLength: null, showHidden: true })} ${toJson(value)} ${value}`,
    )
    const written = Buffer.from([...lines, ...shown, exported].join('\n').replace(/\s+/g, ''))
    assert.equal(contains(written, secrets), false)
    const files = filesIn(node.folder)
    assert.ok(files.length >= 6)
    for (const file of files) {
      assert.equal(contains(readFileSync(file), secrets), false, file)
      assert.equal(statSync(file).mode & 0o777, 0o600, file)
    }
    // that the search would find one
    writeFileSync(join(node.folder, 'leak'), `x${Buffer.from(secrets[4] ?? []).toString('base64')}`)
    assert.ok(filesIn(node.folder).some((file) => contains(readFileSync(file), secrets)))
  })

  it('overwrites and removes what is destroyed', async () => {
    const clock = new SimClock(Number(SCHEDULE.genesis) * 1_000)
    const nodes = await openNodes(folders, 2, clock)
    const first = await runSession(nodes, nodes, { session: 1n, threshold: 2 })
    await runSession(nodes, nodes, { session: 2n, threshold: 2, previous: first.sharing, switchRound: 1n })
    const node = nodes[0]
    assert.ok(node)
    // held open, so that what becomes of their bytes can still be read when they have no name any more
    const open = filesIn(node.folder)
      .filter((file) => /(encryption|seed|sharing-1)/.test(basename(file)))
      .map((file) => ({ fd: openSync(file, 'r'), before: readFileSync(file) }))
    assert.equal(open.length, 2 + 1 + 1)
    await node.vault.retire(2n, 2n)
    for (const { fd, before } of open) {
      const left = Buffer.alloc(before.length)
      readSync(fd, left, 0, left.length, 0)
      closeSync(fd)
      assert.equal(left.includes(before.subarray(0, 32)) || left.includes(before.subarray(-64, -8)), false)
    }
    const after = filesIn(node.folder)
    assert.deepEqual(after.map((file) => file.slice(node.folder.length + 1)).sort(), [
      'ledger.sealed',
      'sharing-2.sealed',
      'vault.json',
    ])
  })

  it('opens with its password alone, for its scope alone, and only undamaged', async () => {
    const [node] = await openNodes(folders, 1)
    assert.ok(node)
    await node.vault.encryptionKey()
    await node.vault.close()
    const open = (folder: string, change = {}) => openShareVault(vaultOptions(folder, 0, change))
    await assert.rejects(open(node.folder, { password: new Secret('another') }), { code: 'shares.wrong-password' })
    await assert.rejects(open(node.folder, { scope: scopeOf(1) }), { code: 'shares.other-scope' })
    await assert.rejects(open(node.folder, { scope: { ...scopeOf(0), chainId: 1 } }), { code: 'shares.other-scope' })
    assert.equal((await open(node.folder)).encryptionKeys().length, 1)

    const [record] = readdirSync(node.folder).filter((file) => file.startsWith('encryption-'))
    assert.ok(record)
    const copyOf = () => {
      const copy = folders.make()
      cpSync(node.folder, copy, { recursive: true })
      return copy
    }
    const renamed = copyOf()
    copyFileSync(join(renamed, record), join(renamed, 'seed-1.sealed'))
    await assert.rejects(open(renamed), { code: 'shares.invalid' }, 'a record opens under its own name alone')
    for (const change of [
      (text: string) => text.slice(0, -20),
      (text: string) => text.replace(/"tag":"../, '"tag":"00'),
      (text: string) => text.replace('"version":1', '"version":2'),
      () => 'x'.repeat(300_000),
      () => '',
    ]) {
      const damaged = copyOf()
      writeFileSync(join(damaged, record), change(readFileSync(join(damaged, record), 'utf8')))
      await assert.rejects(open(damaged), { code: 'shares.invalid' })
    }
    const headless = copyOf()
    rmSync(join(headless, 'vault.json'))
    await assert.rejects(open(headless), { code: 'shares.invalid' }, 'no new vault beside old records')
    const costly = copyOf()
    const head = readFileSync(join(costly, 'vault.json'), 'utf8')
    writeFileSync(join(costly, 'vault.json'), head.replace('"n": 1024', '"n": 1073741824'))
    await assert.rejects(open(costly), { code: 'keystore.invalid' })
    const widened = copyOf()
    writeFileSync(join(widened, 'vault.json'), head.replaceAll(operatorOf(0), operatorOf(1)))
    await assert.rejects(open(widened, { scope: scopeOf(1) }), { code: 'shares.wrong-password' })
  })

  it('takes away what a kill left half written, and refuses everything once closed', async () => {
    const [node] = await openNodes(folders, 1)
    assert.ok(node)
    const { vault, folder } = node
    await vault.encryptionKey()
    writeFileSync(join(folder, 'sharing-1.sealed.77.tmp'), '{"version":1')
    await vault.close()
    await vault.close()
    const closed = { code: 'shares.closed' }
    await assert.rejects(vault.encryptionKey(), closed)
    await assert.rejects(vault.sign(1n, 1n), closed)
    await assert.rejects(vault.export(PASSWORD), closed)
    assert.deepEqual(vault.encryptionKeys(), [])
    const again = await openShareVault(vaultOptions(folder, 0))
    assert.equal(again.encryptionKeys().length, 1)
    assert.ok(readdirSync(folder).every((file) => !file.endsWith('.tmp')))
  })

  it('leaves the head as it is when a kill came between its two names', async () => {
    const [node] = await openNodes(folders, 1)
    assert.ok(node)
    const { vault, folder } = node
    const registration = await vault.encryptionKey()
    await vault.close()
    linkSync(join(folder, 'vault.json'), join(folder, 'vault.json.0123456789ab.tmp'))
    const again = await openShareVault(vaultOptions(folder, 0))
    assert.deepEqual((await again.encryptionKey()).publicKey, registration.publicKey)
    assert.ok(readdirSync(folder).every((file) => !file.endsWith('.tmp')))
    await again.close()
  })

  it('derives its key by the strong function unless told otherwise, and the loop goes on meanwhile', async () => {
    const folder = folders.make()
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    const { strength: _, ...strong } = vaultOptions(folder, 0)
    const vault = await openShareVault(strong)
    clearInterval(timer)
    assert.ok(turns > 5, `${turns} turns of the event loop`)
    const head = JSON.parse(readFileSync(join(folder, 'vault.json'), 'utf8')) as { kdf: object }
    assert.deepEqual({ ...head.kdf, salt: '' }, { function: 'scrypt', n: 131_072, r: 8, p: 1, salt: '' })
    await vault.close()
  })
})
