import { existsSync } from 'node:fs'
import { LariatError } from '../../util/errors.ts'
import { bytesToHex, type Hex } from '../../util/hex.ts'
import { progressLine } from '../../util/progress.ts'
import { checkStream, type StreamKey } from '../guardkey.ts'
import type { GuardRecord } from '../store.ts'
import { openDatabase, type SqliteFile } from './database.ts'
import { toRecord } from './guard.ts'
import { type GuardFile, openUnchecked, whyOlder } from './guardFile.ts'
import { GUARD_SCHEMA, guardTables, type MergedEntry } from './guardTables.ts'

/** Entries between two words on how far it is: a few milliseconds of work. */
const TOLD_EVERY = 1_024

/** What holds of a guard's record as a whole. */
export interface RecordFacts {
  /** Random, 16 bytes. */
  readonly id: Hex
  /** Imports, and what an operator accepted. */
  readonly generation: bigint
  /** ms since the epoch: nothing that was triggered before is signed; 0 when there is no such time. */
  readonly floorMs: number
  /** ms since the epoch, when it was exported for another machine; undefined while it signs. */
  readonly retiredMs: number | undefined
}

/** Entries of one (chain, ServiceManager, operator, service, kind). */
export interface StreamFacts {
  readonly key: StreamKey
  /** Lowest slot that may be signed. */
  readonly watermark: bigint
  readonly entries: number
  /** Entries for which nothing may be signed, as two payloads met in a merge. */
  readonly barred: number
  /** Highest slot on record. */
  readonly newest: bigint | undefined
}

export interface ArchivedEntry extends GuardRecord {
  readonly slot: bigint
  readonly attempt: number
}

/** A guard's record, to be looked at; a node may be running on it. */
export interface GuardReader {
  record(): RecordFacts
  streams(): readonly StreamFacts[]
  /** Entries of a stream, by slot and attempt. */
  entries(key: StreamKey, range?: { readonly fromSlot?: bigint; readonly toSlot?: bigint }): Iterable<ArchivedEntry>
  /** What SQLite finds wrong with the whole file; empty when it is whole. */
  faults(): readonly string[]
  close(): void
}

interface StreamColumns {
  readonly chain: bigint
  readonly genesis: Uint8Array
  readonly service_manager: Uint8Array
  readonly operator: Uint8Array
  readonly service: Uint8Array
  readonly kind: bigint
  readonly watermark: bigint
  readonly entries: bigint
  readonly barred: bigint
  readonly newest: bigint | null
}

interface EntryColumns {
  readonly slot: bigint
  readonly attempt: bigint
  readonly epoch: bigint
  readonly payload: Uint8Array
  readonly digest: Uint8Array
}

/** Opens the record at `path` to look at it. @throws LariatError `store.missing`, `store.damaged`, `store.foreign`, `store.version`, `store.failed` */
export function readGuard(path: string): GuardReader {
  const file = openExisting(path)
  const tables = guardTables(file)
  const db = file.database
  const streams = db.prepare<[], StreamColumns>(
    `SELECT chain, genesis, service_manager, operator, service, kind, watermark, count(slot) AS entries,
       count(slot) FILTER (WHERE length(payload) = 0) AS barred, max(slot) AS newest
     FROM stream JOIN chain ON chain.id = stream.chain LEFT JOIN signed ON signed.stream = stream.id
     GROUP BY stream.id ORDER BY chain, service_manager, operator, service, kind`,
  )
  const entries = db.prepare<[bigint, bigint, bigint], EntryColumns>(
    'SELECT slot, attempt, epoch, payload, digest FROM signed WHERE stream = ? AND slot BETWEEN ? AND ? ORDER BY slot, attempt',
  )
  return {
    record: () => recordFacts(file.run(() => tables.record())),
    streams: () => file.run(() => streams.all()).map(toFacts),
    *entries(key, { fromSlot = 0n, toSlot = (1n << 63n) - 1n } = {}) {
      const row = file.run(() => tables.stream(checkStream(key), false))
      if (row === undefined) return
      let read = 0
      for (const columns of entries.iterate(row.id, fromSlot, toSlot)) {
        if (++read % TOLD_EVERY === 0) progressLine.tick(`${read} statements of a stream`)
        yield { ...toRecord(columns), slot: columns.slot, attempt: Number(columns.attempt) }
      }
    },
    faults: () =>
      file
        .run(() => db.pragma('integrity_check(20)') as readonly { readonly integrity_check: string }[])
        .map(({ integrity_check: fault }) => fault)
        .filter((fault) => fault !== 'ok'),
    close: () => file.close(),
  }
}

/** Sees that the record is the one that was here last, retired or not. @throws LariatError `store.older`, `store.missing`, … */
export function checkCurrent(path: string): void {
  openExisting(path).close()
  openCurrent(path).close()
}

/** A stream of another record, to be merged. */
export interface ForeignStream {
  readonly key: StreamKey
  readonly watermark: bigint
  readonly entries: readonly MergedEntry[]
}

/** What a merge did to one stream. */
export interface MergedStream {
  readonly key: StreamKey
  readonly watermarkBefore: bigint
  readonly watermark: bigint
  /** Entries that were new here. */
  readonly added: number
  readonly same: number
  /** Entries at slots below the watermark, which need none. */
  readonly below: number
  /** Where the two records differ: from now on nothing is signed there. */
  readonly barred: readonly { readonly slot: bigint; readonly attempt: number }[]
}

