import { statfs } from 'node:fs/promises'
import { type Finding, fail, type SelfCheck, warn } from './types.ts'

const MIB = 1_048_576
/** Least free space for the guard's record, bytes: a day of it takes 10 MB. */
export const MIN_FREE_BYTES = 64 * MIB
/** Below this somebody should look, bytes: months of the record, but a log that runs wild takes it in a day. */
export const LOW_FREE_BYTES = 1_024 * MIB
/** Least free inodes: SQLite makes and removes a few files. */
const MIN_FREE_FILES = 100

const EVERY_MS = 30_000
const TRUST_MS = 60_000

export interface DiskLimits {
  /** Bytes. */
  readonly minFree: number
  readonly lowFree: number
}

export function diskCheck(
  dataDir: string,
  limits: DiskLimits = { minFree: MIN_FREE_BYTES, lowFree: LOW_FREE_BYTES },
  measured: (freeBytes: number) => void = () => {},
): SelfCheck {
  return { name: 'disk', everyMs: EVERY_MS, trustMs: TRUST_MS, run: () => findRoom(dataDir, limits, measured) }
}

/** @throws what statfs throws */
export async function findRoom(
  dataDir: string,
  { minFree, lowFree }: DiskLimits,
  measured: (freeBytes: number) => void = () => {},
): Promise<Finding | undefined> {
  const { bavail, bsize, files, ffree } = await statfs(dataDir)
  const free = bavail * bsize
  measured(free)
  const left = `only ${Math.round(free / MIB)} MiB are free in ${dataDir}: make room`
  if (free < minFree) return fail(left)
  // file systems without a fixed number of inodes tell 0 of 0
  if (files > 0 && ffree < MIN_FREE_FILES) {
    return fail(`only ${ffree} files can still be made in ${dataDir}: remove some on that file system`)
  }
  return free < lowFree ? warn(left) : undefined
}
