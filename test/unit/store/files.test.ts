import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { lockDataDir } from '../../../src/store/lock.ts'
import { openDataStore } from '../../../src/store/sqlite/data.ts'
import { openGuardStore } from '../../../src/store/sqlite/guard.ts'
import { bytes32, cleanUp, guardKey, refuses, slotRecord, storedCertificate, temporaryFolder } from './suites.ts'

const A = bytes32(0xa)
const mode = (path: string) => statSync(path).mode & 0o777

/** A guard file with 500 records, closed. */
async function filledGuard(): Promise<string> {
  const path = join(temporaryFolder(), 'guard.sqlite')
  const store = openGuardStore(path, { create: true })
  const all = Array.from({ length: 500 }, (_, slot) => store.checkAndInsert(guardKey({ slot: BigInt(slot) }), 1n, A, A))
  await Promise.all(all)
  store.close()
  return path
}

describe('store files', () => {
  afterEach(cleanUp)

  it('come back after a restart, records and watermark alike', async () => {
    const path = await filledGuard()
    const first = openGuardStore(path)
    first.prune(guardKey(), 100n)
    first.close()
    const again = openGuardStore(path)
    assert.equal(again.watermark(guardKey()), 100n)
    assert.equal(await again.checkAndInsert(guardKey({ slot: 99n }), 1n, A, A), 'below-watermark')
    assert.equal(await again.checkAndInsert(guardKey({ slot: 100n }), 1n, A, A), 'same')
    assert.equal(await again.checkAndInsert(guardKey({ slot: 100n }), 1n, bytes32(0xb), A), 'conflict')
    again.close()

    const dataPath = join(temporaryFolder(), 'data.sqlite')
    const data = openDataStore(dataPath)
    data.cursors.set('head', 7n)
    data.journal.record(slotRecord())
    data.certificates.put(storedCertificate())
    data.close()
    const reopened = openDataStore(dataPath, { journalPerService: 1, certificatesPerService: 1 })
    assert.equal(reopened.cursors.get('head'), 7n)
    assert.deepEqual(reopened.certificates.get('prices', 1n), storedCertificate())
    reopened.journal.record(slotRecord({ slot: 2n }))
    assert.deepEqual(reopened.journal.list({ service: 'prices', limit: 9 }), [slotRecord({ slot: 2n })])
    reopened.close()
  })

  it('are for their owner only, whatever the umask', async () => {
    const folder = join(temporaryFolder(), 'made', 'here')
    const before = process.umask(0)
    try {
      const guard = openGuardStore(join(folder, 'guard.sqlite'), { create: true })
      await guard.checkAndInsert(guardKey(), 1n, A, A)
      openDataStore(join(folder, 'data.sqlite')).close()
      assert.equal(mode(folder), 0o700)
      for (const name of readdirSync(folder)) assert.equal(mode(join(folder, name)), 0o600, name)
      assert.ok(existsSync(join(folder, 'guard.sqlite-wal')))
      guard.close()
      chmodSync(join(folder, 'guard.sqlite'), 0o644)
      openGuardStore(join(folder, 'guard.sqlite')).close()
      assert.equal(mode(join(folder, 'guard.sqlite')), 0o600)
    } finally {
      process.umask(before)
    }
  })

  it('commits of the guard are on disk when they return: WAL with synchronous=FULL', async () => {
    const path = join(temporaryFolder(), 'guard.sqlite')
    const trace = execFileSync(process.execPath, [new URL('./pragmas.ts', import.meta.url).pathname, path], {
      encoding: 'utf8',
    })
    assert.deepEqual(JSON.parse(trace), {
      guard: { journal: 'wal', synchronous: 2 },
      data: { journal: 'wal', synchronous: 1 },
    })
  })

  const harm: Record<string, (path: string) => void> = {
    'it is empty': (path) => truncateSync(path, 0),
    'it is cut short': (path) => truncateSync(path, statSync(path).size - 4096),
    'its header is overwritten': (path) => patch(path, 0, Buffer.alloc(100, 0x55)),
    'a page is overwritten': (path) => patch(path, statSync(path).size - 4096, Buffer.alloc(4096, 0x55)),
    'it is text': (path) => writeFileSync(path, 'not a database, but long enough to look at'.repeat(100)),
    'it is missing while its -wal is there': (path) => {
      writeFileSync(`${path}-wal`, 'x')
      rmSync(path)
    },
  }
  for (const [what, apply] of Object.entries(harm)) {
    it(`refuses a guard when ${what}, says what to do, and leaves it as it was`, async () => {
      const path = await filledGuard()
      apply(path)
      const before = existsSync(path) ? readFileSync(path) : undefined
      assert.throws(() => openGuardStore(path), {
        code: /^store\.(damaged|foreign)$/,
        message: new RegExp(`^${path} .*(do not delete it|name another dataDir)`),
      })
      assert.deepEqual(existsSync(path) ? readFileSync(path) : undefined, before)
    })
  }

  it('starts over when the making of the file was cut off', async () => {
    const path = join(temporaryFolder(), 'guard.sqlite')
    writeFileSync(`${path}.new`, 'half')
    const store = openGuardStore(path, { create: true })
    assert.equal(await store.checkAndInsert(guardKey(), 1n, A, A), 'recorded')
    store.close()
    assert.equal(existsSync(`${path}.new`), false)
  })

  it('refuses a file of another kind or program', async () => {
    const folder = temporaryFolder()
    openDataStore(join(folder, 'data.sqlite')).close()
    refuses('store.foreign', () => openGuardStore(join(folder, 'data.sqlite')))
    new Database(join(folder, 'other.sqlite')).exec('CREATE TABLE t (a)').close()
    refuses('store.foreign', () => openGuardStore(join(folder, 'other.sqlite')))
  })

  it('refuses a schema that is newer than it knows, and says which', async () => {
    const path = await filledGuard()
    const database = new Database(path)
    database.pragma('user_version = 9')
    database.close()
    assert.throws(() => openGuardStore(path), { code: 'store.version', details: { path, version: 9, known: 2 } })
  })

  it('says so when the folder cannot be written', async () => {
    const blocker = join(temporaryFolder(), 'file')
    writeFileSync(blocker, '')
    assert.throws(() => openGuardStore(join(blocker, 'guard.sqlite'), { create: true }), /file/)
    refuses('store.failed', () => lockDataDir(join(blocker, 'dir')))
  })

  it('two processes on one guard cannot both record: the file itself decides', async () => {
    const path = await filledGuard()
    const one = openGuardStore(path)
    const two = openGuardStore(path)
    assert.equal(await one.checkAndInsert(guardKey({ slot: 900n }), 1n, A, A), 'recorded')
    assert.equal(await two.checkAndInsert(guardKey({ slot: 900n }), 1n, bytes32(0xb), A), 'conflict')
    two.prune(guardKey(), 901n)
    assert.equal(await one.checkAndInsert(guardKey({ slot: 900n }), 1n, A, A), 'below-watermark')
    one.close()
    two.close()
  })
})

