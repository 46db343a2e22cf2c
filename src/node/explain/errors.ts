import { STARTING } from './startingErrors.ts'
import { WORKING } from './workingErrors.ts'

/** What a code of an error stands for. The message of the error itself names file, key, address or amount. */
export interface ErrorEntry {
  readonly what: string
  readonly mend: string
}

/** Every code of a `LariatError` that is no reason of a slot. The catalogue is the documentation: docs/errors.md comes from it. */
export const ERRORS: Readonly<Record<string, ErrorEntry>> = { ...STARTING, ...WORKING }
