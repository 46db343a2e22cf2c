import type { Clock } from '../../util/clock.ts'
import { toJson } from '../../util/json.ts'
import type { Log, LogFields } from '../../util/log.ts'
import { flatten } from '../flatten.ts'

/** Entries that are kept: some minutes of a node in trouble. */
export const MAX_WARNINGS = 100
/** Longest message and longest field, characters: what is cut here is whole in the log. */
const MAX_TEXT = 300
/** Fields of one entry. */
const MAX_FIELDS = 12

/** A warning or an error of the log, as the status page shows it. */
export interface Warning {
  /** Unix seconds. */
  readonly at: number
  readonly level: 'warn' | 'error'
  readonly message: string
  /** Short texts, by name. */
  readonly fields: Readonly<Record<string, string>>
}

export interface RecentWarnings {
  /** `log`, whose warnings and errors are kept from now on. */
  watch(log: Log): Log
  /** Oldest first. */
  list(): readonly Warning[]
  /** Calls `handler` for each further one; returns the function that ends it. */
  onWarning(handler: (warning: Warning) => void): () => void
}

/**
 * The last warnings and errors. They pass through the same flattening as the log, which keeps secrets redacted, and URLs are cut down
 * to their origin besides: paths of providers hold keys.
 */
export function recentWarnings(clock: Clock): RecentWarnings {
  const kept: Warning[] = []
  const handlers = new Set<(warning: Warning) => void>()

  function keep(level: Warning['level'], message: string, fields: LogFields): void {
    const warning = { at: clock.now() / 1_000, level, message: shown(message), fields: shownFields(fields) }
    kept.push(warning)
    if (kept.length > MAX_WARNINGS) kept.shift()
    for (const handler of handlers) handler(warning)
  }

  const watch = (log: Log, base: LogFields = {}): Log => ({
    debug: (message, fields) => log.debug(message, fields),
    info: (message, fields) => log.info(message, fields),
    warn(message, fields) {
      log.warn(message, fields)
      keep('warn', message, { ...base, ...fields })
    },
    error(message, fields) {
      log.error(message, fields)
      keep('error', message, { ...base, ...fields })
    },
    child: (fields) => watch(log.child(fields), { ...base, ...fields }),
  })

  return {
    watch: (log) => watch(log),
    list: () => [...kept],
    onWarning(handler) {
      handlers.add(handler)
      return () => void handlers.delete(handler)
    },
  }
}

function shownFields(fields: LogFields): Record<string, string> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.slice(0, MAX_FIELDS).map(([name, value]) => [name, shown(wordsOf(flatten(value)))]))
}

/** An error is its message: code, details and stack are in the log. */
function wordsOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'object' && value !== null && 'message' in value) return String(value.message)
  return toJson(value) ?? ''
}

function shown(text: string): string {
  const plain = text
    .slice(0, 2 * MAX_TEXT)
    .replace(/\b((?:https?|wss?):\/\/)(?:[^\s/@]*@)?([^\s/?#"']+)[/?#][^\s"']*/gi, '$1$2/…')
  return plain.length > MAX_TEXT ? `${plain.slice(0, MAX_TEXT)}…` : plain
}
