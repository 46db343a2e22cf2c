import type { RecordWatch } from '../../signer/remote/handler.ts'
import type { GuardStore } from '../../store/store.ts'
import { guardCheck } from '../selfcheck/guard.ts'
import { findStorage } from '../selfcheck/storage.ts'

export interface RecordWatchOptions {
  readonly dataDir: string
  /** The record's file, as it was opened. */
  readonly file: string
  readonly store: Pick<GuardStore, 'probe'>
}

/** Watches a signer's record as a node watches its own. */
export function watchRecord({ dataDir, file, store }: RecordWatchOptions): RecordWatch {
  const check = guardCheck({ file, probe: () => store.probe() })
  return {
    gone: () => check.now?.(),
    async look() {
      const [problem, warning] = await Promise.all([
        check.run(new AbortController().signal),
        // no more than a warning: a signer of a test network may have its record in memory
        findStorage(dataDir, false),
      ])
      return { problem: problem?.reason, warning: warning?.reason }
    },
  }
}
