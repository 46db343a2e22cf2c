import { statfs } from 'node:fs/promises'
import { type Finding, fail, type SelfCheck, warn } from './types.ts'

/** How far a file system can be trusted with a record that must survive. Numbers are `f_type` of Linux's statfs(2). */
const FILE_SYSTEMS: ReadonlyMap<number, { readonly name: string; readonly kind: 'memory' | 'network' | 'layer' }> =
  new Map([
    [0x01021994, { name: 'tmpfs', kind: 'memory' }],
    [0x858458f6, { name: 'ramfs', kind: 'memory' }],
    [0x6969, { name: 'nfs', kind: 'network' }],
    [0xff534d42, { name: 'cifs', kind: 'network' }],
    [0xfe534d42, { name: 'smb2', kind: 'network' }],
    [0x517b, { name: 'smb', kind: 'network' }],
    [0x5346414f, { name: 'afs', kind: 'network' }],
    [0x00c36400, { name: 'ceph', kind: 'network' }],
    [0x01021997, { name: '9p', kind: 'network' }],
    [0x794c7630, { name: 'overlay', kind: 'layer' }],
  ])

/** ms between two looks: what is mounted where hardly ever changes while a program runs. */
const EVERY_MS = 60_000
const TRUST_MS = 60_000

/** Whether `dataDir` lies where a record lasts; `volatile` allows memory, for test networks. */
export function storageCheck(dataDir: string, { volatileStorage }: { readonly volatileStorage: boolean }): SelfCheck {
  return {
    name: 'storage',
    everyMs: EVERY_MS,
    trustMs: TRUST_MS,
    run: () => findStorage(dataDir, volatileStorage),
  }
}

/** @throws what statfs throws */
export async function findStorage(dataDir: string, volatileStorage: boolean): Promise<Finding | undefined> {
  const { type } = await statfs(dataDir)
  const known = FILE_SYSTEMS.get(type)
  switch (known?.kind) {
    case 'memory':
      return volatileStorage
        ? undefined
        : fail(
            `${dataDir} lies in memory (${known.name}), and with it the guard's record: move dataDir to a disk, or set checks.volatileStorage on a test network`,
          )
    case 'network':
      return fail(
        `${dataDir} lies on a network file system (${known.name}), where SQLite's locks and flushes cannot be trusted: move dataDir to a local disk`,
      )
    case 'layer':
      return warn(
        `${dataDir} lies in a container's own layer (${known.name}), which goes with the container: mount a volume there`,
      )
    default:
      return undefined
  }
}
