import assert from 'node:assert/strict'
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { accept } from '../../../../src/node/guard/accept.ts'
import { createGuard } from '../../../../src/node/guard/create.ts'
import { exportGuard } from '../../../../src/node/guard/export.ts'
import { importGuard } from '../../../../src/node/guard/import.ts'
import { showGuard } from '../../../../src/node/guard/show.ts'
import { acceptText, exportText, importText, recordText, verifyText } from '../../../../src/node/guard/text.ts'
import { verifyGuard } from '../../../../src/node/guard/verify.ts'
import { lockDataDir } from '../../../../src/store/lock.ts'
import { openGuardStore } from '../../../../src/store/sqlite/guard.ts'
import { statementDigest } from '../../../../src/types/digest.ts'
import { Kind } from '../../../../src/types/statement.ts'
import { bytesToHex, type Hex } from '../../../../src/util/hex.ts'
import { bytes32, cleanUp, guardKey, temporaryFolder } from '../../store/suites.ts'

const A = bytes32(0xa)
const B = bytes32(0xb)

interface Machine {
  readonly dataDir: string
  readonly guard: string
}

async function machine(): Promise<Machine> {
  const dataDir = temporaryFolder()
  await createGuard({ dataDir })
  return { dataDir, guard: join(dataDir, 'guard.sqlite') }
}

async function sign({ guard }: Machine, slots: readonly number[], payload: Hex = A) {
  const store = openGuardStore(guard)
  try {
    return await Promise.all(
      slots.map((slot) => {
        const key = guardKey({ slot: BigInt(slot) })
        const statement = { ...key, kind: Kind.certify, epoch: 1n, payload }
        return store.checkAndInsert(key, 1n, payload, bytesToHex(statementDigest(key, statement)))
      }),
    )
  } finally {
    store.close()
  }
}

