import { equalBytes } from '../../util/hex.ts'
import type { CheckedEntry, CheckedStream } from '../guardkey.ts'
import type { GuardOutcome } from '../store.ts'
import type { Schema, SqliteFile } from './database.ts'

export const GUARD_SCHEMA: Schema = {
  name: 'guard record',
  applicationId: 0x4c524744, // "LRGD"
  synchronous: 'FULL',
  mend:
    'do not delete it, an empty record forgets what was signed. Stop this operator; put back the file that was here last, or see ' +
    '`lariat guard accept --help`',
  migrations: [
    `
    -- One chain id has one genesis: the digest that is signed holds the id only.
    CREATE TABLE chain (id INTEGER PRIMARY KEY, genesis BLOB NOT NULL) STRICT;
    CREATE TABLE stream (
      id INTEGER PRIMARY KEY,
      chain INTEGER NOT NULL REFERENCES chain (id),
      service_manager BLOB NOT NULL,
      operator BLOB NOT NULL,
      service BLOB NOT NULL,
      kind INTEGER NOT NULL,
      watermark INTEGER NOT NULL DEFAULT 0, -- lowest slot that may be signed
      UNIQUE (chain, service_manager, operator, service, kind)
    ) STRICT;
    CREATE TABLE signed (
      stream INTEGER NOT NULL REFERENCES stream (id),
      slot INTEGER NOT NULL,
      attempt INTEGER NOT NULL,
      epoch INTEGER NOT NULL,
      payload BLOB NOT NULL, -- empty, as is the digest: barred, two payloads met in a merge
      digest BLOB NOT NULL,
      PRIMARY KEY (stream, slot, attempt)
    ) STRICT, WITHOUT ROWID;
    `,
    `
    -- What holds of the record as a whole: one row.
    CREATE TABLE record (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      id BLOB NOT NULL, -- random: tells this record from every other
      generation INTEGER NOT NULL, -- imports, and what an operator accepted
      floor_ms INTEGER NOT NULL, -- since the epoch; what was triggered before may have been signed and be unknown here
      retired_ms INTEGER, -- since the epoch; when it was moved to another machine
      probes INTEGER NOT NULL
    ) STRICT;
    INSERT INTO record VALUES (1, randomblob(16), 0, 0, NULL, 0);
    `,
  ],
}

/** A barred slot's payload and digest. */
export const BARRED = new Uint8Array(0)

export interface StreamRow {
  readonly id: bigint
  readonly watermark: bigint
}

export interface SignedRow {
  readonly epoch: bigint
  /** 32 bytes; none when barred. */
  readonly payload: Uint8Array
  readonly digest: Uint8Array
}

interface RecordRow {
  readonly id: Uint8Array
  readonly generation: bigint
  readonly floor_ms: bigint
  readonly retired_ms: bigint | null
}

/** An entry of another record; barred without payload and digest. */
export interface MergedEntry {
  readonly slot: bigint
  readonly attempt: number
  readonly epoch: bigint
  /** 32 bytes. */
  readonly payload: Uint8Array | undefined
  /** 32 bytes. */
  readonly digest: Uint8Array | undefined
}

/** The statements that work on a guard's tables; whoever calls them has begun a transaction where that is needed. */
export type GuardTables = ReturnType<typeof guardTables>

