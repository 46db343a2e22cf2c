import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openGuardStore } from '../../src/store/sqlite/guard.ts'
import { seededRandom } from '../../src/util/random.ts'
import { buildHost } from '../support/crash/build.ts'
import { Disk, readPowerLog } from '../support/crash/disk.ts'
import { guardKeyOf, type HostSetup, parseTold, payloadOf, SERVICES, type Told } from '../support/crash/law.ts'

/** Power cuts; `npm run check:deep -- guard-cuts` has 10,000. */
const CUTS = Number(process.env.GUARD_CUTS ?? 300)
/** Slots that each service signs while its writes are logged: enough for checkpoints, which come every 1,000 pages. */
const ROUNDS = Number(process.env.GUARD_CUT_ROUNDS ?? 200)
/** Newest signatures for which another payload is offered after each cut; all are looked up. */
const OFFERED = 16

const SOURCE = fileURLToPath(new URL('../support/crash/powerLog.c', import.meta.url))

describe(`guard with ${SERVICES} services at once under ${CUTS} power cuts`, function () {
  this.timeout(7_200_000) // the deep tier on a busy machine
  const seed = Number(process.env.CUT_SEED ?? Date.now() & 0x7fffffff)
  const random = seededRandom(seed)
  let folder = ''
  let host = ''
  before(async () => {
    console.log(`      seed ${seed} (CUT_SEED repeats it)`)
    folder = mkdtempSync(join(tmpdir(), 'lariat-power-'))
    host = await buildHost()
  })
  after(() => {
    rmSync(folder, { recursive: true, force: true })
    rmSync(host, { force: true })
  })

  /** Lets the host sign from an empty folder to the end, and gives the log of what it did to the disk. */
  function record(): { readonly data: string; readonly log: Buffer } {
    const [data, log, library] = [join(folder, 'data'), join(folder, 'log'), join(folder, 'powerLog.so')]
    mkdirSync(data)
    // needs a C compiler, which is why this is not part of `npm test`
    execFileSync('cc', ['-std=gnu11', '-O1', '-shared', '-fPIC', '-o', library, SOURCE, '-ldl', '-lpthread'])
    const setup: HostSetup = {
      folder: data,
      incarnation: 1,
      from: Array.from({ length: SERVICES }, () => 0),
      rounds: ROUNDS,
    }
    const { status, stderr } = spawnSync(process.execPath, [host, JSON.stringify(setup)], {
      env: { ...process.env, LD_PRELOAD: library, POWER_ROOT: data, POWER_LOG: log },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    assert.equal(status, 0, stderr.toString())
    return { data, log: readFileSync(log) }
  }

  it('has on record what left it, signs no second payload, refuses no other, and starts by itself', async () => {
    const { data, log } = record()
    const events = readPowerLog(log)
    const count = (kind: string, end: string) =>
      events.filter((each) => each.kind === kind && each.path.endsWith(end)).length
    assert.ok(count('s', 'guard.sqlite-wal') >= ROUNDS, 'a commit without its fsync')
    assert.ok(count('s', 'data') > 0, 'no folder was synced')
    assert.equal(count('o', ''), SERVICES * ROUNDS + 1)
    const cuts = Array.from({ length: CUTS }, () => Math.floor(random() * events.length)).sort((a, b) => a - b)
    const disk = new Disk(data)
    const told: Told[] = []
    let next = 0
    let survived = 0
    let unsigned = 0
    for (const [i, event] of events.entries()) {
      for (; cuts[next] === i; next++) {
        const rest = await lookAt(disk.cut(random), told, join(folder, `cut-${next}`))
        survived++
        unsigned += rest
      }
      disk.apply(event)
      const line = event.kind === 'o' ? parseTold(event.data.toString().trim()) : undefined
      if (line !== undefined) told.push(line)
    }
    console.log(
      `      ${survived} cuts of ${events.length} events, ${told.length} signatures; ${unsigned} times a slot was on record whose signature had not left`,
    )
    assert.equal(survived, CUTS)
  })

  /** What a node finds after the power is back. @returns records without a signature that left, of the newest slots */
  async function lookAt(files: ReadonlyMap<string, Buffer>, told: readonly Told[], place: string): Promise<number> {
    mkdirSync(place)
    for (const [path, content] of files) writeFileSync(join(place, basename(path)), content)
    const path = join(place, 'guard.sqlite')
    assert.ok(told.length === 0 || existsSync(path), 'the record is gone')
    // anything it threw would be a right record refused
    const store = openGuardStore(path, { create: true })
    let unsigned = 0
    try {
      const newest = new Map<number, bigint>()
      for (const { service, slot, payload } of told) {
        newest.set(service, slot)
        const key = guardKeyOf(service, slot)
        if (slot >= store.watermark(key))
          assert.equal(store.find(key)?.payload, payload, `service ${service} slot ${slot} was forgotten`)
      }
      const offer = (service: number, slot: bigint, incarnation: number) =>
        store.checkAndInsert(guardKeyOf(service, slot), 1n, payloadOf(incarnation), payloadOf(incarnation))
      for (const { service, slot } of told.slice(-OFFERED)) {
        assert.equal(await offer(service, slot, 2), 'conflict', `service ${service} slot ${slot} was signed twice`)
        assert.equal(await offer(service, slot, 1), 'same')
      }
      for (let service = 0; service < SERVICES; service++) {
        const slot = (newest.get(service) ?? -1n) + 1n
        // recorded and not told, as the cut came between, or new; the one after that is new for certain
        const known = store.find(guardKeyOf(service, slot)) !== undefined
        if (known) unsigned++
        assert.equal(await offer(service, slot, 2), known ? 'conflict' : 'recorded')
        assert.equal(await offer(service, slot + 1n, 2), 'recorded')
      }
    } finally {
      store.close()
      rmSync(place, { recursive: true })
    }
    return unsigned
  }

  it('would notice a record that does not sync: what was told is gone after a cut', () => {
    const at = join(folder, 'x')
    const disk = new Disk(folder)
    const event = (kind: 'c' | 'w' | 's' | 'o', path: string, text = '') => ({
      kind,
      path,
      offset: 0,
      data: Buffer.from(text),
    })
    disk.apply(event('c', at))
    disk.apply(event('s', folder))
    disk.apply(event('w', at, 'told'))
    assert.equal(
      disk
        .cut(() => 0)
        .get(at)
        ?.toString(),
      '',
    )
    disk.apply(event('s', at))
    assert.equal(
      disk
        .cut(() => 0)
        .get(at)
        ?.toString(),
      'told',
    )
    disk.apply(event('c', join(folder, 'y')))
    assert.equal(disk.cut(() => 0).has(join(folder, 'y')), false)
  })
})
