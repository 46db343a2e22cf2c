import { bytesToHex } from '../../util/hex.ts'
import { checkBytes, checkInteger } from '../limits.ts'
import type { Journal, SlotRecord } from '../store.ts'
import { bounded, listArguments } from './bounded.ts'
import type { SqliteFile } from './database.ts'

interface Row {
  readonly service: string
  readonly slot: bigint
  readonly attempt: bigint
  readonly outcome: SlotRecord['outcome']
  readonly step: string
  readonly reason: string | null
  readonly triggered_at: number
  readonly certificate_ms: number | null
  readonly tx: Uint8Array | null
  readonly signers: string
}

/** Slot records in the table `journal`; the `limit` highest slots of each service stay. */
export function sqliteJournal(file: SqliteFile, limit: number): Journal {
  const bound = bounded(file, 'journal', limit)
  const exists = file.database.prepare('SELECT 1 FROM journal WHERE service = ? AND slot = ?')
  const replace = file.database.prepare(
    `INSERT OR REPLACE INTO journal
       (service, slot, attempt, outcome, step, reason, triggered_at, certificate_ms, tx, signers)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const select = file.database.prepare<[string, bigint, bigint, number], Row>(
    'SELECT * FROM journal WHERE service = ? AND slot BETWEEN ? AND ? ORDER BY slot DESC LIMIT ?',
  )
  return {
    record(entry) {
      checkInteger('slot', entry.slot)
      const transaction = entry.transaction === null ? null : checkBytes('transaction', entry.transaction, 32)
      bound.add(entry.service, () => {
        const isNew = exists.get(entry.service, entry.slot) === undefined
        replace.run(
          entry.service,
          entry.slot,
          entry.attempt,
          entry.outcome,
          entry.step,
          entry.reason,
          entry.triggeredAt,
          entry.certificateMs,
          transaction,
          JSON.stringify(entry.signers),
        )
        return isNew
      })
    },
    list: (query) => file.run(() => select.all(...listArguments(query)).map(toRecord)),
  }
}

function toRecord(row: Row): SlotRecord {
  return {
    service: row.service,
    slot: row.slot,
    attempt: Number(row.attempt),
    outcome: row.outcome,
    step: row.step,
    reason: row.reason,
    triggeredAt: row.triggered_at,
    certificateMs: row.certificate_ms,
    transaction: row.tx === null ? null : bytesToHex(row.tx),
    signers: JSON.parse(row.signers) as string[],
  }
}
