import assert from 'node:assert/strict'
import { mkdtemp, rename, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import Database from 'better-sqlite3'
import { diskCheck } from '../../../../src/node/selfcheck/disk.ts'
import { eventLoopCheck } from '../../../../src/node/selfcheck/eventLoop.ts'
import { guardCheck } from '../../../../src/node/selfcheck/guard.ts'
import { memoryCheck, memoryLimits } from '../../../../src/node/selfcheck/memory.ts'
import { storageCheck } from '../../../../src/node/selfcheck/storage.ts'
import { openGuardStore } from '../../../../src/store/sqlite/guard.ts'
import type { GuardStore } from '../../../../src/store/store.ts'
import { eventually } from '../../../support/eventually.ts'
import { checkBench } from '../../../support/selfchecks.ts'

const MIB = 1_048_576

describe('self-checks of the machine turn with their cause, and back', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lariat-machine-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  describe('guard', () => {
    let file: string
    let guard: GuardStore

    beforeEach(() => {
      file = join(folder, 'guard.sqlite')
      guard = openGuardStore(file, { create: true })
    })
    afterEach(() => guard.close())
    const bench = () => checkBench([guardCheck({ file, probe: () => guard.probe() })])

    it('when the record is moved away, or another lies in its place', async () => {
      const { turns, selfChecks } = bench()
      await selfChecks.look()
      await rename(file, `${file}.moved`)
      // known before any look: the next signature is refused
      assert.match(selfChecks.refusal('prices') ?? '', /is gone: what is signed now would be forgotten/)
      await turns('guard', 'fail', /guard\.sqlite is gone/)
      await rename(`${file}.moved`, file)
      await turns('guard', 'pass')
      await rename(file, `${file}.moved`)
      await writeFile(file, '')
      await turns('guard', 'fail', /is another file than the one that was opened/)
      await rm(file)
      await rename(`${file}.moved`, file)
      await selfChecks.look()
      assert.equal(selfChecks.refusal('prices'), undefined)
    })

    it('when another process holds the record', async () => {
      const { turns, selfChecks } = bench()
      await selfChecks.look()
      const other = new Database(file)
      other.exec('BEGIN IMMEDIATE')
      await turns('guard', 'fail', /cannot be written, so nothing is signed.*another process uses it/)
      assert.match(selfChecks.refusal('prices') ?? '', /^guard: /)
      other.exec('ROLLBACK')
      other.close()
      await turns('guard', 'pass')
    })
  })

  it('storage: memory is none', async () => {
    // Linux's own file system in memory; elsewhere there is none to show it on
    const memory = await mkdtemp('/dev/shm/lariat-machine-')
    try {
      let dataDir = folder
      const moving = { ...storageCheck(folder, { volatileStorage: false }) }
      const { turns } = checkBench([
        { ...moving, run: (signal) => storageCheck(dataDir, { volatileStorage: false }).run(signal) },
      ])
      await turns('storage', 'pass')
      dataDir = memory
      await turns('storage', 'fail', /lies in memory \(tmpfs\)/)
      dataDir = folder
      await turns('storage', 'pass')
      await checkBench([storageCheck(memory, { volatileStorage: true })]).turns('storage', 'pass')
    } finally {
      await rm(memory, { recursive: true })
    }
  })

  it('disk: when it fills, and when there is room again', async () => {
    // in memory, so that nothing else on this machine moves the figure meanwhile
    const memory = await mkdtemp('/dev/shm/lariat-machine-')
    try {
      const free = await freeBytes(memory)
      const measured: number[] = []
      const limits = { minFree: free - 12 * MIB, lowFree: free - 4 * MIB }
      const { turns } = checkBench([diskCheck(memory, limits, (left) => measured.push(left))])
      await turns('disk', 'pass')
      await writeFile(join(memory, 'a'), Buffer.alloc(8 * MIB))
      await turns('disk', 'warn', /MiB are free in .*make room/)
      await writeFile(join(memory, 'b'), Buffer.alloc(8 * MIB))
      await turns('disk', 'fail', /make room/)
      assert.ok((measured.at(-1) ?? 0) < limits.minFree && (measured[0] ?? 0) > limits.lowFree)
      await rm(join(memory, 'a'))
      await rm(join(memory, 'b'))
      await turns('disk', 'pass')
    } finally {
      await rm(memory, { recursive: true })
    }
  })

  it('memory: when the process takes too much, and when it has given it back', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    collect()
    const limits = memoryLimits()
    const resident = (process.memoryUsage.rss() + 64 * MIB) / 0.8
    const { turns } = checkBench([memoryCheck({ ...limits, resident })])
    await turns('memory', 'pass')
    const taken: Buffer[] = []
    while (process.memoryUsage.rss() < 0.96 * resident) taken.push(Buffer.alloc(32 * MIB, 1))
    await turns('memory', 'fail', /memory: \d+ of \d+ MiB are used/)
    taken.length = 0
    await eventually(() => {
      collect()
      return process.memoryUsage.rss() < 0.78 * resident
    }, 'the memory was not given back')
    await turns('memory', 'pass')
  })

  it('event loop: when it is held up, and when it runs again', async () => {
    const { check, end } = eventLoopCheck()
    try {
      const { turns } = checkBench([check])
      await turns('event loop', 'pass')
      await nextTurns(2)
      holdUp(2_200)
      await nextTurns(2)
      await turns('event loop', 'fail', /the event loop was up to 2\d{3} ms late/)
      await nextTurns(2)
      await turns('event loop', 'pass')
    } finally {
      end()
    }
  })
})

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** Lets the measuring of the loop's delay take samples, every 10 ms. */
async function nextTurns(samples: number): Promise<void> {
  for (let i = 0; i < samples; i++) await new Promise((resolve) => setTimeout(resolve, 15))
}

/** Does nothing else for `ms`. */
function holdUp(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}