export interface MergeOptions {
  readonly streams: readonly ForeignStream[]
  /** ms since the epoch, of the other record. */
  readonly floorMs: number
  /** Whether the record is signed with from now on although it was retired: the other machine has handed over to it. */
  readonly takeOver: boolean
  /** Does everything, and undoes it. */
  readonly dryRun: boolean
}

/**
 * Merges another record into the one at `path`, in one transaction, and keeps the stricter of the two everywhere: the
 * higher watermark, every entry of both, and nothing at all where they differ. Nothing is ever loosened, but for the
 * retirement, with `takeOver`.
 * @throws LariatError `guard.foreign-domain` when a chain id is on record with another genesis; `store.older`, `store.…`
 */
export function mergeGuard(
  path: string,
  { streams, floorMs, takeOver, dryRun }: MergeOptions,
): readonly MergedStream[] {
  const { file, tables, saw, close } = openCurrent(path)
  try {
    const merged: MergedStream[] = []
    const commit = file.database.transaction(() => {
      for (const stream of streams) merged.push(mergeStream(tables, stream, path))
      file.database
        .prepare(
          `UPDATE record SET generation = generation + 1, floor_ms = max(floor_ms, ?)${takeOver ? ', retired_ms = NULL' : ''}`,
        )
        .run(floorMs)
      if (dryRun) throw new Undo()
    })
    try {
      file.run(() => commit.immediate())
    } catch (error) {
      if (!(error instanceof Undo)) throw error
      return merged
    }
    saw()
    return merged
  } finally {
    close()
  }
}

/**
 * Marks the record as moved to another machine: nothing is signed with it from now on.
 * @param now ms since the epoch. @throws LariatError `store.…`
 */
export function retireGuard(path: string, now: number): void {
  change(openCurrent(path), 'UPDATE record SET generation = generation + 1, retired_ms = ?', now)
}

/**
 * Goes on with the record as it is, whatever is remembered of it: nothing that was triggered before `floorMs` (since the
 * epoch) is signed with it, ever, as it may not know what was.
 * @param unretire signs again although the record was retired
 */
export function acceptGuard(path: string, { floorMs, unretire }: { floorMs: number; unretire: boolean }): void {
  const retired = unretire ? ', retired_ms = NULL' : ''
  const sql = `UPDATE record SET generation = generation + 1, floor_ms = max(floor_ms, ?)${retired}`
  change(openUnchecked(path), sql, floorMs)
}

/** A record that is the one which was here last, retired or not. @throws LariatError `store.older`, … */
function openCurrent(path: string): GuardFile {
  const opened = openUnchecked(path)
  const fault = whyOlder(opened, path)
  if (fault === undefined) return opened
  opened.close()
  throw fault
}

function change({ file, saw, close }: GuardFile, sql: string, value: number): void {
  try {
    file.run(() => file.database.prepare(sql).run(Math.ceil(value)))
    saw()
  } finally {
    close()
  }
}

function mergeStream(
  tables: ReturnType<typeof guardTables>,
  { key, watermark: theirs, entries }: ForeignStream,
  path: string,
): MergedStream {
  const row = tables.stream(checkStream(key), true)
  if (row === undefined) {
    throw new LariatError(
      'guard.foreign-domain',
      `${path} knows chain ${key.chainId} with another genesis than ${key.genesisHash}: nothing was imported; one record serves one chain of an id`,
      { path, chainId: key.chainId },
    )
  }
  const watermark = theirs > row.watermark ? theirs : row.watermark
  const counts = { added: 0, same: 0, below: 0 }
  const barred: { slot: bigint; attempt: number }[] = []
  for (const [i, entry] of entries.entries()) {
    if (i % TOLD_EVERY === 0) progressLine.tick(`statement ${i} of ${entries.length} of a stream`)
    if (entry.slot < watermark) counts.below++
    else {
      const outcome = tables.merge(row, entry)
      if (outcome === 'barred') barred.push({ slot: entry.slot, attempt: entry.attempt })
      else counts[outcome]++
    }
  }
  tables.prune(row, watermark)
  return { key, watermarkBefore: row.watermark, watermark, ...counts, barred }
}

/** Rolls a transaction back that did what it should. */
class Undo extends Error {}

function openExisting(path: string): SqliteFile {
  if (!existsSync(path) && !existsSync(`${path}-wal`)) {
    throw new LariatError('store.missing', `${path} is missing: there is no guard's record here`, { path })
  }
  return openDatabase(path, GUARD_SCHEMA)
}

function recordFacts(row: ReturnType<ReturnType<typeof guardTables>['record']>): RecordFacts {
  return {
    id: bytesToHex(row.id),
    generation: row.generation,
    floorMs: Number(row.floor_ms),
    retiredMs: row.retired_ms === null ? undefined : Number(row.retired_ms),
  }
}

function toFacts(row: StreamColumns): StreamFacts {
  return {
    key: {
      chainId: Number(row.chain),
      genesisHash: bytesToHex(row.genesis),
      serviceManager: bytesToHex(row.service_manager),
      operator: bytesToHex(row.operator),
      service: bytesToHex(row.service),
      kind: Number(row.kind),
    },
    watermark: row.watermark,
    entries: Number(row.entries),
    barred: Number(row.barred),
    newest: row.newest ?? undefined,
  }
}
