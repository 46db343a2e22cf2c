import assert from 'node:assert/strict'
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { seenPathOf } from '../../../src/store/seen.ts'
import { openGuardStore } from '../../../src/store/sqlite/guard.ts'
import {
  acceptGuard,
  type ForeignStream,
  mergeGuard,
  readGuard,
  retireGuard,
} from '../../../src/store/sqlite/guardArchive.ts'
import type { GuardStore } from '../../../src/store/store.ts'
import { hexToBytes } from '../../../src/util/hex.ts'
import { bytes32, cleanUp, guardKey, refuses, temporaryFolder } from './suites.ts'

const A = bytes32(0xa)
const B = bytes32(0xb)
const DIGEST = bytes32(0xd)

function newGuard(): string {
  const path = join(temporaryFolder(), 'guard.sqlite')
  openGuardStore(path, { create: true }).close()
  return path
}

async function using<T>(path: string, work: (store: GuardStore) => Promise<T> | T): Promise<T> {
  const store = openGuardStore(path)
  try {
    return await work(store)
  } finally {
    store.close()
  }
}

const sign = (path: string, slot: bigint, payload = A) =>
  using(path, (store) => store.checkAndInsert(guardKey({ slot }), 1n, payload, DIGEST))

/** Puts back what the three files of a record were. */
function snapshot(path: string, files = [path, `${path}-wal`]): () => void {
  const copies = files.map((file) => [file, existsSync(file) ? readFileSync(file) : undefined] as const)
  return () => {
    for (const [file, content] of copies) {
      if (content === undefined) rmSync(file, { force: true })
      else writeFileSync(file, content)
    }
    rmSync(`${path}-shm`, { force: true })
  }
}

function foreign(
  entries: readonly (readonly [slot: bigint, payload: typeof A | undefined, epoch?: bigint])[],
  watermark = 0n,
): ForeignStream {
  const { slot: _, attempt: __, ...key } = guardKey()
  return {
    key,
    watermark,
    entries: entries.map(([slot, payload, epoch = 1n]) => ({
      ...{ slot, attempt: 0, epoch },
      payload: payload && hexToBytes(payload),
      digest: payload && hexToBytes(DIGEST),
    })),
  }
}
const MERGE = { floorMs: 0, takeOver: false, dryRun: false }

