import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { LariatError } from '../util/errors.ts'

/** Lock file in the data folder. SQLite locks it, so nothing else may open it: closing any descriptor of it would drop the lock. */
const LOCK_FILE = 'lock'

/**
 * Takes the data folder for this process, making the folder (mode 0700) if there is none. The lock is one of the operating
 * system on an open file, held through SQLite's exclusive transaction: it dies with the process, however that ends.
 * @returns the function that gives the folder back
 * @throws LariatError `lock.held` when another process has it, `lock.unavailable` when the folder cannot be used
 */
export async function lockDataFolder(folder: string): Promise<() => void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const database = new Database(join(folder, LOCK_FILE), { timeout: 0 })
    try {
      database.exec('BEGIN EXCLUSIVE')
    } catch (error) {
      database.close()
      throw error
    }
    return () => {
      if (database.open) database.close()
    }
  } catch (error) {
    if (isBusy(error)) {
      const pid = await holder(folder)
      throw new LariatError(
        'lock.held',
        `${folder} is in use by another lariat process${pid === undefined ? '' : ` (pid ${pid})`}: stop it, or set another dataDir. One operator must never run twice on copies of one folder`,
        { folder, pid },
        error,
      )
    }
    throw new LariatError(
      'lock.unavailable',
      `${folder} cannot be used as data folder: check that it may be created and written by this user`,
      { folder },
      error,
    )
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')
}

/** The process that says in api.json that it runs here; only a hint. */
async function holder(folder: string): Promise<number | undefined> {
  try {
    const parsed: unknown = JSON.parse(await readFile(join(folder, 'api.json'), 'utf8'))
    return typeof parsed === 'object' && parsed !== null && 'pid' in parsed && typeof parsed.pid === 'number'
      ? parsed.pid
      : undefined
  } catch {
    return undefined
  }
}
