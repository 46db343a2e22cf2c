import type { CheckName } from './catalogue.ts'

/** What a look found wrong. `fail`: the node cannot do its work, or must not; `warn`: it can, and its operator should know. */
export interface Finding {
  readonly status: 'warn' | 'fail'
  /** What is wrong, where, and how to mend it: one sentence. */
  readonly reason: string
}

/** One small named look at one fact. */
export interface SelfCheck {
  readonly name: CheckName
  /** The service that it is about; left out for the node as a whole. */
  readonly service?: string
  /** The further chain that it is about; left out for all else. */
  readonly chain?: string
  /** ms from the end of one look to the next. */
  readonly everyMs: number
  /**
   * ms for which the last finding is believed when no new look could be made, because what is looked at does not answer;
   * after that it counts as failed.
   */
  readonly trustMs: number
  /** Undefined when all is well. What it throws means that the look could not be made. */
  readonly run: (signal: AbortSignal) => Promise<Finding | undefined> | Finding | undefined
  /** For checks that bear on signing: asked right before each signature, so cheap. A text says why not to sign. */
  readonly now?: () => string | undefined
}

export type Status = 'pass' | 'warn' | 'fail'

/** How a check stands. Times are ms since the epoch. */
export interface CheckState {
  readonly name: CheckName
  readonly service: string | undefined
  /** There for a check of a further chain. */
  readonly chain?: string
  readonly status: Status
  /** Undefined while it passes. */
  readonly reason: string | undefined
  /** Since when it has this status. */
  readonly since: number
  /** When the last look that could be made ended; undefined before the first. */
  readonly at: number | undefined
  /** Whether nothing is signed because of it, by the node or by its service. */
  readonly stopsSigning: boolean
}

export const warn = (reason: string): Finding => ({ status: 'warn', reason })
export const fail = (reason: string): Finding => ({ status: 'fail', reason })

/** A check's name for people: `prices: epoch`, `guard`, `chain base`. */
export function label({ name, service, chain }: Pick<SelfCheck, 'name' | 'service' | 'chain'>): string {
  if (chain !== undefined) return `chain ${chain}`
  if (service === undefined) return name
  return name === 'service' ? service : `${service}: ${name}`
}
