import { bytesToHex, equalBytes, hexToBytes } from '../../util/hex.ts'
import { type CheckedStream, checkEntry, checkStream } from '../guardkey.ts'
import { checkInteger } from '../limits.ts'
import type { GuardKey, GuardOutcome, GuardStore } from '../store.ts'
import { openDatabase, type Schema } from './database.ts'

const SCHEMA: Schema = {
  name: 'guard record',
  applicationId: 0x4c524744, // "LRGD"
  synchronous: 'FULL',
  mend:
    'do not delete it, an empty record forgets what was signed. Stop this operator, and go on with a record that is known to be ' +
    'current, or with a new BLS key',
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
      payload BLOB NOT NULL,
      digest BLOB NOT NULL,
      PRIMARY KEY (stream, slot, attempt)
    ) STRICT, WITHOUT ROWID;
    `,
  ],
}

interface StreamRow {
  readonly id: bigint
  readonly watermark: bigint
}
interface SignedRow {
  readonly epoch: bigint
  readonly payload: Uint8Array
  readonly digest: Uint8Array
}

/**
 * Opens the guard's record: a file of its own, every commit on disk before it returns (WAL, synchronous=FULL).
 * @throws LariatError `store.damaged`, `store.foreign`, `store.version`, `store.failed`
 */
export function openGuardStore(path: string): GuardStore {
  const file = openDatabase(path, SCHEMA)
  const db = file.database
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
    'INSERT INTO signed (stream, slot, attempt, epoch, payload, digest) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const raise = db.prepare('UPDATE stream SET watermark = ? WHERE id = ?')
  const remove = db.prepare('DELETE FROM signed WHERE stream = ? AND slot < ?')

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

  const insert = db.transaction(
    (key: CheckedStream, entry: GuardKey, epoch: bigint, payload: Uint8Array, digest: Uint8Array): GuardOutcome => {
      const row = stream(key, true)
      if (row === undefined) return 'foreign-domain'
      if (entry.slot < row.watermark) return 'below-watermark'
      const before = selectSigned.get(row.id, entry.slot, entry.attempt)
      if (before !== undefined) return equalBytes(before.payload, payload) ? 'same' : 'conflict'
      insertSigned.run(row.id, entry.slot, entry.attempt, epoch, payload, digest)
      return 'recorded'
    },
  )
  const prune = db.transaction((key: CheckedStream, slot: bigint) => {
    const row = stream(key, true)
    if (row === undefined || slot <= row.watermark) return
    raise.run(slot, row.id)
    remove.run(row.id, slot)
  })

  return {
    checkAndInsert(key, epoch, payload, digest) {
      checkEntry(key, epoch, payload, digest)
      const checked = checkStream(key)
      return file.run(() => insert.immediate(checked, key, epoch, hexToBytes(payload), hexToBytes(digest)))
    },
    find(key) {
      const checked = checkStream(key)
      const slot = checkInteger('slot', key.slot)
      return file.run(() => {
        const row = stream(checked, false)
        const found = row && selectSigned.get(row.id, slot, key.attempt)
        return found && { epoch: found.epoch, payload: bytesToHex(found.payload), digest: bytesToHex(found.digest) }
      })
    },
    watermark(key) {
      const checked = checkStream(key)
      return file.run(() => stream(checked, false)?.watermark ?? 0n)
    },
    prune(key, slot) {
      const checked = checkStream(key)
      checkInteger('watermark', slot)
      file.run(() => prune.immediate(checked, slot))
    },
    close: () => file.close(),
  }
}