describe('lariat guard', () => {
  afterEach(cleanUp)

  it('moves an operator to another machine and back, and only one of the two ever signs', async () => {
    const [one, two] = [await machine(), await machine()]
    await sign(one, [1, 2, 3])
    const exported = await exportGuard({ dataDir: one.dataDir, out: join(one.dataDir, 'out.json'), retire: true })
    assert.deepEqual([exported.entries, exported.streams, exported.retired], [3, 1, true])
    assert.match(exportText(exported), /This record is retired/)
    assert.equal(statSync(exported.file).mode & 0o777, 0o600)
    await assert.rejects(sign(one, [4]), { code: 'store.retired' })

    const imported = await importGuard({ dataDir: two.dataDir, file: exported.file })
    assert.deepEqual([imported.retired, imported.streams[0]?.added], [false, 3])
    assert.deepEqual(await sign(two, [2, 3, 4], B), ['conflict', 'conflict', 'recorded'])
    // its own file does not bring the first machine back
    const own = await importGuard({ dataDir: one.dataDir, file: exported.file })
    assert.equal(own.retired, true)
    assert.match(importText(own, false), /stays retired: the file was not exported with --retire by another machine/)
    await assert.rejects(sign(one, [4]), { code: 'store.retired' })

    const back = await exportGuard({ dataDir: two.dataDir, out: join(two.dataDir, 'back.json'), retire: true })
    assert.equal((await importGuard({ dataDir: one.dataDir, file: back.file })).retired, false)
    assert.deepEqual(await sign(one, [4, 5]), ['conflict', 'recorded'])
    await assert.rejects(sign(two, [5]), { code: 'store.retired' })
  })

  it('bars where two records differ, and says so', async () => {
    const [one, two] = [await machine(), await machine()]
    await sign(one, [1, 2])
    await sign(two, [2, 3], B)
    const { file } = await exportGuard({ dataDir: one.dataDir, out: join(one.dataDir, 'out.json') })
    const dry = await importGuard({ dataDir: two.dataDir, file, dryRun: true })
    assert.match(
      importText(dry, true),
      /SLOT 2 ATTEMPT 0 HAS ANOTHER PAYLOAD HERE[\s\S]*see that it signs no more[\s\S]*dry run/,
    )
    assert.deepEqual(await sign(two, [2], B), ['same'])
    const { problems } = await verifyGuard({ dataDir: two.dataDir }, file)
    assert.equal(problems.length, 2)
    assert.match(
      problems.join('\n'),
      /slot 1 attempt 0 is in the file and not in the record[\s\S]*slot 2 attempt 0 has another payload/,
    )
    await importGuard({ dataDir: two.dataDir, file })
    assert.deepEqual(await sign(two, [2], B), ['conflict'])
    assert.deepEqual(await sign(two, [2], A), ['conflict'])
    const after = await verifyGuard({ dataDir: two.dataDir }, file)
    assert.deepEqual(after.problems, [])
    assert.match(verifyText(after), /3 statements, all in order/)
  })

  it('exports the newest slots only, and forbids those below', async () => {
    const [one, two] = [await machine(), await machine()]
    await sign(one, [1, 5, 8, 9, 10])
    const { entries, file } = await exportGuard({ dataDir: one.dataDir, out: join(one.dataDir, 'out.json'), newest: 3 })
    assert.equal(entries, 3)
    await importGuard({ dataDir: two.dataDir, file })
    assert.deepEqual(await sign(two, [1, 7, 8, 11]), ['below-watermark', 'below-watermark', 'same', 'recorded'])
    assert.deepEqual((await verifyGuard({ dataDir: two.dataDir }, file)).problems, [])
  })

  it('shows what is on record, beside a node that runs', async () => {
    const one = await machine()
    await sign(one, [1, 2])
    const lock = lockDataDir(one.dataDir)
    try {
      const { path, record, streams } = await showGuard(one)
      const text = recordText(path, record, streams)
      assert.match(text, /chain 31337, .*, certify\n {2}2 statements, newest slot 2, nothing is signed below 0/)
      assert.deepEqual((await verifyGuard(one)).problems, [])
      for (const refused of [
        exportGuard({ ...one, out: join(one.dataDir, 'x') }),
        importGuard({ ...one, file: import.meta.filename }).catch((error: { code: string }) => {
          // the file is looked at first
          assert.equal(error.code, 'interchange.invalid')
          return accept(one, 'older')
        }),
      ]) {
        await assert.rejects(refused, { code: 'store.locked' })
      }
    } finally {
      lock.release()
    }
  })

  it('verify finds a statement that was changed, and a file that others may read', async () => {
    const one = await machine()
    await sign(one, [1, 2])
    const database = new Database(one.guard)
    database.prepare('UPDATE signed SET payload = ? WHERE slot = 1').run(Buffer.alloc(32, 7))
    database.close()
    const { problems } = await verifyGuard(one)
    assert.deepEqual(problems.length, 1)
    assert.match(problems[0] ?? '', /slot 1 attempt 0 .* has a digest that is not its statement's/)
  })

  it('accepts what it is told to, and nothing else', async () => {
    const one = await machine()
    await assert.rejects(accept(one, 'older'), { code: 'guard.state', message: /is in order, not older/ })
    await sign(one, [1])
    const old = readFileSync(one.guard)
    await sign(one, [2])
    writeFileSync(one.guard, old)
    await assert.rejects(accept(one, 'missing'), {
      code: 'guard.state',
      message: /is older, not missing: .*accept older/,
    })
    const before = Date.now()
    const older = await accept(one, 'older')
    assert.ok(older.floorMs >= before + 2_000)
    assert.deepEqual(older.setAside, [])
    assert.match(acceptText('older', older), /no other instance of this operator runs/)
    assert.deepEqual(await sign(one, [1, 2], B), ['conflict', 'recorded'])

    truncateSync(one.guard, 5_000)
    rmSync(`${one.guard}-wal`, { force: true })
    const damaged = await accept(one, 'damaged')
    assert.ok(damaged.setAside.some((file) => /guard\.sqlite\.until-/.test(file) && existsSync(file)))
    assert.deepEqual(await sign(one, [9]), ['recorded'])

    rmSync(one.guard)
    await assert.rejects(createGuard(one), { code: 'store.missing' })
    const missing = await accept(one, 'missing')
    const store = openGuardStore(one.guard)
    assert.equal(store.floor(), Math.ceil(missing.floorMs))
    store.close()

    await exportGuard({ ...one, out: join(one.dataDir, 'out.json'), retire: true })
    await accept(one, 'retired')
    assert.deepEqual(await sign(one, [10]), ['recorded'])
    assert.ok(readdirSync(one.dataDir).filter((name) => name.includes('.until-')).length >= 3, 'nothing is deleted')
  })

  it('refuses what it cannot do, and changes nothing', async () => {
    const one = await machine()
    await assert.rejects(showGuard({}), { code: 'usage.guard', message: /--config FILE, or .* --data-dir FOLDER/ })
    await assert.rejects(showGuard({ dataDir: join(one.dataDir, 'no') }), {
      code: 'usage.guard',
      message: /is no folder/,
    })
    await assert.rejects(showGuard({ dataDir: temporaryFolder() }), { code: 'store.missing' })
    await assert.rejects(createGuard(one), { code: 'guard.state', message: /is there already/ })
    writeFileSync(join(one.dataDir, 'taken'), '')
    await assert.rejects(exportGuard({ ...one, out: join(one.dataDir, 'taken'), retire: true }), {
      code: 'file.exists',
    })
    assert.deepEqual(await sign(one, [1]), ['recorded'], 'not retired')
    await assert.rejects(importGuard({ ...one, file: join(one.dataDir, 'none') }), { code: 'interchange.invalid' })
    const other = await machine()
    await sign(other, [1, 2])
    const old = temporaryFolder()
    copyFileSync(one.guard, join(old, 'guard.sqlite'))
    copyFileSync(join(other.dataDir, 'guard.seen'), join(old, 'guard.seen'))
    await assert.rejects(exportGuard({ dataDir: old, out: join(old, 'out.json') }), { code: 'store.older' })
  })
})
