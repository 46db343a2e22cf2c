import winston from 'winston'
import { type Colour, type ColourOutput, painter } from '../util/colours.ts'
import type { Log, LogFields } from '../util/log.ts'
import { flatten } from './flatten.ts'

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]
export const LOG_FORMATS = ['json', 'pretty'] as const
export type LogFormat = (typeof LOG_FORMATS)[number]

export interface LogOptions {
  readonly level: LogLevel
  readonly format: LogFormat
  /** Standard output unless given. */
  readonly destination?: NodeJS.WritableStream
}

/** winston's key for the finished line. */
const MESSAGE = Symbol.for('message')
/** Strings that need no quotes in pretty form. */
const PLAIN = /^[\w./:@,%+-]+$/
const COLOURS: Record<string, Colour> = { error: 'red', warn: 'yellow', info: 'green', debug: 'grey' }

/**
 * A log on winston. JSON: one object a line with `time` (ISO 8601), `level`, `message` and the fields; a field that would
 * hide one of these gets a trailing underscore. Pretty: for people at a terminal.
 */
export function openLog({ level, format, destination = process.stdout }: LogOptions): Log {
  const paint = painter(destination as ColourOutput)
  const logger = winston.createLogger({
    level,
    levels: { error: 0, warn: 1, info: 2, debug: 3 },
    format: winston.format((entry) => {
      const fields = entry.fields as Record<string, unknown>
      const time = new Date().toISOString()
      const line =
        format === 'json'
          ? JSON.stringify({ time, level: entry.level, message: entry.message, ...fields })
          : pretty(time, entry.level, String(entry.message), fields, paint)
      return Object.assign(entry, { [MESSAGE]: line })
    })(),
    transports: [new winston.transports.Stream({ stream: destination, eol: '\n' })],
  })
  return wrap((at, message, fields) => logger.log({ level: at, message, fields }), logger, {})
}

type Write = (level: LogLevel, message: string, fields: Record<string, unknown>) => void

function wrap(write: Write, logger: winston.Logger, base: Record<string, unknown>): Log {
  const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
    if (logger.isLevelEnabled(level)) write(level, message, fields === undefined ? base : { ...base, ...clean(fields) })
  }
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => wrap(write, logger, { ...base, ...clean(fields) }),
  }
}

function clean(fields: LogFields): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(flatten(fields) as Record<string, unknown>)) {
    result[['time', 'level', 'message'].includes(key) ? `${key}_` : key] = value
  }
  return result
}

function pretty(
  time: string,
  level: string,
  message: string,
  fields: Record<string, unknown>,
  paint: (colour: Colour, text: string) => string,
): string {
  const tail = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) =>
        ` ${paint('grey', `${key}=`)}${typeof value === 'string' && PLAIN.test(value) ? value : JSON.stringify(value)}`,
    )
    .join('')
  // control characters in a message must not reach a terminal
  const safe = message.replace(/\p{Cc}/gu, ' ')
  return `${paint('grey', time.slice(11, 23))} ${paint(COLOURS[level] ?? 'grey', level.padEnd(5))} ${safe}${tail}`
}
