// What the guard costs, with fsync on: one statement at a time against a signature plus one bare durable insert, and several
// services at once against signing without a guard. The two sides take turns, so that a slow second falls on both.
// npm run bench -- guard [one | services] [rounds]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { signerOf } from '../src/bls/secret/key.ts'
import { createMetrics } from '../src/metrics/registry.ts'
import { createLocalSigner } from '../src/signer/local.ts'
import { blsSecretFromSeed } from '../src/signer/secrets.ts'
import type { StatementSigner } from '../src/signer/signer.ts'
import { openGuardStore } from '../src/store/sqlite/guard.ts'
import { statementDigest } from '../src/types/digest.ts'
import { type Domain, Kind, type Statement } from '../src/types/statement.ts'
import { systemClock } from '../src/util/clock.ts'
import { hexToBytes } from '../src/util/hex.ts'
import { silentLog } from '../src/util/log.ts'
import { print, quantile, round } from './lib/print.ts'

const ONLY = process.argv[2]
const ROUNDS = Number(process.argv[3] ?? 60)
/** Signatures of one side before it is the other's turn. */
const TURN = 80
const SERVICES = 8
/** Turns that warm up the compiler and the file. */
const WARM_UP = 5

const domain: Domain = {
  chainId: 31337,
  genesisHash: `0x${'ab'.repeat(32)}`,
  serviceManager: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
}
const secret = blsSecretFromSeed(new Uint8Array(32).fill(5))
const sign = signerOf(secret.reveal())
const folder = mkdtempSync(join(tmpdir(), 'lariat-bench-guard-'))

let slot = 0n
function statement(service: number): Statement {
  slot++
  const payload = `0x${slot.toString(16).padStart(64, '0')}` as const
  return {
    service: `0x${service.toString(16).padStart(64, '0')}`,
    kind: Kind.certify,
    epoch: 1n,
    slot,
    attempt: 0,
    payload,
  }
}

/** The floor: a table of the same columns, and a commit for every row. */
function bareInsert(): (statement: Statement, digest: Uint8Array) => void {
  const db = new Database(join(folder, 'bare.sqlite'))
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.exec(
    'CREATE TABLE signed (stream INTEGER, slot INTEGER, attempt INTEGER, epoch INTEGER, payload BLOB, digest BLOB, PRIMARY KEY (stream, slot, attempt)) STRICT, WITHOUT ROWID',
  )
  const insert = db.prepare('INSERT INTO signed VALUES (?, ?, ?, ?, ?, ?)')
  return (one, digest) => void insert.run(1, one.slot, one.attempt, one.epoch, hexToBytes(one.payload), digest)
}

const store = openGuardStore(join(folder, 'guard.sqlite'), { create: true })
const metrics = createMetrics()
const guarded: StatementSigner = createLocalSigner({
  ...{ domain, secret, store, metrics },
  operator: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  clock: systemClock,
  log: silentLog,
  startedAt: 0,
})
const request = (one: Statement) => ({
  statement: one,
  triggeredAt: systemClock.now(),
  window: { from: one.slot - 10n, to: one.slot },
})

/** ms for a turn of `work`. */
async function timed(work: () => Promise<void>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}

/** Runs both sides in turns. @returns ms per signature of each, the median of turns, and the median ratio of neighbours */
async function compare(guardedTurn: () => Promise<void>, floorTurn: () => Promise<void>) {
  const ours: number[] = []
  const floor: number[] = []
  for (let i = 0; i < ROUNDS + WARM_UP; i++) {
    const first = i % 2 === 0
    const a = first ? await timed(guardedTurn) : 0
    const b = await timed(floorTurn)
    const c = first ? a : await timed(guardedTurn)
    if (i < WARM_UP) continue
    ours.push(c / TURN)
    floor.push(b / TURN)
  }
  const ratios = ours.map((ms, i) => (floor[i] ?? Number.NaN) / ms)
  return { ours: quantile(ours, 0.5), floor: quantile(floor, 0.5), ratio: quantile(ratios, 0.5) }
}

function show(name: string, services: number, against: string, result: Awaited<ReturnType<typeof compare>>) {
  print({
    bench: 'guard',
    case: name,
    services,
    against,
    unit: 'signatures/s',
    value: round(1000 / result.ours, 0),
    floor: round(1000 / result.floor, 0),
    ratio: round(result.ratio, 3),
  })
}

try {
  if (ONLY !== 'services') {
    const insert = bareInsert()
    const result = await compare(
      async () => {
        for (let i = 0; i < TURN; i++) await guarded.sign(request(statement(1)))
      },
      async () => {
        for (let i = 0; i < TURN; i++) {
          const one = statement(1)
          const digest = statementDigest(domain, one)
          insert(one, digest)
          await Promise.resolve(sign(digest))
        }
      },
    )
    show('one', 1, 'a signature and a bare durable insert', result)
  }
  if (ONLY !== 'one') {
    const each = async (one: (service: number) => Promise<unknown>) => {
      const services = Array.from({ length: SERVICES }, async (_, service) => {
        for (let i = 0; i < TURN / SERVICES; i++) await one(service)
      })
      await Promise.all(services)
    }
    const result = await compare(
      () => each((service) => guarded.sign(request(statement(service)))),
      () => each(async (service) => sign(statementDigest(domain, statement(service)))),
    )
    show('services', SERVICES, 'signatures without a guard', result)
  }
} finally {
  store.close()
  rmSync(folder, { recursive: true })
}
