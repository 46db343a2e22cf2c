import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { LariatError } from '../../util/errors.ts'
import { refuseClosed } from '../limits.ts'

/** What one kind of file holds, and how durable each commit is. */
export interface Schema {
  /** For messages. */
  readonly name: string
  /** Marks the file as ours and of this kind (SQLite's application_id), so that files cannot be swapped. */
  readonly applicationId: number
  /** SQL from version i to i + 1. Never edited once released: a change is a new entry. */
  readonly migrations: readonly string[]
  /** FULL: a commit is on disk when it returns. NORMAL: a power cut may undo the last ones, never corrupt. */
  readonly synchronous: 'FULL' | 'NORMAL'
  /** What to do when the file is damaged; ends the error's message. */
  readonly mend: string
}

/** Another process may hold the write lock for the length of one commit; longer than this is a fault. Milliseconds. */
const BUSY_TIMEOUT_MS = 2_000
const FILE_MODE = 0o600

/** An open SQLite file whose errors are ours. */
export class SqliteFile {
  readonly database: Database.Database
  readonly #path: string
  readonly #schema: Schema

  constructor(database: Database.Database, path: string, schema: Schema) {
    this.database = database
    this.#path = path
    this.#schema = schema
  }

  /** Runs `fn`, turning SQLite's errors into LariatErrors. @throws LariatError `store.closed`, `store.damaged`, `store.failed` */
  run<T>(fn: () => T): T {
    if (!this.database.open) refuseClosed(this.#path)
    try {
      return fn()
    } catch (error) {
      throw translate(error, this.#path, this.#schema)
    }
  }

  /** Flushes and closes; idempotent. */
  close(): void {
    this.database.close()
  }
}

/**
 * Opens `path`, making it (mode 0600, its folder 0700) if it does not exist, checks that it is whole and ours, and brings
 * its schema up to date.
 * @throws LariatError `store.damaged`, `store.foreign`, `store.version`, `store.failed`
 */
export function openDatabase(path: string, schema: Schema): SqliteFile {
  try {
    if (!existsSync(path)) create(path, schema)
    if (statSync(path).size === 0) throw damaged(path, schema, 'it is empty')
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, FILE_MODE)
    const database = new Database(path, { fileMustExist: true, timeout: BUSY_TIMEOUT_MS })
    try {
      prepare(database, path, schema)
    } catch (error) {
      database.close()
      throw error
    }
    return new SqliteFile(database, path, schema)
  } catch (error) {
    throw translate(error, path, schema)
  }
}

/** A new file appears under its name only when it is complete: what is empty or cut short is then always damage. */
function create(path: string, schema: Schema): void {
  if (existsSync(`${path}-wal`)) throw damaged(path, schema, 'it is missing while its -wal file is there')
  const folder = dirname(path)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const temporary = `${path}.new`
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(temporary + suffix, { force: true })
  closeSync(openSync(temporary, 'wx', FILE_MODE))
  const database = new Database(temporary)
  try {
    database.pragma(`application_id = ${schema.applicationId}`)
    settle(database, schema)
    migrate(database, schema, 0)
  } finally {
    database.close()
  }
  sync(temporary)
  renameSync(temporary, path)
  sync(folder)
}

function prepare(database: Database.Database, path: string, schema: Schema): void {
  if (database.pragma('application_id', { simple: true }) !== schema.applicationId) {
    throw new LariatError('store.foreign', `${path} is not a ${schema.name} of lariat: name another dataDir`, { path })
  }
  settle(database, schema)
  const fault = database.pragma('integrity_check(1)', { simple: true })
  if (fault !== 'ok') throw damaged(path, schema, String(fault))
  const version = Number(database.pragma('user_version', { simple: true }))
  if (version > schema.migrations.length) {
    throw new LariatError(
      'store.version',
      `${path} has schema version ${version}, this lariat knows up to ${schema.migrations.length}: run the newer lariat that wrote it`,
      { path, version, known: schema.migrations.length },
    )
  }
  migrate(database, schema, version)
}

function settle(database: Database.Database, schema: Schema): void {
  database.pragma('journal_mode = WAL')
  database.pragma(`synchronous = ${schema.synchronous}`)
  database.pragma('foreign_keys = ON')
  database.pragma('cell_size_check = ON') // notices damaged pages where they are read
  database.pragma('trusted_schema = OFF')
  database.defaultSafeIntegers(true)
}

function migrate(database: Database.Database, schema: Schema, from: number): void {
  for (const [i, sql] of schema.migrations.slice(from).entries()) {
    database
      .transaction(() => {
        database.exec(sql)
        database.pragma(`user_version = ${from + i + 1}`)
      })
      .exclusive()
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function damaged(path: string, schema: Schema, what: string, cause?: unknown): LariatError {
  const line = what.replaceAll(/[*\s]+/g, ' ').trim()
  return new LariatError('store.damaged', `${path} is damaged (${line}): ${schema.mend}`, { path }, cause)
}

function translate(error: unknown, path: string, schema: Schema): unknown {
  if (error instanceof LariatError || !(error instanceof Error) || !('code' in error)) return error
  const code = String(error.code)
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return damaged(path, schema, error.message, error)
  const mend = code.startsWith('SQLITE_BUSY')
    ? 'another process uses it'
    : 'check free space, the disk, and that this user may write there'
  return new LariatError(
    'store.failed',
    `${path} could not be read or written (${code}): ${mend}`,
    { path, code },
    error,
  )
}
