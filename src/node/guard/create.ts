import { existsSync } from 'node:fs'
import { takeSnapshot } from '../../chain/snapshot.ts'
import { LariatError } from '../../util/errors.ts'
import { openSession } from '../operator/session.ts'
import { makeGuard, registeredIn } from './open.ts'
import { type GuardPlace, guardPath, withStoppedNode } from './place.ts'

/**
 * Makes the empty record of an operator that has signed nothing yet. By a node's configuration the chain is asked whether
 * that can be; of a data folder alone nobody can tell, and it must be a new one.
 * @returns the record's file
 * @throws LariatError `guard.state` when there is one, `guard.missing` when a key is on chain, `store.…`, `chain.…`
 */
export async function createGuard(place: GuardPlace): Promise<string> {
  const path = await guardPath(place)
  if (existsSync(path)) {
    throw new LariatError('guard.state', `${path} is there already: lariat guard show tells what it holds`, { path })
  }
  if (place.config !== undefined) await refuseRegistered(place.config, path)
  await withStoppedNode(path, () => makeGuard(path))
  return path
}

async function refuseRegistered(configFile: string, path: string): Promise<void> {
  const { config, chain, operator, close } = await openSession({ config: configFile, send: false })
  try {
    const [found] = await registeredIn({
      operator,
      serviceManagers: config.services.map(({ config: { contract } }) => contract),
      snapshot: () => takeSnapshot(chain),
    })
    if (found === undefined) return
    throw new LariatError(
      'guard.missing',
      `${found} has a key of ${operator}, so there must have been a record at ${path}: put it back, import what was exported (lariat guard import), or see \`lariat guard accept --help\``,
      { path, operator },
    )
  } finally {
    await close()
  }
}
