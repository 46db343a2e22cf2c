import { describe } from '../util/errors.ts'
import type { Log } from '../util/log.ts'

/** One thing that somebody wants to know of a service, in words. */
export interface StatusLine {
  /** What it is about, in at most 24 characters: `newest round`, `base → stake`. */
  readonly about: string
  /** How that stands, and since when. */
  readonly text: string
  readonly state: 'ok' | 'warn' | 'fail'
}

/** How a service stands. */
export interface ServiceStatus {
  /** For people, the most important first. */
  readonly lines: readonly StatusLine[]
  /** The same for programs: a JSON value in which bigints become decimal strings; times are Unix seconds. */
  readonly facts: unknown
}

/** What a plug-in tells of how its service stands. */
export interface StatusHook<Context> {
  /** Shape of `facts`, written as commands write theirs (docs/cli.md). */
  readonly json: string
  /** From what is in memory: it is asked whenever somebody looks, and waits for nothing. */
  readonly read: (context: Context) => ServiceStatus
}

/** Lines of one service: a bridge with all the chains that it can have has fewer. */
const MAX_LINES = 400
/** Longest text of a line, characters: what is wrong with how to mend it. */
const MAX_TEXT = 1_000
const MAX_ABOUT = 24

/** What the hook tells within limits; null where there is no hook. One that throws is told of, and nothing else suffers. */
export function statusOf<Context>(
  hook: StatusHook<Context> | undefined,
  context: Context,
  log: Log,
): ServiceStatus | null {
  if (hook === undefined) return null
  try {
    const { lines, facts } = hook.read(context)
    return {
      lines: lines.slice(0, MAX_LINES).map(({ about, text, state }) => ({
        about: about.slice(0, MAX_ABOUT),
        text: text.slice(0, MAX_TEXT),
        state,
      })),
      facts,
    }
  } catch (error) {
    log.error('the status of a service could not be read', { error })
    const text = `the plug-in could not tell its status: ${describe(error)}`
    return { lines: [{ about: 'status', text: text.slice(0, MAX_TEXT), state: 'fail' }], facts: null }
  }
}
