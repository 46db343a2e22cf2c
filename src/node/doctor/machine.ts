import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { lockDataDir } from '../../store/lock.ts'
import { LariatError } from '../../util/errors.ts'
import { VERSION } from '../../util/version.ts'
import { findRoom, LOW_FREE_BYTES, MIN_FREE_BYTES } from '../selfcheck/disk.ts'
import { findStorage } from '../selfcheck/storage.ts'
import { type Finding, fail, warn } from '../selfcheck/types.ts'
import { type DoctorLine, lineOf, tried } from './line.ts'

/** Flushes that are timed: some milliseconds each, so under a second on any disk that will do. */
const FLUSHES = 32
/** Bytes of each: a page of the guard's record. */
const FLUSH_BYTES = 4_096
/** Slowest but one in ten, ms: a signature waits for one flush, and a slot has two seconds. */
const SLOW_FLUSH_MS = 20
const TOO_SLOW_FLUSH_MS = 200

/** Versions, and the folder that must remember: where it lies, its room, how fast it flushes. */
export async function examineMachine(dataDir: string, volatileStorage: boolean): Promise<readonly DoctorLine[]> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const lines = await Promise.all([
    tried('machine', 'versions', () => ({
      group: 'machine',
      status: 'pass',
      text: `lariat ${VERSION} on Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    })),
    tried('machine', 'storage', async () =>
      lineOf('machine', `${dataDir} lies on lasting storage`, await findStorage(dataDir, volatileStorage)),
    ),
    tried('machine', 'room', async () =>
      lineOf(
        'machine',
        `${dataDir} has room`,
        await findRoom(dataDir, { minFree: MIN_FREE_BYTES, lowFree: LOW_FREE_BYTES }),
      ),
    ),
  ])
  // not beside the others: they would be what is measured
  const flushes = await tried('machine', 'flushing', () => {
    const times = timeFlushes(join(dataDir, 'doctor.tmp'))
    const slow = times[Math.floor(0.9 * times.length)] ?? 0
    return lineOf('machine', `a flush to disk takes ${slow.toFixed(1)} ms (90 % are faster)`, judgeFlush(slow))
  })
  return [...lines.flat(), ...flushes]
}

function judgeFlush(ms: number): Finding | undefined {
  if (ms < SLOW_FLUSH_MS) return undefined
  const text = `a flush to disk takes ${ms.toFixed(0)} ms, and every signature waits for one: put dataDir on a faster disk`
  return ms < TOO_SLOW_FLUSH_MS ? warn(text) : fail(text)
}

/** ms of each flush, ascending. */
function timeFlushes(file: string): number[] {
  const descriptor = openSync(file, 'w', 0o600)
  try {
    const page = Buffer.alloc(FLUSH_BYTES, 1)
    return Array.from({ length: FLUSHES }, () => {
      writeSync(descriptor, page)
      const from = performance.now()
      fsyncSync(descriptor)
      return performance.now() - from
    }).sort((a, b) => a - b)
  } finally {
    closeSync(descriptor)
    rmSync(file, { force: true })
  }
}

/** Whether a node runs on the folder now: its ports are then its own. */
export function nodeRuns(dataDir: string): boolean {
  try {
    lockDataDir(dataDir).release()
    return false
  } catch (error) {
    if (error instanceof LariatError && error.code === 'store.locked') return true
    throw error
  }
}
