import type { Log, LogFields } from '../../src/util/log.ts'

/** What was logged, oldest first. */
export interface MemoryLog extends Log {
  readonly entries: readonly { readonly level: string; readonly message: string; readonly fields: LogFields }[]
}

export function memoryLog(): MemoryLog {
  const entries: { level: string; message: string; fields: LogFields }[] = []
  const make = (more: LogFields): Log => {
    const at =
      (level: string) =>
      (message: string, fields: LogFields = {}) =>
        void entries.push({ level, message, fields: { ...more, ...fields } })
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (fields) => make({ ...more, ...fields }),
    }
  }
  return { ...make({}), entries }
}
