import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { LariatError } from '../util/errors.ts'

/** Held locked while a process uses the folder. Empty; nothing else may open it, as closing any descriptor drops the lock. */
const LOCK_FILE = 'lock.sqlite'

/** A data folder that is this process's alone. */
export interface DataDirLock {
  /** Lets go of the folder; idempotent. */
  release(): void
}

/**
 * Takes `dir` (made with mode 0700 if missing) for this process. The lock is an exclusive transaction of SQLite, which is
 * a lock of the operating system on an open file: it dies with its process, however that ends, and never goes stale.
 * @throws LariatError `store.locked` when another process has it, `store.failed` when the folder cannot be used
 */
export function lockDataDir(dir: string): DataDirLock {
  return lockFolder(
    dir,
    'in use by another lariat process: stop that one, or set another dataDir with keys of its own. ' +
      'Never run one operator twice on copies of a folder',
  )
}

/**
 * As `lockDataDir`, for any folder.
 * @param held what is said of the folder while another process has it
 */
export function lockFolder(dir: string, held: string): DataDirLock {
  const path = join(dir, LOCK_FILE)
  let database: Database.Database | undefined
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    if ((statSync(dir).mode & 0o077) !== 0) chmodSync(dir, 0o700)
    make(path)
    const opened = new Database(path, { fileMustExist: true, timeout: 0 })
    database = opened
    opened.exec('BEGIN EXCLUSIVE')
    return { release: () => void opened.close() }
  } catch (error) {
    database?.close()
    throw explain(error, dir, held)
  }
}

/** Makes the file with mode 0600 without ever opening one that exists. */
function make(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

function explain(error: unknown, dir: string, held: string): LariatError {
  const code = codeOf(error)
  if (code.startsWith('SQLITE_BUSY')) {
    return new LariatError('store.locked', `${dir} is ${held}`, { dir }, error)
  }
  return new LariatError(
    'store.failed',
    `${dir} cannot be used as dataDir (${code}): check that this user may create and write it`,
    { dir, code },
    error,
  )
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}