describe('guard’s memory of how new its record is', () => {
  afterEach(cleanUp)

  it('lets the record that was here last pass, after every way to stop', async () => {
    const path = newGuard()
    for (let slot = 1n; slot <= 5n; slot++) assert.equal(await sign(path, slot), 'recorded')
    await using(path, (store) => store.prune(guardKey(), 5n))
    await using(path, (store) => store.prune(guardKey(), 9n)) // what was recorded last is gone, and refused by the watermark
    assert.equal(await sign(path, 9n), 'recorded')
  })

  it('refuses a copy from before the last statement, and the right one passes again', async () => {
    const path = newGuard()
    await sign(path, 1n)
    const goBack = snapshot(path)
    await sign(path, 2n)
    const goForth = snapshot(path)
    goBack()
    assert.throws(() => openGuardStore(path), {
      code: 'store.older',
      message: /not the record that was here last \(slot 2, recorded last, is not in it\).*lariat guard accept/,
    })
    refuses('store.older', () => openGuardStore(path, { create: true }))
    goForth()
    assert.equal(await sign(path, 2n, B), 'conflict')
  })

  it('refuses a copy from before an import, and another record', async () => {
    const path = newGuard()
    await sign(path, 1n)
    const goBack = snapshot(path)
    mergeGuard(path, { ...MERGE, streams: [foreign([[7n, A]])] })
    goBack()
    assert.throws(() => openGuardStore(path), { code: 'store.older', message: /it has seen 0 of 1 imports/ })
    const other = newGuard()
    await sign(other, 1n)
    copyFileSync(other, path)
    assert.throws(() => openGuardStore(path), { code: 'store.older', message: /it is another one/ })
  })

  it('neither imports into an older copy nor retires it: that would make it pass', async () => {
    const path = newGuard()
    const goBack = snapshot(path)
    await sign(path, 2n)
    goBack()
    refuses('store.older', () => mergeGuard(path, { ...MERGE, streams: [] }))
    refuses('store.older', () => retireGuard(path, 1))
    refuses('store.older', () => openGuardStore(path))
  })

  it('does without a memory that was lost or is unreadable, and remembers from then on', async () => {
    for (const harm of [(file: string) => rmSync(file), (file: string) => writeFileSync(file, 'x'.repeat(9_000))]) {
      const path = newGuard()
      await sign(path, 1n)
      const goBack = snapshot(path)
      harm(seenPathOf(path))
      assert.equal(await sign(path, 2n), 'recorded')
      goBack()
      refuses('store.older', () => openGuardStore(path))
    }
  })

  it('survives that one of its two places is cut off in the writing', async () => {
    const path = newGuard()
    for (let slot = 1n; slot <= 4n; slot++) await sign(path, slot)
    const seen = readFileSync(seenPathOf(path))
    for (const place of [0, 4_096]) {
      const torn = Buffer.from(seen)
      torn.fill(0, place + 100, place + 140)
      writeFileSync(seenPathOf(path), torn)
      openGuardStore(path).close()
    }
  })

  it('accepts an older record when told to, which then signs nothing triggered before', async () => {
    const path = newGuard()
    const goBack = snapshot(path)
    await sign(path, 2n)
    goBack()
    acceptGuard(path, { floorMs: 5_000.5, unretire: false })
    assert.equal(await using(path, (store) => store.floor()), 5_001)
    acceptGuard(path, { floorMs: 3_000, unretire: false })
    assert.equal(await using(path, (store) => store.floor()), 5_001, 'never lowered')
  })
})

