import { durationText } from '../../util/duration.ts'
import { type Paint, wrapped } from './rows.ts'
import type { ShownWarning } from './schema.ts'

/** Warnings that are told, those of one message counted together; the others are on the status page and in the log. */
const TOLD = 5
/** Characters of the fields of one warning. */
const MAX_FIELDS = 160

/** The last warnings and errors of the log, the newest last. */
export function warningRows(warnings: readonly ShownWarning[], now: number, width: number, paint: Paint): string[] {
  if (warnings.length === 0) return []
  const byMessage = new Map<string, { readonly count: number; readonly newest: ShownWarning }>()
  for (const newest of warnings) {
    const key = `${newest.level} ${newest.message}`
    const count = (byMessage.get(key)?.count ?? 0) + 1
    byMessage.delete(key)
    byMessage.set(key, { count, newest })
  }
  const told = [...byMessage.values()].slice(-TOLD)
  const ages = told.map(({ newest }) => `${durationText(now - newest.at)} ago`)
  const column = Math.max(...ages.map(({ length }) => length)) + 2
  const kinds = byMessage.size > TOLD ? `, the last ${TOLD} kinds of ${byMessage.size}` : ''
  return [
    '',
    `recent warnings of the log, ${warnings.length} in all${kinds}:`,
    ...told.flatMap(({ count, newest: { level, message, fields } }, i) => {
      const times = count === 1 ? '' : ` (${count} times)`
      const text = `${message}${times}${fieldsOf(fields)}`
      return wrapped(text, Math.max(30, width - column - 7)).map((line, nth) =>
        nth === 0
          ? `${(ages[i] ?? '').padEnd(column)}${paint(level === 'error' ? 'red' : 'yellow', level.padEnd(7))}${line}`
          : `${' '.repeat(column + 7)}${line}`,
      )
    }),
  ]
}

function fieldsOf(fields: Readonly<Record<string, string>>): string {
  const text = Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
  if (text === '') return ''
  return `: ${text.length > MAX_FIELDS ? `${text.slice(0, MAX_FIELDS)}…` : text}`
}
