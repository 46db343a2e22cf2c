// Signs slot after slot until it is killed, telling on stdout what became of each request. Started by guard-kill.test.ts.
// A fault ("point:slot", or "point:any") makes it kill itself with SIGKILL at a point of that slot's write: the hooks are here, not in src.
import { writeSync } from 'node:fs'
import Database from 'better-sqlite3'
import { createMetrics } from '../../../src/metrics/registry.ts'
import { createLocalSigner } from '../../../src/signer/local.ts'
import { lockDataDir } from '../../../src/store/lock.ts'
import { openGuardStore } from '../../../src/store/sqlite/guard.ts'
import type { GuardStore } from '../../../src/store/store.ts'
import { systemClock } from '../../../src/util/clock.ts'
import { LariatError } from '../../../src/util/errors.ts'
import type { Hex } from '../../../src/util/hex.ts'
import { silentLog } from '../../../src/util/log.ts'
import {
  type ChildEvent,
  type ChildSetup,
  domain,
  guardKeyOf,
  KEEP_SLOTS,
  operator,
  secret,
  statementOf,
} from './kill-fixtures.ts'

const setup: ChildSetup = JSON.parse(process.argv[2] ?? '')
const [faultPoint, faultSlot] = (setup.fault ?? '').split(':')
let current = -1n

function point(name: string): void {
  if (name !== faultPoint || (faultSlot !== 'any' && faultSlot !== String(current))) return
  process.kill(process.pid, 'SIGKILL')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0) // not one instruction further
}

/** Written at once and in order; what is in the pipe survives this process. */
function tell(event: ChildEvent): void {
  const line = Buffer.from(`${JSON.stringify(event)}\n`)
  for (let at = 0; at < line.length; ) at += writeSync(1, line, at)
}

/** The points between a write and its commit lie inside SQLite's transaction. */
const WRITES = [
  ['INSERT INTO signed', 'before-commit'],
  ['DELETE FROM signed', 'while-pruning'],
] as const
const prepare = Database.prototype.prepare
Database.prototype.prepare = function (this: Database.Database, source: string) {
  const statement = prepare.call(this, source)
  const name = WRITES.find(([start]) => source.startsWith(start))?.[1]
  if (name !== undefined) {
    const run = statement.run.bind(statement) as (...values: unknown[]) => Database.RunResult
    statement.run = (...values: unknown[]) => {
      const result = run(...values)
      point(name)
      return result
    }
  }
  return statement
} as typeof prepare

lockDataDir(setup.folder)
const file = openGuardStore(`${setup.folder}/guard.sqlite`, { create: true })
const store: GuardStore = {
  ...file,
  async checkAndInsert(...values: Parameters<GuardStore['checkAndInsert']>) {
    point('before-insert')
    const outcome = await file.checkAndInsert(...values)
    point('after-commit')
    return outcome
  },
}
const signer = createLocalSigner({
  domain,
  operator,
  secret,
  store,
  clock: systemClock,
  log: silentLog,
  metrics: createMetrics(),
  keepSlots: KEEP_SLOTS,
})

async function attempt(slot: bigint, payload: Hex): Promise<void> {
  current = slot
  const statement = statementOf(slot, payload)
  // A statement that comes alone is written by one statement of SQL, which has no inside; two at a time have a transaction.
  if (faultPoint === 'before-commit' && faultSlot === String(slot)) {
    const beside = { ...statement, attempt: 1 }
    signer.sign({ statement: beside, triggeredAt: signer.floor, window: { from: slot, to: slot } }).catch(() => {})
  }
  try {
    // Triggered at the floor: these tests are about the record, which must hold without the floor's help.
    const signature = await signer.sign({
      statement,
      triggeredAt: signer.floor,
      window: { from: slot, to: slot },
    })
    tell({ slot: String(slot), payload, signature: Buffer.from(signature).toString('hex') })
  } catch (error) {
    if (!(error instanceof LariatError)) throw error
    tell({ slot: String(slot), payload, refused: error.code })
  }
}

tell({ started: true })
for (let slot = BigInt(setup.from); ; slot++) {
  const recorded = file.find(guardKeyOf(slot))?.payload
  await attempt(slot, setup.payload)
  if (recorded) await attempt(slot, recorded)
}
