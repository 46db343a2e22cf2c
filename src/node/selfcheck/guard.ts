import { statSync } from 'node:fs'
import { describe } from '../../util/errors.ts'
import { fail, type SelfCheck } from './types.ts'

export interface GuardCheckOptions {
  /** The guard's record. */
  readonly file: string
  /** Writes to the record durably, changing nothing in it; throws when that fails. */
  readonly probe: () => void
}

/** ms between two looks: each is one write of a page. */
const EVERY_MS = 5_000
/** ms; the record is on this machine: what cannot be looked at is not there. */
const TRUST_MS = 5_000

/**
 * The record takes a write, and its name still leads to the file that is open: a file that was deleted or replaced goes on
 * taking writes, and all of them are gone with the process.
 */
export function guardCheck({ file, probe }: GuardCheckOptions): SelfCheck {
  const opened = identityOf(file)

  function replaced(): string | undefined {
    const now = identityOf(file)
    if (now !== undefined && now === opened) return undefined
    return now === undefined
      ? `${file} is gone: what is signed now would be forgotten; stop the node and put it back`
      : `${file} is another file than the one that was opened: stop the node, put the newest record there, and start again`
  }

  return {
    name: 'guard',
    everyMs: EVERY_MS,
    trustMs: TRUST_MS,
    run() {
      const wrong = replaced()
      if (wrong !== undefined) return fail(wrong)
      try {
        probe()
        return undefined
      } catch (error) {
        return fail(`${file} cannot be written, so nothing is signed: ${describe(error)}`)
      }
    },
    now: replaced,
  }
}

/** Device and number of a file; undefined when there is none. */
function identityOf(file: string): string | undefined {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? undefined : `${stat.dev}/${stat.ino}`
}
