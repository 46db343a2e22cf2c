import { checkInteger } from '../limits.ts'
import type { CursorStore } from '../store.ts'
import type { SqliteFile } from './database.ts'

/** Cursors in the table `cursor`. */
export function sqliteCursors(file: SqliteFile): CursorStore {
  const select = file.database.prepare<[string], { value: bigint }>('SELECT value FROM cursor WHERE name = ?')
  const upsert = file.database.prepare(
    'INSERT INTO cursor (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  )
  const names = file.database.prepare<[], { name: string }>('SELECT name FROM cursor ORDER BY name')
  return {
    names: () => file.run(() => names.all()).map(({ name }) => name),
    get: (name) => file.run(() => select.get(name)?.value),
    set(name, value) {
      checkInteger(`cursor ${name}`, value)
      file.run(() => upsert.run(name, value))
    },
  }
}
