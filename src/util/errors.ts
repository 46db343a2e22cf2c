/** Exactly typed facts about an error. Never put a secret in here: details are logged as they are. */
export type ErrorDetails = Readonly<Record<string, string | number | bigint | boolean | readonly string[] | undefined>>

/**
 * The error type of the whole project: a stable `code` (usable as a bounded metric label), a short message that says
 * what is wrong, where, and how to mend it, and typed details.
 */
export class LariatError<Code extends string = string> extends Error {
  readonly code: Code
  readonly details: ErrorDetails

  constructor(code: Code, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'LariatError'
    this.code = code
    this.details = details
  }

  /** The first error in the chain of causes, this one included, for which `test` holds. */
  walk(test: (error: unknown) => boolean): unknown {
    let current: unknown = this
    while (current !== undefined && current !== null) {
      if (test(current)) return current
      current = current instanceof Error ? current.cause : undefined
    }
    return undefined
  }
}

/** True when `error` is, or was caused by, an abort of an AbortSignal. */
export function isAbort(error: unknown): boolean {
  for (let e: unknown = error; e instanceof Error; e = e.cause) {
    if (e.name === 'AbortError' || e.name === 'TimeoutError') return true
  }
  return false
}

/** One line for a log: the message and those of its causes. */
export function describe(error: unknown): string {
  const parts: string[] = []
  for (let e: unknown = error; e !== undefined && e !== null && parts.length < 5; ) {
    if (e instanceof Error) {
      const text = 'shortMessage' in e && typeof e.shortMessage === 'string' ? e.shortMessage : e.message
      if (!parts.includes(text)) parts.push(text)
      e = e.cause
    } else {
      parts.push(String(e))
      break
    }
  }
  return parts.join(': ')
}
