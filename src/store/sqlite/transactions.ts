import * as z from 'zod'
import { LariatError } from '../../util/errors.ts'
import { type Hex, hexToBytes } from '../../util/hex.ts'
import { toJson } from '../../util/json.ts'
import { checkInteger } from '../limits.ts'
import { hexText, integerText, signedShape } from '../signedShape.ts'
import { type IntentScope, type IntentStore, MAX_ENDED_INTENTS, type StoredIntent } from '../transactions.ts'
import { openDatabase, type Schema } from './database.ts'

const SCHEMA: Schema = {
  name: 'transactions file',
  applicationId: 0x4c525458, // "LRTX"
  // a transaction goes out only when it is on disk: who restarts then finds it again
  synchronous: 'FULL',
  mend: 'see on a block explorer that no transaction of the account is pending, stop this operator, and move the file with its -wal and -shm away',
  migrations: [
    `
    CREATE TABLE intent (
      genesis BLOB NOT NULL,
      account BLOB NOT NULL,
      key TEXT NOT NULL,
      is_open INTEGER NOT NULL,
      nonce INTEGER NOT NULL,
      created_at REAL NOT NULL,
      updated_at REAL NOT NULL,
      record TEXT NOT NULL, -- JSON
      PRIMARY KEY (genesis, account, key)
    ) STRICT;
    CREATE INDEX intent_open ON intent (genesis, account, is_open, created_at);
    `,
  ],
}

const recordSchema = z.strictObject({
  key: z.string(),
  once: z.boolean(),
  state: z.enum(['sending', 'stuck', 'mined', 'final', 'reverted', 'replaced', 'refused']),
  until: z.number().nullable(),
  ...signedShape,
  hashes: z.array(hexText).min(1),
  landing: z
    .strictObject({
      hash: hexText,
      blockNumber: integerText,
      gasUsed: integerText,
      status: z.enum(['success', 'reverted']),
      contractAddress: hexText.nullable(),
    })
    .nullable(),
  createdAt: z.number(),
  updatedAt: z.number(),
})

/** @throws LariatError `store.damaged` */
function readRecord(path: string, text: string): StoredIntent {
  try {
    return recordSchema.parse(JSON.parse(text)) as StoredIntent
  } catch (error) {
    throw new LariatError('store.damaged', `${path} holds a record that is none: ${SCHEMA.mend}`, { path }, error)
  }
}

/** States whose end is not known. */
const OPEN: ReadonlySet<string> = new Set(['sending', 'stuck', 'mined'])

/**
 * Opens the record of an account's transactions: on disk at each commit (WAL, synchronous=FULL), the newest
 * `MAX_ENDED_INTENTS` of those that ended. Rows of other accounts and chains stay as they are.
 * @throws LariatError `store.damaged`, `store.foreign`, `store.version`, `store.failed`
 */
export function openIntentStore(path: string, scope: IntentScope, limit = MAX_ENDED_INTENTS): IntentStore {
  const file = openDatabase(path, SCHEMA)
  const { database } = file
  const own = [hexToBytes(scope.genesisHash), hexToBytes(scope.account)] as const
  const put = database.prepare(
    `INSERT OR REPLACE INTO intent (genesis, account, key, is_open, nonce, created_at, updated_at, record)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const drop = database.prepare(
    `DELETE FROM intent WHERE rowid IN (SELECT rowid FROM intent WHERE genesis = ? AND account = ? AND is_open = 0
       ORDER BY created_at DESC LIMIT -1 OFFSET ?)`,
  )
  const find = database.prepare<unknown[], { record: string }>(
    'SELECT record FROM intent WHERE genesis = ? AND account = ? AND key = ?',
  )
  const open = database.prepare<unknown[], { record: string }>(
    'SELECT record FROM intent WHERE genesis = ? AND account = ? AND is_open = 1 ORDER BY created_at, nonce',
  )

  const read = (text: string) => readRecord(path, text)

  let puts = 0
  return {
    put(record) {
      checkInteger('nonce', record.nonce)
      const isOpen = OPEN.has(record.state)
      file.run(() => {
        put.run(...own, record.key, isOpen ? 1 : 0, record.nonce, record.createdAt, record.updatedAt, toJson(record))
        // now and then is enough
        if (!isOpen && ++puts % PRUNE_EVERY === 0) drop.run(...own, limit)
      })
    },
    find(key) {
      const row = file.run(() => find.get(...own, key))
      return row === undefined ? undefined : read(row.record)
    },
    open: () => file.run(() => open.all(...own)).map(({ record }) => read(record)),
    close: () => file.close(),
  }
}

/**
 * Opens again what landed for good in a block from `block` on, whoever sent it: on a chain that undid final blocks nobody knows any
 * more how it ended. Who starts then looks where it is now, and sends it again if it is nowhere.
 * @returns how many there are
 * @throws LariatError as `openIntentStore`
 */
export function reopenIntents(path: string, genesisHash: Hex, block: bigint): number {
  const file = openDatabase(path, SCHEMA)
  try {
    const ended = file.database.prepare<unknown[], { rowid: bigint; record: string }>(
      'SELECT rowid, record FROM intent WHERE genesis = ? AND is_open = 0',
    )
    const open = file.database.prepare('UPDATE intent SET is_open = 1, record = ? WHERE rowid = ?')
    const reopen = file.database.transaction(() => {
      let reopened = 0
      for (const { rowid, record: text } of ended.all(hexToBytes(genesisHash))) {
        const record = readRecord(path, text)
        if (record.state !== 'final' || record.landing === null || record.landing.blockNumber < block) continue
        open.run(toJson({ ...record, state: 'mined' }), rowid)
        reopened++
      }
      return reopened
    })
    return file.run(() => reopen.immediate())
  } finally {
    file.close()
  }
}

/** Ended transactions from one pruning to the next. */
const PRUNE_EVERY = 64
