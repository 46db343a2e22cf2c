/** Facts beside a log message. Values are logged as they are: never a secret. */
export type LogFields = Readonly<Record<string, unknown>>

/** What the rest of the project knows of logging; `openLog` makes one with winston. */
export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A log that adds `fields` to every entry. */
  child(fields: LogFields): Log
}

/** Discards everything. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLog,
}
