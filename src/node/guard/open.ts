import { existsSync } from 'node:fs'
import { serviceManagerAbi } from '../../chain/abi/serviceManager.ts'
import type { SnapshotRead } from '../../chain/snapshot.ts'
import { openGuardStore } from '../../store/sqlite/guard.ts'
import type { GuardStore } from '../../store/store.ts'
import { LariatError } from '../../util/errors.ts'
import type { Address } from '../../util/hex.ts'

export interface NodeGuardOptions {
  /** The record's file. */
  readonly path: string
  /** The operator, and the ServiceManagers that it may have joined. */
  readonly operator: Address
  readonly serviceManagers: readonly Address[]
  /** Of the newest block. */
  readonly snapshot: () => Promise<{ readonly read: SnapshotRead }>
}

/**
 * Opens the guard's record of a node. One that is missing is made only for an operator that no ServiceManager has a key
 * of: with a key on chain something may have been signed, and an empty record would have forgotten it.
 * @throws LariatError `guard.missing`, `store.…`; what reading the chain throws
 */
export async function openNodeGuard(options: NodeGuardOptions): Promise<GuardStore> {
  const { path, operator } = options
  if (existsSync(path)) return openGuardStore(path)
  const [place] = await registeredIn(options)
  if (place === undefined) return openGuardStore(path, { create: true })
  throw new LariatError(
    'guard.missing',
    `${path} is missing, and ${place} has a key of ${operator}: an empty record forgets what was signed with it. Put the file back, import what was exported (lariat guard import), or see \`lariat guard accept --help\``,
    { path, operator },
  )
}

/** The ServiceManagers with which the operator ever registered a key. */
export async function registeredIn({
  operator,
  serviceManagers,
  snapshot,
}: Pick<NodeGuardOptions, 'operator' | 'serviceManagers' | 'snapshot'>): Promise<readonly Address[]> {
  const { read } = await snapshot()
  const keys = await Promise.all(
    serviceManagers.map((address) =>
      read({ address, abi: serviceManagerAbi, functionName: 'keyOf', args: [operator] }),
    ),
  )
  return serviceManagers.filter((_, i) => keys[i] !== '0x')
}

/** Makes an empty record unless one is there or must have been: before the first key that it guards is registered. */
export async function makeGuardBeforeKey(options: NodeGuardOptions): Promise<void> {
  const { path } = options
  if (!existsSync(path) && (await registeredIn(options)).length === 0) makeGuard(path)
}

/** Makes an empty record at `path`, where there is none. @throws LariatError `store.missing` when there was one */
export function makeGuard(path: string): void {
  openGuardStore(path, { create: true }).close()
}
