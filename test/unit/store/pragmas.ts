// Opens both stores beside argv[2] and prints the durability that their connections really have.
import Database from 'better-sqlite3'
import { openDataStore } from '../../../src/store/sqlite/data.ts'
import { openGuardStore } from '../../../src/store/sqlite/guard.ts'

const seen: Record<string, unknown>[] = []
const close = Database.prototype.close
Database.prototype.close = function (this: Database.Database) {
  seen.push({
    journal: this.pragma('journal_mode', { simple: true }),
    synchronous: Number(this.pragma('synchronous', { simple: true })),
  })
  return close.call(this)
}
const path = process.argv[2] ?? ''
openGuardStore(path, { create: true }).close()
const guard = seen.at(-1)
openDataStore(`${path}.data`).close()
process.stdout.write(JSON.stringify({ guard, data: seen.at(-1) }))
