import { bytesToHex } from '../../util/hex.ts'
import { type CaseStatus, type EvidenceCase, type EvidenceStore, MAX_CASES } from '../evidence.ts'
import { checkCase, checkKey, checkTransaction, refuseFull } from '../evidenceChecks.ts'
import { checkBytes, listLimit, MAX_LIST_ROWS } from '../limits.ts'
import { openDatabase, type Schema } from './database.ts'

const SCHEMA: Schema = {
  name: 'evidence file',
  applicationId: 0x4c524556, // "LREV"
  // a case is told to others only when it is on disk: who restarts then goes on with it
  synchronous: 'FULL',
  mend: 'stop this operator and move the file with its -wal and -shm away: nothing in it protects this operator, and the other nodes have the evidence too',
  migrations: [
    `
    CREATE TABLE evidence (
      service_manager BLOB NOT NULL,
      service BLOB NOT NULL,
      operator BLOB NOT NULL,
      epoch INTEGER NOT NULL,
      id BLOB NOT NULL,
      data BLOB NOT NULL,
      kind INTEGER NOT NULL,
      slot INTEGER NOT NULL,
      attempt INTEGER NOT NULL,
      seen_at REAL NOT NULL,
      status TEXT NOT NULL,
      changed_at REAL NOT NULL,
      tx BLOB,
      note TEXT,
      PRIMARY KEY (service_manager, service, operator, epoch)
    ) STRICT;
    CREATE INDEX evidence_by_status ON evidence (status, changed_at);
    `,
  ],
}

interface Row {
  readonly service_manager: Uint8Array
  readonly service: Uint8Array
  readonly operator: Uint8Array
  readonly epoch: bigint
  readonly id: Uint8Array
  readonly data: Uint8Array
  readonly kind: bigint
  readonly slot: bigint
  readonly attempt: bigint
  readonly seen_at: number
  readonly status: CaseStatus
  readonly changed_at: number
  readonly tx: Uint8Array | null
  readonly note: string | null
}

/**
 * Opens the evidence: one file, on disk at each commit (WAL, synchronous=FULL). Others may read it meanwhile.
 * @throws LariatError `store.damaged`, `store.foreign`, `store.version`, `store.failed`
 */
export function openEvidenceStore(path: string, limit = MAX_CASES): EvidenceStore {
  const file = openDatabase(path, SCHEMA)
  const { database } = file
  const key = 'service_manager = ? AND service = ? AND operator = ? AND epoch = ?'
  const insert = database.prepare(
    `INSERT OR IGNORE INTO evidence
       (service_manager, service, operator, epoch, id, data, kind, slot, attempt, seen_at, status, changed_at, tx, note)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const count = database.prepare<[], bigint>('SELECT count(*) FROM evidence').pluck()
  const dropSettled = database.prepare(
    `DELETE FROM evidence WHERE rowid IN
       (SELECT rowid FROM evidence WHERE status <> 'open' ORDER BY changed_at LIMIT 1)`,
  )
  const find = database.prepare<unknown[], bigint>(`SELECT count(*) FROM evidence WHERE ${key}`).pluck()
  const update = database.prepare(
    `UPDATE evidence SET status = ?, changed_at = ?, tx = coalesce(?, tx), note = coalesce(?, note) WHERE ${key}`,
  )
  const select = database.prepare<unknown[], Row>(
    `SELECT * FROM evidence
     WHERE (@serviceManager IS NULL OR service_manager = @serviceManager)
       AND (@service IS NULL OR service = @service) AND (@status IS NULL OR status = @status)
     ORDER BY seen_at DESC, rowid DESC LIMIT @limit`,
  )
  const add = database.transaction((found: EvidenceCase): boolean => {
    const checked = checkCase(found)
    const { serviceManager, service, operator, epoch } = checked
    if (Number(find.get(serviceManager, service, operator, epoch)) > 0) return false
    if (Number(count.get()) >= limit && dropSettled.run().changes === 0) refuseFull(limit)
    const { data, kind, attempt, seenAt, status, changedAt, note } = found
    const { id, slot, transaction } = checked
    insert.run(
      ...[serviceManager, service, operator, epoch, id, data],
      ...[kind, slot, attempt, seenAt, status, changedAt, transaction, note],
    )
    return true
  })

  return {
    add: (found) => file.run(() => add.immediate(found)),
    has(asked) {
      const { serviceManager, service, operator, epoch } = checkKey(asked)
      return file.run(() => Number(find.get(serviceManager, service, operator, epoch)) > 0)
    },
    settle(asked, { status, at, transaction, note }) {
      const { serviceManager, service, operator, epoch } = checkKey(asked)
      const tx = checkTransaction(transaction)
      file.run(() => update.run(status, at, tx, note ?? null, serviceManager, service, operator, epoch))
    },
    list({ serviceManager, service, status, limit: most = MAX_LIST_ROWS } = {}) {
      const where = {
        serviceManager: serviceManager === undefined ? null : checkBytes('ServiceManager', serviceManager, 20),
        service: service === undefined ? null : checkBytes('service', service, 32),
        status: status ?? null,
        limit: listLimit(most),
      }
      return file.run(() => select.all(where).map(toCase))
    },
    close: () => file.close(),
  }
}

function toCase(row: Row): EvidenceCase {
  return {
    serviceManager: bytesToHex(row.service_manager),
    service: bytesToHex(row.service),
    operator: bytesToHex(row.operator),
    epoch: row.epoch,
    id: bytesToHex(row.id),
    data: new Uint8Array(row.data),
    kind: Number(row.kind),
    slot: row.slot,
    attempt: Number(row.attempt),
    seenAt: row.seen_at,
    status: row.status,
    changedAt: row.changed_at,
    transaction: row.tx && bytesToHex(row.tx),
    note: row.note,
  }
}