describe('merging of guards’ records', () => {
  afterEach(cleanUp)

  it('keeps the stricter of both everywhere', async () => {
    const path = newGuard()
    await using(path, async (store) => {
      for (let slot = 1n; slot <= 10n; slot++) await store.checkAndInsert(guardKey({ slot }), 2n, A, DIGEST)
      store.prune(guardKey(), 3n)
    })
    const stream = foreign(
      [
        [1n, B],
        [5n, A],
        [6n, B],
        [7n, undefined],
        [20n, B],
      ],
      5n,
    )
    const [merged] = mergeGuard(path, { ...MERGE, floorMs: 77, streams: [stream] })
    assert.deepEqual(merged, {
      key: stream.key,
      watermarkBefore: 3n,
      watermark: 5n,
      added: 1,
      same: 1,
      below: 1,
      barred: [
        { slot: 6n, attempt: 0 },
        { slot: 7n, attempt: 0 },
      ],
    })
    await using(path, async (store) => {
      const outcomes = (slot: bigint) =>
        Promise.all([A, B].map((payload) => store.checkAndInsert(guardKey({ slot }), 1n, payload, DIGEST)))
      assert.deepEqual(await outcomes(4n), ['below-watermark', 'below-watermark'])
      assert.deepEqual(await outcomes(5n), ['same', 'conflict'])
      assert.deepEqual(await outcomes(6n), ['conflict', 'conflict'])
      assert.deepEqual(await outcomes(7n), ['conflict', 'conflict'])
      assert.deepEqual(await outcomes(8n), ['same', 'conflict'])
      assert.deepEqual(await outcomes(20n), ['conflict', 'same'])
      assert.deepEqual(store.find(guardKey({ slot: 6n })), { epoch: 2n, payload: null, digest: null })
      assert.equal(store.find(guardKey({ slot: 5n }))?.epoch, 1n)
      assert.equal(store.floor(), 77)
    })
  })

  it('does nothing on a dry run, and nothing at all when a part is refused', async () => {
    const path = newGuard()
    await sign(path, 1n)
    const before = readFileSync(path)
    const [merged] = mergeGuard(path, {
      ...MERGE,
      dryRun: true,
      streams: [
        foreign(
          [
            [1n, B],
            [2n, B],
          ],
          0n,
        ),
      ],
    })
    assert.deepEqual([merged?.added, merged?.barred.length], [1, 1])
    const other = foreign([[3n, A]])
    const strange = { ...other, key: { ...other.key, genesisHash: bytes32(0xdef), kind: 2 } }
    refuses('guard.foreign-domain', () => mergeGuard(path, { ...MERGE, streams: [other, strange] }))
    assert.deepEqual(readFileSync(path), before)
    assert.equal(await using(path, (store) => store.find(guardKey({ slot: 3n }))), undefined)
  })

  it('retires a record until another machine hands over', async () => {
    const path = newGuard()
    retireGuard(path, 1_700_000_000_000)
    assert.throws(() => openGuardStore(path), { code: 'store.retired', message: /retired at 2023-11-14T22:13:20.000Z/ })
    mergeGuard(path, { ...MERGE, streams: [] })
    refuses('store.retired', () => openGuardStore(path))
    mergeGuard(path, { ...MERGE, takeOver: true, streams: [] })
    openGuardStore(path).close()
  })

  it('ends alike in any order and any number of times, and never allows what one of the records refused', async () => {
    const seed = Number(process.env.FC_SEED ?? Date.now() & 0x7fffffff)
    console.log(`      fast-check seed ${seed} (FC_SEED repeats it)`)
    const entry = fc.tuple(fc.bigInt(0n, 5n), fc.constantFrom(A, B, undefined), fc.bigInt(1n, 3n))
    const stream = fc
      .tuple(fc.uniqueArray(entry, { selector: ([slot]) => slot, maxLength: 6 }), fc.bigInt(0n, 4n))
      .map(([entries, watermark]) => foreign(entries, watermark))
    const dump = (path: string) => {
      const reader = readGuard(path)
      const [facts] = reader.streams()
      const entries =
        facts === undefined
          ? []
          : [...reader.entries(facts.key)].map((found) => (found.payload === null ? { ...found, epoch: 0n } : found))
      reader.close()
      return { watermark: facts?.watermark, entries }
    }
    await fc.assert(
      fc.asyncProperty(fc.array(stream, { minLength: 1, maxLength: 3 }), async (streams) => {
        const [one, two] = [newGuard(), newGuard()]
        mergeGuard(one, { ...MERGE, streams })
        for (const each of [...streams, ...streams].reverse()) mergeGuard(two, { ...MERGE, streams: [each] })
        assert.deepEqual(dump(one), dump(two))
        await using(one, async (store) => {
          for (const { entries, watermark } of streams) {
            for (let slot = 0n; slot < 6n; slot++) {
              const theirs = entries.find((known) => known.slot === slot)
              for (const payload of [A, B]) {
                const same = theirs?.payload !== undefined && Buffer.compare(theirs.payload, hexToBytes(payload)) === 0
                if (slot >= watermark && (theirs === undefined || same)) continue
                const outcome = await store.checkAndInsert(guardKey({ slot }), 1n, payload, DIGEST)
                assert.ok(outcome === 'conflict' || outcome === 'below-watermark', `${outcome} of slot ${slot}`)
              }
            }
          }
        })
        cleanUp()
      }),
      { seed, numRuns: 10 },
    )
  })

  it('brings a record of the first schema up to date', async () => {
    const path = newGuard()
    await sign(path, 1n)
    const database = new Database(path)
    database.exec('DROP TABLE record')
    database.pragma('user_version = 1')
    database.close()
    rmSync(seenPathOf(path))
    assert.equal(await sign(path, 1n, B), 'conflict')
    assert.equal(await sign(path, 2n), 'recorded')
  })
})
