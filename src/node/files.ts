import { join } from 'node:path'

/** What lies in a data folder. */
export interface DataFiles {
  /** The guard's record: the one file that must never be lost or copied. */
  readonly guard: string
  /** Cursors, journal, certificates. */
  readonly data: string
  /** libp2p key. */
  readonly p2pKey: string
  /** Where the running node's HTTP server listens. */
  readonly api: string
}

export function files(dataDir: string): DataFiles {
  return {
    guard: join(dataDir, 'guard.sqlite'),
    data: join(dataDir, 'data.sqlite'),
    p2pKey: join(dataDir, 'p2p.key'),
    api: join(dataDir, 'api.json'),
  }
}
