import { bytesToHex } from '../../util/hex.ts'
import { checkBytes, checkInteger, checkValueSize, MAX_STORED_INTEGER } from '../limits.ts'
import type { CertificateStore, StoredCertificate } from '../store.ts'
import { bounded, listArguments } from './bounded.ts'
import type { SqliteFile } from './database.ts'

interface Row {
  readonly service: string
  readonly slot: bigint
  readonly attempt: bigint
  readonly epoch: bigint
  readonly payload: Uint8Array
  readonly absent: Uint8Array
  readonly signature: Uint8Array
  readonly value: Uint8Array
  readonly verified_at: number
}

/** Certificates in the table `certificate`; the `limit` highest slots of each service stay. */
export function sqliteCertificates(file: SqliteFile, limit: number): CertificateStore {
  const bound = bounded(file, 'certificate', limit)
  const insert = file.database.prepare(
    `INSERT OR IGNORE INTO certificate
       (service, slot, attempt, epoch, payload, absent, signature, value, verified_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const update = file.database.prepare(
    `UPDATE certificate
       SET attempt = ?, epoch = ?, payload = ?, absent = ?, signature = ?, value = ?, verified_at = ?
     WHERE service = ? AND slot = ?`,
  )
  const selectOne = file.database.prepare<[string, bigint], Row>(
    'SELECT * FROM certificate WHERE service = ? AND slot = ?',
  )
  const select = file.database.prepare<[string, bigint, bigint, number], Row>(
    'SELECT * FROM certificate WHERE service = ? AND slot BETWEEN ? AND ? ORDER BY slot DESC LIMIT ?',
  )
  return {
    put(certificate) {
      const { service, attempt, absent, signature, value, verifiedAt } = certificate
      const slot = checkInteger('slot', certificate.slot)
      const epoch = checkInteger('epoch', certificate.epoch)
      const payload = checkBytes('payload', certificate.payload, 32)
      checkValueSize(value)
      bound.add(
        service,
        () => insert.run(service, slot, attempt, epoch, payload, absent, signature, value, verifiedAt).changes > 0,
      )
    },
    replace(certificate) {
      const { service, attempt, absent, signature, value, verifiedAt } = certificate
      const slot = checkInteger('slot', certificate.slot)
      const epoch = checkInteger('epoch', certificate.epoch)
      const payload = checkBytes('payload', certificate.payload, 32)
      checkValueSize(value)
      file.run(() => update.run(attempt, epoch, payload, absent, signature, value, verifiedAt, service, slot))
    },
    get: (service, slot) =>
      file.run(() => {
        const row = slot < 0n || slot > MAX_STORED_INTEGER ? undefined : selectOne.get(service, slot)
        return row && toCertificate(row)
      }),
    list: (query) => file.run(() => select.all(...listArguments(query)).map(toCertificate)),
  }
}

function toCertificate(row: Row): StoredCertificate {
  return {
    service: row.service,
    slot: row.slot,
    attempt: Number(row.attempt),
    epoch: row.epoch,
    payload: bytesToHex(row.payload),
    absent: new Uint8Array(row.absent),
    signature: new Uint8Array(row.signature),
    value: new Uint8Array(row.value),
    verifiedAt: row.verified_at,
  }
}
