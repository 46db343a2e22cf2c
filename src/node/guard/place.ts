import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { lockDataDir } from '../../store/lock.ts'
import { LariatError } from '../../util/errors.ts'
import { loadConfig } from '../config/load.ts'
import { files } from '../files.ts'
import { PLUGINS } from '../plugins.ts'

/** Names a guard's record: by the configuration of its node, or by the data folder of whatever signs with it. */
export interface GuardPlace {
  readonly config?: string
  readonly dataDir?: string
}

/** The record's file. @throws LariatError `usage.guard`, `config.…` */
export async function guardPath({ config, dataDir }: GuardPlace): Promise<string> {
  if ((config === undefined) === (dataDir === undefined)) {
    throw new LariatError('usage.guard', 'name the node by --config FILE, or its data folder by --data-dir FOLDER')
  }
  if (config !== undefined) return files((await loadConfig(config, PLUGINS, { ecdsa: false })).dataDir).guard
  const folder = resolve(dataDir ?? '')
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!isFolder) throw new LariatError('usage.guard', `${folder} is no folder: name an existing data folder`)
  return files(folder).guard
}

/** Works on the record while nobody signs with it. @throws LariatError `store.locked` while a node runs */
export async function withStoppedNode<T>(path: string, work: () => Promise<T> | T): Promise<T> {
  const lock = lockDataDir(dirname(path))
  try {
    return await work()
  } finally {
    lock.release()
  }
}
