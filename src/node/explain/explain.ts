import { REASONS } from '../../avs/reasons.ts'
import { LariatError } from '../../util/errors.ts'
import { nearest } from '../../util/near.ts'
import { EXIT_CODES, exitCodeOf } from '../exit.ts'
import { SELF_CHECKS } from '../selfcheck/catalogue.ts'
import { ERRORS } from './errors.ts'

/** What a code stands for. */
export interface Explained {
  readonly code: string
  /** Why a slot did not end as it should, an error, a look at itself that a node takes, or how a command ended. */
  readonly kind: 'reason' | 'error' | 'self-check' | 'exit code'
  readonly what: string
  /** What an operator can do. */
  readonly mend: string
  /** Of a reason: the step of the path of a task at which it shows. */
  readonly step?: string
  /** Of a self-check: what it bears on. */
  readonly bears?: string
  /** Of an error: how a command that it ends exits. */
  readonly exitCode?: number
}

/** Codes that are suggested for one that is not known. */
const MAX_NEAR = 5

/** Everything that can be explained, by kind and then by name. */
export function catalogue(): readonly Explained[] {
  return [
    ...Object.entries(REASONS).map(([code, entry]): Explained => ({ code, kind: 'reason', ...entry })),
    ...Object.entries(SELF_CHECKS).map(
      ([code, { bears, what, mend }]): Explained => ({ code, kind: 'self-check', what, mend, bears }),
    ),
    ...Object.entries(ERRORS).map(
      ([code, entry]): Explained => ({
        code,
        kind: 'error',
        ...entry,
        exitCode: exitCodeOf(new LariatError(code, '')),
      }),
    ),
    ...Object.values(EXIT_CODES).map(
      ({ code, what, again }): Explained => ({ code: String(code), kind: 'exit code', what, mend: again }),
    ),
  ]
}

/** @throws LariatError `explain.unknown`, which names the nearest codes */
export function explain(code: string): Explained {
  const wanted = code.trim().toLowerCase()
  const all = catalogue()
  const found = all.find((entry) => entry.code.toLowerCase() === wanted)
  if (found !== undefined) return found
  const near = nearest(
    wanted,
    all.map((entry) => entry.code),
    MAX_NEAR,
  )
  throw new LariatError(
    'explain.unknown',
    `there is no code "${code}": ${near.length === 0 ? 'lariat explain lists all codes' : `did you mean ${near.join(', ')}?`}`,
    { near },
  )
}

/** For people. */
export function explainedText({ code, kind, what, mend, step, bears, exitCode }: Explained): string {
  const about = [
    kind,
    ...(step === undefined ? [] : [`step ${step}`]),
    ...(bears === undefined ? [] : [`bears on ${bears}`]),
    ...(exitCode === undefined ? [] : [`exit code ${exitCode}`]),
  ]
  return [`${code} (${about.join(', ')})`, `  what  ${what}`, `  mend  ${mend}`].join('\n')
}

/** All codes, a line each. */
export function catalogueText(all: readonly Explained[]): string {
  const width = Math.max(...all.map(({ code }) => code.length))
  const kinds = [...new Set(all.map(({ kind }) => kind))]
  return kinds
    .flatMap((kind) => [
      `${kind}s`,
      ...all.filter((entry) => entry.kind === kind).map(({ code, what }) => `  ${code.padEnd(width)}  ${what}`),
      '',
    ])
    .join('\n')
    .trimEnd()
}
