import { describe, LariatError } from '../../util/errors.ts'
import type { Finding } from '../selfcheck/types.ts'

/** One thing that was looked at. */
export interface DoctorLine {
  /** What part of a node it is about. */
  readonly group: 'configuration' | 'machine' | 'keys' | 'chain' | 'registration' | 'network'
  readonly status: 'pass' | 'warn' | 'fail'
  /** What was found; for a warning or a failure with the mend. */
  readonly text: string
}

export type Group = DoctorLine['group']

/** A line from what a check found; `well` is what to say when it found nothing. */
export function lineOf(group: Group, well: string, found: Finding | undefined): DoctorLine {
  return found === undefined
    ? { group, status: 'pass', text: well }
    : { group, status: found.status, text: found.reason }
}

/** The lines of `look`, or one that says why it could not be done. */
export async function tried(
  group: Group,
  what: string,
  look: () => Promise<DoctorLine | readonly DoctorLine[]> | DoctorLine | readonly DoctorLine[],
): Promise<readonly DoctorLine[]> {
  try {
    const lines = await look()
    return Array.isArray(lines) ? lines : [lines as DoctorLine]
  } catch (error) {
    const text = error instanceof LariatError ? describe(error) : `${what}: ${describe(error)}`
    return [{ group, status: 'fail', text }]
  }
}