describe('data folder lock', () => {
  afterEach(cleanUp)

  it('refuses a second holder in this process and lets go when released', async () => {
    const dir = join(temporaryFolder(), 'data')
    const lock = lockDataDir(dir)
    assert.equal(mode(dir), 0o700)
    for (let i = 0; i < 2; i++) {
      assert.throws(() => lockDataDir(dir), { code: 'store.locked', message: /in use by another lariat process: stop/ })
    }
    lock.release()
    lock.release()
    lockDataDir(dir).release()
  })

  it('is held by another process until SIGKILL takes it, and is free at once then', async () => {
    const dir = join(temporaryFolder(), 'data')
    const holder = spawn(process.execPath, [new URL('./holder.ts', import.meta.url).pathname, dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const [line] = (await once(holder.stdout, 'data')) as [Buffer]
      assert.equal(line.toString(), 'locked\n')
      refuses('store.locked', () => lockDataDir(dir))
    } finally {
      holder.kill('SIGKILL')
    }
    await once(holder, 'exit')
    lockDataDir(dir).release()
  })
})

function patch(path: string, at: number, bytes: Buffer): void {
  const descriptor = openSync(path, 'r+')
  writeSync(descriptor, bytes, 0, bytes.length, at)
  closeSync(descriptor)
}