export function guardTables({ database: db }: SqliteFile) {
  const selectGenesis = db.prepare<[number], { genesis: Uint8Array }>('SELECT genesis FROM chain WHERE id = ?')
  const insertGenesis = db.prepare('INSERT INTO chain (id, genesis) VALUES (?, ?)')
  const selectStream = db.prepare<[number, Uint8Array, Uint8Array, Uint8Array, number], StreamRow>(
    'SELECT id, watermark FROM stream WHERE chain = ? AND service_manager = ? AND operator = ? AND service = ? AND kind = ?',
  )
  const insertStream = db.prepare(
    'INSERT INTO stream (chain, service_manager, operator, service, kind) VALUES (?, ?, ?, ?, ?)',
  )
  const selectSigned = db.prepare<[bigint, bigint, number], SignedRow>(
    'SELECT epoch, payload, digest FROM signed WHERE stream = ? AND slot = ? AND attempt = ?',
  )
  const insertSigned = db.prepare(
    `INSERT INTO signed (stream, slot, attempt, epoch, payload, digest)
     SELECT id, ?, ?, ?, ?, ? FROM stream WHERE id = ? AND watermark <= ?
     ON CONFLICT DO NOTHING`,
  )
  const raise = db.prepare('UPDATE stream SET watermark = ? WHERE id = ?')
  const remove = db.prepare<[bigint, bigint]>('DELETE FROM signed WHERE stream = ? AND slot < ?')
  const bar = db.prepare("UPDATE signed SET payload = x'', digest = x'' WHERE stream = ? AND slot = ? AND attempt = ?")
  const predate = db.prepare('UPDATE signed SET epoch = ?, digest = ? WHERE stream = ? AND slot = ? AND attempt = ?')
  const selectRecord = db.prepare<[], RecordRow>('SELECT id, generation, floor_ms, retired_ms FROM record')
  const probe = db.prepare('UPDATE record SET probes = probes + 1')

  /** Undefined when the chain id is on record with another genesis, or, with `make` false, when there is no such stream. */
  function stream(key: CheckedStream, make: boolean): StreamRow | undefined {
    const chain = selectGenesis.get(key.chainId)
    if (chain === undefined) {
      if (!make) return undefined
      insertGenesis.run(key.chainId, key.genesisHash)
    } else if (!equalBytes(chain.genesis, key.genesisHash)) return undefined
    const columns = [key.chainId, key.serviceManager, key.operator, key.service, key.kind] as const
    const row = selectStream.get(...columns)
    if (row !== undefined || !make) return row
    return { id: BigInt(insertStream.run(...columns).lastInsertRowid), watermark: 0n }
  }

  const find = (row: StreamRow, slot: bigint, attempt: number): SignedRow | undefined =>
    selectSigned.get(row.id, slot, attempt)

  /** Whether the entry was new in stream `id`, at or above its watermark; it is on record then. */
  const insertNew = (id: bigint, { slot, attempt, epoch, payload, digest }: CheckedEntry): boolean =>
    insertSigned.run(slot, attempt, epoch, payload, digest, id, slot).changes === 1

  /** @param known id of the entry's stream, where it is known: a stream keeps its id, and its chain its genesis */
  function insert(entry: CheckedEntry, known?: bigint): GuardOutcome {
    if (known !== undefined && insertNew(known, entry)) return 'recorded'
    const row = stream(entry.stream, true)
    if (row === undefined) return 'foreign-domain'
    if (entry.slot < row.watermark) return 'below-watermark'
    if (insertNew(row.id, entry)) return 'recorded'
    const before = find(row, entry.slot, entry.attempt)
    return before !== undefined && equalBytes(before.payload, entry.payload) ? 'same' : 'conflict'
  }

  function prune(row: StreamRow, slot: bigint): void {
    if (slot <= row.watermark) return
    raise.run(slot, row.id)
    remove.run(row.id, slot)
  }

  /** What `merge` did with an entry. */
  function merge(row: StreamRow, { slot, attempt, epoch, payload, digest }: MergedEntry): 'added' | 'same' | 'barred' {
    const before = find(row, slot, attempt)
    if (before === undefined) {
      insertSigned.run(slot, attempt, epoch, payload ?? BARRED, digest ?? BARRED, row.id, slot)
      return 'added'
    }
    if (before.payload.length === 0) return 'same'
    if (payload === undefined || digest === undefined || !equalBytes(before.payload, payload)) {
      bar.run(row.id, slot, attempt)
      return 'barred'
    }
    // the same payload under two epochs: the lower is kept, so that merging in any order ends alike
    if (epoch < before.epoch) predate.run(epoch, digest, row.id, slot, attempt)
    return 'same'
  }

  return {
    stream,
    merge,
    /** As `stream` without making one, and without looking at the genesis. */
    peek: (key: Omit<CheckedStream, 'genesisHash'>) =>
      selectStream.get(key.chainId, key.serviceManager, key.operator, key.service, key.kind),
    find,
    insert,
    insertNew,
    prune,
    record(): RecordRow {
      const row = selectRecord.get()
      if (row === undefined) throw new TypeError('the table record has its row from the migration on')
      return row
    },
    probe: () => void probe.run(),
  }
}
