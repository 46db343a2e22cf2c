import { type DataLimits, DEFAULT_DATA_LIMITS } from '../limits.ts'
import type { DataStore } from '../store.ts'
import { sqliteCertificates } from './certificates.ts'
import { sqliteCursors } from './cursors.ts'
import { openDatabase, type Schema } from './database.ts'
import { sqliteJournal } from './journal.ts'
import { sqliteKeyValues } from './keyValues.ts'

const SCHEMA: Schema = {
  name: 'data file',
  applicationId: 0x4c524454, // "LRDT"
  synchronous: 'NORMAL',
  mend: 'stop this operator and delete the file with its -wal and -shm: nothing in it protects from slashing, cursors start anew',
  migrations: [
    `
    CREATE TABLE cursor (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE journal (
      service TEXT NOT NULL,
      slot INTEGER NOT NULL,
      attempt INTEGER NOT NULL,
      outcome TEXT NOT NULL,
      step TEXT NOT NULL,
      reason TEXT,
      triggered_at REAL NOT NULL,
      certificate_ms REAL,
      tx BLOB,
      signers TEXT NOT NULL, -- JSON list
      PRIMARY KEY (service, slot)
    ) STRICT;
    CREATE TABLE certificate (
      service TEXT NOT NULL,
      slot INTEGER NOT NULL,
      attempt INTEGER NOT NULL,
      epoch INTEGER NOT NULL,
      payload BLOB NOT NULL,
      absent BLOB NOT NULL,
      signature BLOB NOT NULL,
      value BLOB NOT NULL,
      verified_at REAL NOT NULL,
      PRIMARY KEY (service, slot)
    ) STRICT;
    `,
    `
    CREATE TABLE service_store (
      id INTEGER PRIMARY KEY,
      service TEXT NOT NULL,
      name TEXT NOT NULL,
      version INTEGER NOT NULL,
      UNIQUE (service, name)
    ) STRICT;
    CREATE TABLE service_entry (
      store INTEGER NOT NULL REFERENCES service_store (id),
      key BLOB NOT NULL,
      value BLOB NOT NULL,
      PRIMARY KEY (store, key)
    ) STRICT, WITHOUT ROWID;
    `,
  ],
}

/**
 * Opens cursors, journal, certificates and services' stores: one file, commits that a power cut may undo (WAL, synchronous=NORMAL), bounded
 * for each service.
 * @throws LariatError `store.damaged`, `store.foreign`, `store.version`, `store.failed`
 */
export function openDataStore(path: string, limits: DataLimits = DEFAULT_DATA_LIMITS): DataStore {
  const file = openDatabase(path, SCHEMA)
  return {
    cursors: sqliteCursors(file),
    journal: sqliteJournal(file, limits.journalPerService),
    certificates: sqliteCertificates(file, limits.certificatesPerService),
    keyValues: sqliteKeyValues(file),
    close: () => file.close(),
  }
}
